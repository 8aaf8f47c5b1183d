"""A colleague hears of a call about their ticket."""

from backend.auth import Who
from backend.db import session
from backend.mentions.actions import mention
from backend.people.models import Person
from backend.tickets.models import Message, Ticket


def tell_technician(ticket: Ticket, message: Message, actor: Who) -> None:
    """The ticket's technician hears of the call that `actor` has noted; not of an own one."""
    technician = session.get(Person, ticket.assignee_id) if ticket.assignee_id else None
    if technician is not None and technician.active and technician.is_staff:
        mention(message, actor, [technician])
