"""The logs of mail that came in and went out."""

from typing import Any

from sqlalchemy import Row, Select, or_, select

from backend import config, files
from backend.api import cursor
from backend.api.operation import PREFIX, Listed, operation
from backend.api.shapes.mail import InboundOut, InboundQuery, OutboundOut, OutboundQuery
from backend.api.shapes.values import Address
from backend.api.views.messages import addresses, either_way
from backend.auth import me, requires
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.mail import actions
from backend.mail.models import InboundMail, Mailbox, OutboundMail, Outcome
from backend.tickets.models import Ticket, tickets_visible_to
from backend.web import file_response


def _inbound_shape(row: Row[Any]) -> InboundOut:
    return InboundOut(
        id=row.id,
        mailbox=row.mailbox,
        internet_message_id=row.exchange_message_id or row.internet_message_id,
        from_=Address(name=row.from_name, address=row.from_address),
        subject=row.subject,
        outcome=row.outcome,
        kind=row.kind,
        reason=row.reason,
        ticket=row.ticket,
        message=row.message_id,
        received_at=row.received_at,
        original=f"{config.current().url}{PREFIX}/inbound/{row.id}/original",
    )


@operation("GET", "/inbound", tag="mail", answer=InboundOut, many=True, query=InboundQuery)
@requires("mail.read")
def list_inbound(query: InboundQuery) -> Listed:
    """Every mail that came in, the one taken in last first, and what became of it; without those of deleted tickets."""
    wanted = (
        select(InboundMail.__table__, Mailbox.address.label("mailbox"), Ticket.number.label("ticket"))
        .join(Mailbox, Mailbox.id == InboundMail.mailbox_id)
        .outerjoin(Ticket, Ticket.id == InboundMail.ticket_id)
        .where(InboundMail.outcome != Outcome.DELETED)
        .order_by(InboundMail.id.desc())
    )
    if query.internet_message_id:
        ids = either_way(query.internet_message_id)
        wanted = wanted.where(or_(InboundMail.internet_message_id.in_(ids), InboundMail.exchange_message_id.in_(ids)))
    if query.mailbox:
        wanted = wanted.where(Mailbox.address == query.mailbox)
    if query.outcome:
        wanted = wanted.where(InboundMail.outcome == query.outcome)
    if query.cursor:
        wanted = wanted.where(InboundMail.id < cursor.unseal("inbound", query.cursor)[0])
    rows = session.execute(wanted.limit(query.limit + 1)).all()
    page = rows[: query.limit]
    more = cursor.seal("inbound", page[-1].id) if len(rows) > len(page) else ""
    return Listed([_inbound_shape(row) for row in page], more)


@operation("GET", "/inbound/{inbound_id}/original", tag="mail", answer=None, problems=(404,))
@requires("mail.read")
def get_original(inbound_id: int) -> object:
    """A mail byte by byte as it was received."""
    kept = select(InboundMail.original).where(InboundMail.id == inbound_id, InboundMail.outcome != Outcome.DELETED)
    key = session.scalar(kept)
    if not key:
        raise NotFound(_("There is no such mail."))
    return file_response(files.read(key), name=f"mail-{inbound_id}.eml", content_type="message/rfc822")


def _outbound() -> Select[Any]:
    return (
        select(OutboundMail.__table__, Mailbox.address.label("mailbox"), Ticket.number.label("ticket"))
        .join(Mailbox, Mailbox.id == OutboundMail.mailbox_id)
        .outerjoin(Ticket, Ticket.id == OutboundMail.ticket_id)
        .order_by(OutboundMail.id.desc())
    )


def _outbound_shape(row: Row[Any]) -> OutboundOut:
    return OutboundOut(
        id=row.id,
        mailbox=row.mailbox,
        ticket=row.ticket,
        message=row.message_id,
        purpose=row.purpose,
        to=addresses(row.to),
        cc=addresses(row.cc),
        subject=row.subject,
        internet_message_id=row.exchange_message_id or row.internet_message_id or None,
        state=row.state,
        error=row.error,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )


@operation("GET", "/outbound", tag="mail", answer=OutboundOut, many=True, query=OutboundQuery)
@requires("mail.read")
def list_outbound(query: OutboundQuery) -> Listed:
    """The desk's own mails, the newest first; `state=failed` are those that could not be delivered."""
    wanted = _outbound()
    if query.state:
        wanted = wanted.where(OutboundMail.state == query.state)
    if query.cursor:
        wanted = wanted.where(OutboundMail.id < cursor.unseal("outbound", query.cursor)[0])
    rows = session.execute(wanted.limit(query.limit + 1)).all()
    page = rows[: query.limit]
    more = cursor.seal("outbound", page[-1].id) if len(rows) > len(page) else ""
    return Listed([_outbound_shape(row) for row in page], more)


@operation("POST", "/outbound/{outbound_id}/retry", tag="mail", answer=OutboundOut, problems=(404, 409))
@requires("mail.retry")
def retry_outbound(outbound_id: int) -> OutboundOut:
    """Sends a mail that could not be delivered, or was held back, once more.

    What was sent after all is found and not sent twice; a mail that is neither is refused (409).
    """
    visible = tickets_visible_to(me()).with_only_columns(Ticket.id)
    mail = session.scalar(
        select(OutboundMail)
        .where(OutboundMail.id == outbound_id)
        .where(OutboundMail.ticket_id.is_(None) | OutboundMail.ticket_id.in_(visible))
        .with_for_update()
    )
    if mail is None:
        raise NotFound(_("There is no such mail."))
    actions.retry(mail, me())
    session.flush()
    return _outbound_shape(session.execute(_outbound().where(OutboundMail.id == outbound_id)).one())
