"""A ticket's visits and a customer's next one as the ticket page and the pane show them: read as columns.

Both stand on pages that are opened all day, so their queries are put together once.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, bindparam, select

from backend.auth import Who
from backend.db import session
from backend.people.models import Person
from backend.tickets.models import Ticket, seen_by, seer
from backend.visits.models import Visit, VisitKind, VisitState

_ROWS: Any = (
    select(
        Visit.id,
        Visit.ticket_id,
        Visit.technician_id,
        Visit.kind,
        Visit.start,
        Visit.end,
        Visit.timezone,
        Visit.starts_at,
        Visit.ends_at,
        Visit.place,
        Visit.state,
        Visit.published,
        Visit.error,
        Visit.customer_response,
        Person.name.label("technician"),
        Ticket.number,
        Ticket.subject,
    )
    .join(Person, Person.id == Visit.technician_id)
    .join(Ticket, Ticket.id == Visit.ticket_id)
    .order_by(Visit.starts_at, Visit.id)
)
_OF_TICKET = _ROWS.where(Visit.ticket_id == bindparam("ticket"))
_NEXT = _ROWS.where(
    Ticket.customer_id == bindparam("customer"),
    Visit.state == VisitState.PLANNED,
    Visit.kind != VisitKind.BLOCK,
    Visit.ends_at > bindparam("now", type_=DateTime(timezone=True)),
).limit(1)


def visits_of_ticket(who: Who, ticket_id: int, now: datetime) -> tuple[list[Any], list[Any]]:
    """(those to come, the next one first; those that are over or will not be, the latest first)."""
    if not who.may("visits.read"):
        return [], []
    rows = list(session.execute(_OF_TICKET, {"ticket": ticket_id}))
    coming = [row for row in rows if row.state != VisitState.CANCELLED and row.ends_at > now]
    return coming, [row for row in reversed(rows) if row not in coming]


def next_of_customer(who: Who, customer_id: int, now: datetime) -> Any:
    """The visit of any of the customer's tickets that takes place now or comes next; None when nothing is planned."""
    if not who.may("visits.read"):
        return None
    given = {"customer": customer_id, "now": now, "seer": seer(who)}
    return session.execute(seen_by(_NEXT, who), given).one_or_none()
