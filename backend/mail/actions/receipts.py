"""How far a mail of the desk is. Written by the jobs that send it, read by everybody who waits for it."""

from sqlalchemy import select

from backend import clock, live
from backend.auth import SYSTEM, Who
from backend.db import session
from backend.errors import Conflict
from backend.i18n import _
from backend.jobs import later
from backend.mail.models import BOUNCED, Delivery, OutboundMail, Purpose
from backend.tickets.actions import record
from backend.tickets.models import Message, Ticket


def drafted(outbound: OutboundMail, draft_id: str, exchange_message_id: str) -> None:
    """The mail lies in the mailbox as a draft, under the Message-ID that Exchange says it has."""
    outbound.draft_id = draft_id
    if exchange_message_id:
        outbound.exchange_message_id = exchange_message_id
    _to(outbound, Delivery.DRAFTED)


def sent(outbound: OutboundMail) -> None:
    """Exchange has taken the mail to deliver it."""
    outbound.sent_at = clock.now()
    outbound.error = ""
    _to(outbound, Delivery.SENT)


def confirmed(outbound: OutboundMail, exchange_message_id: str) -> None:
    """The sent copy was found; answers will name this Message-ID."""
    outbound.exchange_message_id = exchange_message_id
    message = _message(outbound)
    if message is not None:
        message.internet_message_id = exchange_message_id
    session.flush()


def failed(outbound: OutboundMail, error: str) -> None:
    """The mail could not be sent; `error` is a sentence for a person, shown beside *try again*."""
    outbound.error = error[:1000]
    _to(outbound, Delivery.FAILED)
    if outbound.purpose == Purpose.INVITATION and outbound.ticket_id is not None:
        # No message on the ticket shows how it went.
        ticket = session.get_one(Ticket, outbound.ticket_id)
        record(ticket, SYSTEM, "visit_not_told", after=str(outbound.to[0]["address"]), mail_id=outbound.id)


def retry(outbound: OutboundMail, actor: Who) -> None:
    """`actor` wants a mail that failed, or was held back, to be sent after all.

    What was sent already is found and not sent again. Raises Conflict when it is neither.
    """
    row = session.scalars(
        select(OutboundMail)
        .where(OutboundMail.id == outbound.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.state not in (Delivery.FAILED, Delivery.HELD):
        raise Conflict(_("This e-mail is on its way already, or has been sent."))
    row.error = ""
    _to(row, Delivery.WAITING)
    if row.ticket_id is not None:
        record(session.get_one(Ticket, row.ticket_id), actor, "retried", message_id=row.message_id)
    later("mail.draft", outbound_id=row.id)


def _message(outbound: OutboundMail) -> Message | None:
    return session.get(Message, outbound.message_id) if outbound.message_id else None


def _to(outbound: OutboundMail, state: Delivery) -> None:
    outbound.state = state
    message = _message(outbound)
    if message is not None and message.delivery != BOUNCED:
        message.delivery = state
    if outbound.ticket_id is not None:
        live.tell(f"ticket:{outbound.ticket_id}")
    session.flush()
