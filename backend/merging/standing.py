"""A merged ticket is read where it goes on, and changed there alone."""

from backend.db import session
from backend.errors import Conflict
from backend.i18n import _
from backend.tickets.models import Ticket


def going_on(ticket: Ticket) -> Ticket:
    """`ticket`, unless it is merged: then nobody changes it. Raises Conflict that says where it goes on."""
    if ticket.merged_into_id is None:
        return ticket
    into = session.get_one(Ticket, ticket.merged_into_id).number
    raise Conflict(_("#%(number)s is merged into #%(into)s. Please go on there.", number=ticket.number, into=into))
