"""The mails of a ticket, sent and received, as its rail lists them: read as columns, put together once."""

from typing import Any

from sqlalchemy import BigInteger, bindparam, case, cast, func, literal, null, select, union_all

from backend.auth import Who
from backend.db import session
from backend.mail.models import InboundMail, OutboundMail

SHOWN = 30
_CAME: Any = select(
    literal("in").label("way"),
    InboundMail.id,
    InboundMail.message_id,
    func.coalesce(func.nullif(InboundMail.from_name, ""), InboundMail.from_address).label("who"),
    InboundMail.subject,
    InboundMail.kind.label("state"),
    InboundMail.received_at.label("at"),
).where(InboundMail.ticket_id == bindparam("ticket"))
_WENT: Any = select(
    literal("out").label("way"),
    OutboundMail.id,
    func.coalesce(OutboundMail.message_id, cast(null(), BigInteger)).label("message_id"),
    func.coalesce(func.nullif(OutboundMail.to[0]["name"].astext, ""), OutboundMail.to[0]["address"].astext).label(
        "who"
    ),
    OutboundMail.subject,
    case((OutboundMail.bounces.contains([{"permanent": True}]), "bounced"), else_=OutboundMail.state).label("state"),
    func.coalesce(OutboundMail.sent_at, OutboundMail.created_at).label("at"),
).where(OutboundMail.ticket_id == bindparam("ticket"))
_BOTH: Any = union_all(_CAME, _WENT).subquery()
_MAILS: Any = select(_BOTH).order_by(_BOTH.c.at.desc(), _BOTH.c.id.desc()).limit(SHOWN)


def mails_of(ticket_id: int, who: Who) -> list[Any]:
    """The newest mails of a ticket, sent or received, with who is at the other end and how each fares."""
    return list(session.execute(_MAILS, {"ticket": ticket_id})) if who.may("mail.read") else []
