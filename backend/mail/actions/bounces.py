"""A mail of ours came back: the report is attached to that mail, tells nobody by mail and opens no ticket."""

from typing import Any

from sqlalchemy import select

from backend.auth import SYSTEM
from backend.db import session
from backend.mail.actions.threading import sent_by_us
from backend.mail.machine import Kind
from backend.mail.models import BOUNCED, InboundMail, OutboundMail
from backend.mail.parse import Mail
from backend.tickets.actions import record
from backend.tickets.models import ActivityStatus, Message, Ticket

_LONGEST = 4_000  # characters of the report that are shown
_MOST = 20  # reports on one mail: a list of recipients may all come back


def attach(row: InboundMail, mail: Mail, kind: Kind) -> bool:
    """Attaches the report `mail` to the mail of ours that it names; False when it names none.

    Only who got that mail knows its Message-ID, so nobody else can make it look undelivered.
    """
    if kind.bounced is None:
        return False
    ids = (kind.bounced.original_message_id, mail.in_reply_to, *mail.references[-1:])
    found = next(filter(None, (sent_by_us(one) for one in ids if one)), None)
    if found is None:
        return False
    query = select(OutboundMail).where(OutboundMail.id == found.id).with_for_update()
    outbound = session.scalars(query.execution_options(populate_existing=True)).one()
    row.ticket_id, row.message_id = outbound.ticket_id, outbound.message_id
    if len(outbound.bounces) < _MOST:
        _write_down(outbound, _report(row, mail, kind))
    return True


def _report(row: InboundMail, mail: Mail, kind: Kind) -> dict[str, Any]:
    assert kind.bounced is not None
    return {
        "to": ", ".join(kind.bounced.recipients),
        "status": kind.bounced.status,
        "diagnostic": kind.bounced.diagnostic.replace("\x00", ""),
        "permanent": kind.bounced.permanent,
        "text": (mail.text or "").replace("\x00", "").strip()[:_LONGEST],
        "mail_id": row.id,
    }


def _write_down(outbound: OutboundMail, report: dict[str, Any]) -> None:
    first = not any(one["permanent"] for one in outbound.bounces)
    outbound.bounces = [*outbound.bounces, report]
    session.flush()
    if outbound.ticket_id is None:
        return
    ticket = session.get_one(Ticket, outbound.ticket_id)
    to = report["to"] or ", ".join(str(one["address"]) for one in outbound.to)
    verb = "mail_bounced" if report["permanent"] else "mail_delayed"
    record(ticket, SYSTEM, verb, before=_why(report), after=to, message_id=outbound.message_id, mail_id=outbound.id)
    message = session.get(Message, outbound.message_id) if outbound.message_id else None
    if message is not None and report["permanent"]:
        message.delivery = BOUNCED
        if first:  # what was answered has not arrived: it is our turn again
            ticket.activity_status = ActivityStatus.WAITING_TECHNICIAN
    session.flush()


def _why(report: dict[str, Any]) -> str:
    """The server's own words, as short as they are, else its status (RFC 3463)."""
    return str(report["diagnostic"] or report["status"])[:300]
