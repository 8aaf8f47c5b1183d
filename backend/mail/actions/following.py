"""What a mail answers, where its ticket was closed long ago: then a new one follows it."""

from datetime import timedelta

from sqlalchemy import select

from backend import clock
from backend.auth import Who
from backend.db import session
from backend.mail import thread
from backend.mail.actions.threading import ticket_of
from backend.mail.machine import Kind
from backend.mail.parse import Mail
from backend.people.models import Customer, Person, Team
from backend.settings.models import setting
from backend.tickets.actions import open_ticket
from backend.tickets.models import Ticket, TicketType


def answered(mail: Mail, kind: Kind, writer: Person | None) -> tuple[Ticket | None, Ticket | None]:
    """The ticket on which `mail` lands; where that is none, the one that its new ticket follows, if any.

    What one of us writes lands on a ticket however long it is closed: it is a note there.
    """
    ticket, old = ticket_of(mail, kind), None
    ours = writer is not None and writer.is_staff and ticket is not None and writer.id != ticket.contact_id
    while ticket is not None and not ours and _closed_long_ago(ticket):
        ticket, old = _follower_of(ticket), ticket
    return ticket, old if ticket is None else None


def _closed_long_ago(ticket: Ticket) -> bool:
    days = int(setting("reopen_within_days"))
    since = ticket.closed_at or ticket.updated_at
    return bool(days) and ticket.closed and clock.now() - since > timedelta(days=days)


def _follower_of(ticket: Ticket) -> Ticket | None:
    following = select(Ticket).where(Ticket.follows_id == ticket.id).order_by(Ticket.id.desc()).limit(1)
    return session.scalar(following.with_for_update().execution_options(populate_existing=True))


def follow_up(old: Ticket | None, actor: Who, subject: str, contact: Person | None, *, source: str) -> Ticket:
    """A new ticket of `contact`; one that follows `old` is of the same type, category and team."""
    if old is None:
        return open_ticket(actor, subject, contact=contact, source=source)
    known = contact is not None and contact.customer_id is not None
    return open_ticket(
        actor,
        thread.without_prefixes(subject) or old.subject,
        contact=contact,
        customer=session.get(Customer, old.customer_id) if old.customer_id and not known else None,
        type=TicketType(old.type),
        category=old.category,
        product_family=old.product_family,
        team=session.get(Team, old.team_id) if old.team_id else None,
        source=source,
        follows=old,
    )
