"""What every change of a visit brings with it: calendar, customer, log, open pages."""

from typing import Any

from sqlalchemy import select

from backend import live
from backend.auth import Who
from backend.db import session
from backend.jobs import later
from backend.people.models import Person
from backend.tickets.actions import record
from backend.tickets.models import Ticket
from backend.visits.actions.telling import will_be_told
from backend.visits.models import Published, Visit, VisitEvent, VisitState, wanted_event

LEFT = (~VisitEvent.wanted, ~VisitEvent.gone)  # of events that still have to be taken away


def locked(visit: Visit) -> Visit:
    """`visit` as it is now, kept from others until the end of this transaction."""
    query = select(Visit).where(Visit.id == visit.id).with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one()


def tell(visit: Visit) -> None:
    """Every open page that shows the visit looks again."""
    live.tell("board")
    if visit.ticket_id is not None:
        live.tell(f"ticket:{visit.ticket_id}")
        customer_id = session.scalar(select(Ticket.customer_id).where(Ticket.id == visit.ticket_id))
        if customer_id:
            live.tell(f"customer:{customer_id}")


def unwanted(visit: Visit) -> None:
    """What stands in a calendar for `visit` is to be taken away from there."""
    event = wanted_event(visit)
    if event is not None:
        event.wanted = False
        session.flush()
        if not event.gone:
            later("visits.withdraw", visit_event_id=event.id)


def want_event(visit: Visit, technician: Person) -> None:
    """Sees to it that one event is wanted, in the calendar of `technician`; another one's is taken away."""
    there = wanted_event(visit)
    if there is not None and there.person_id == technician.id:
        return
    unwanted(visit)
    event = VisitEvent(visit_id=visit.id, person_id=technician.id, mailbox=(technician.mail or "").lower())
    session.add(event)
    session.flush()


def follow_up(visit: Visit) -> None:
    """What has been decided goes into the calendar, and the customer will hear of it."""
    if visit.state == VisitState.PLANNED:
        visit.published, visit.error = Published.WAITING, ""
        later("visits.publish", once=f"visits.publish:{visit.id}", visit_id=visit.id)
    session.flush()
    will_be_told(visit)


def said(visit: Visit, technician: Person) -> str:
    """When and who, as the log keeps it: the same in every language."""
    same_day = visit.start.date() == visit.end.date()
    end = f"{visit.end:%H:%M}" if same_day else f"{visit.end:%Y-%m-%d %H:%M}"
    return f"{visit.start:%Y-%m-%d %H:%M}–{end} {visit.timezone}, {technician.name}"


def write_down(visit: Visit, actor: Who, verb: str, *, before: str = "", after: str = "", **data: Any) -> None:
    """What `actor` did stands in the ticket's log, if the visit belongs to one; the board looks again."""
    if visit.ticket_id is not None:
        ticket = session.get_one(Ticket, visit.ticket_id)
        record(ticket, actor, verb, before=before, after=after, visit_id=visit.id, kind=visit.kind, **data)
    live.tell("board")
