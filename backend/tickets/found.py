"""How views find the ticket of an address, whichever feature they belong to."""

from backend.auth import me
from backend.db import session
from backend.deletion.missing import missing
from backend.merging.standing import going_on
from backend.tickets.models import Ticket, tickets_visible_to


def within(number: int) -> int:
    """`number` as far as PostgreSQL's integers reach; what lies beyond is nobody's number."""
    return min(number, 2**31 - 1)


def the_ticket(number: int, *, lock: bool = False) -> Ticket:
    """The ticket with that number, if the person may see it; `lock`: it is going to be changed.

    Raises NotFound otherwise, Conflict when one that is merged is to be changed.
    """
    query = tickets_visible_to(me()).where(Ticket.number == within(number))
    ticket = session.scalar(query.with_for_update() if lock else query)
    if ticket is None:
        raise missing(number, me())
    return going_on(ticket) if lock else ticket
