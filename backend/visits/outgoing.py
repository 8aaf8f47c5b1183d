"""Jobs that make calendars and customers agree with our rows, and write down how it went.

Each job has one effect outside. The key of an event is committed before the event is made, so that an attempt whose
end nobody saw is found by it.
"""

from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from backend import config, jobs
from backend.db import session
from backend.jobs import TryAgainIn, in_a_moment, job, later
from backend.microsoft import calendar, graph
from backend.people.models import Person
from backend.tickets.models import Ticket
from backend.visits.actions.following import Standing, confirmed, not_placed, placed, withdrawn
from backend.visits.actions.telling import tell_customer as tell_the_customer
from backend.visits.appointment import Appointment, appointment
from backend.visits.models import Visit, VisitEvent, VisitState, wanted_event
from backend.visits.problems import FORBIDDEN, LEFT_THERE, NO_ADDRESS, NO_CALENDAR, REFUSED, UNREACHABLE

log = structlog.get_logger(__name__)
_SETTLED = timedelta(seconds=2)
_SAME_ID = 5.0  # seconds until Exchange tells two quickly made events apart


def standing(one: calendar.Event) -> Standing:
    """An event of Microsoft's as our verbs take it."""
    return Standing(
        id=one.id,
        change_key=one.change_key,
        ical_uid=one.ical_uid,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        place=one.place,
        off=one.cancelled or one.declined,
        all_day=one.all_day,
        modified_at=one.modified_at,
    )


def _not_published(visit_id: int, error: str) -> None:
    visit = session.get(Visit, visit_id)
    if visit is not None and visit.state == VisitState.PLANNED:
        not_placed(visit, UNREACHABLE)


@job("visits.publish", gave_up=_not_published)
def publish(visit_id: int) -> None:
    """Makes the technician's calendar equal to the visit; where it is so already, nothing is asked of Microsoft."""
    visit = session.get(Visit, visit_id)
    event = wanted_event(visit) if visit is not None and visit.state == VisitState.PLANNED else None
    if visit is None or event is None:
        return
    if not event.mailbox:
        not_placed(visit, NO_ADDRESS)
        return
    wish = _wish(visit)
    if _stands(event, wish):
        confirmed(visit, event)
        return
    try:
        there, words = _made(event, wish) if event.event_id is None else _equal(event, event.event_id, wish)
    except (graph.Forbidden, graph.GraphRefused) as error:
        log.warning("a visit was refused", visit_id=visit_id, error=str(error))
        not_placed(visit, FORBIDDEN if isinstance(error, graph.Forbidden) else REFUSED)
        return
    except (calendar.ChangedMeanwhile, graph.Missing) as error:
        if event.event_id is None:
            not_placed(visit, NO_CALENDAR)
            return
        # Somebody was there before us: their change is looked at first, then ours is written.
        log.info("an event has changed meanwhile", visit_id=visit_id, error=type(error).__name__)
        later("visits.look", at=in_a_moment(_SETTLED), visit_event_id=event.id, again=False)
        return
    if placed(visit, event, standing(there), words):
        return
    if event.wanted:
        later("visits.publish", once=f"visits.publish:{visit_id}", visit_id=visit_id)
    else:
        later("visits.withdraw", visit_event_id=event.id)


def _wish(visit: Visit) -> Appointment:
    technician = session.get_one(Person, visit.technician_id)
    ticket = session.scalar(
        select(Ticket)
        .where(Ticket.id == visit.ticket_id)
        .options(joinedload(Ticket.customer), joinedload(Ticket.contact))
    )
    return appointment(visit, technician, ticket, technician.language or config.current().language)


def _entry(wish: Appointment) -> calendar.Entry:
    return calendar.Entry(wish.subject, wish.html, wish.place, wish.start, wish.end, wish.zone)


def _when(wish: Appointment) -> tuple[str, str, str]:
    return wish.start.isoformat(), wish.end.isoformat(), wish.zone


def _seen_when(event: VisitEvent) -> tuple[str, str, str]:
    return str(event.seen.get("start")), str(event.seen.get("end")), str(event.seen.get("zone"))


def _same_words(event: VisitEvent, wish: Appointment) -> bool:
    return event.seen.get("words") == wish.words and event.seen.get("place") == wish.place


def _stands(event: VisitEvent, wish: Appointment) -> bool:
    """Whether what we last saw in the calendar is what is wanted."""
    return event.event_id is not None and _seen_when(event) == _when(wish) and _same_words(event, wish)


def _made(event: VisitEvent, wish: Appointment) -> tuple[calendar.Event, str]:
    """The event, found or made anew, and the mark of its words; "" where it was found and may not be as wanted."""
    found = calendar.find_by_key(event.mailbox, event.key)
    there = found[0] if found else calendar.create(event.mailbox, _entry(wish), event.key)
    other = select(VisitEvent.id).where(
        VisitEvent.event_id == there.id, VisitEvent.mailbox == event.mailbox, VisitEvent.id != event.id
    )
    if session.scalar(other) is not None:
        # Exchange has been seen to answer two quick creations with one id: which is whose is known by the key.
        later("visits.compare", once=f"visits.compare:{event.mailbox}", mailbox=event.mailbox)
        jobs.checkpoint()
        raise TryAgainIn(_SAME_ID, "two events have one id")
    return there, "" if found else wish.words


def _equal(event: VisitEvent, event_id: str, wish: Appointment) -> tuple[calendar.Event, str]:
    """The event, made equal in what is different, and the mark of its words."""
    there = calendar.update(
        event.mailbox,
        event_id,
        _entry(wish),
        change_key=event.change_key,
        content=not _same_words(event, wish),
        times=_seen_when(event) != _when(wish),
    )
    return there, wish.words


def _not_withdrawn(visit_event_id: int, error: str) -> None:
    event = session.get(VisitEvent, visit_event_id)
    if event is not None and not event.gone:
        not_placed(session.get_one(Visit, event.visit_id), LEFT_THERE)


@job("visits.withdraw", gave_up=_not_withdrawn)
def withdraw(visit_event_id: int) -> None:
    """Takes an event of ours out of a calendar: the one we made there, by its id or by the key we put on it."""
    event = session.get(VisitEvent, visit_event_id)
    if event is None or event.wanted or event.gone:
        return
    try:
        event_id = event.event_id or next((one.id for one in calendar.find_by_key(event.mailbox, event.key)), None)
        if event_id is not None:
            calendar.delete(event.mailbox, event_id)
    except graph.Missing:
        log.info("an event was gone already", visit_event_id=visit_event_id)
    except (graph.Forbidden, graph.GraphRefused) as error:
        log.warning("an event could not be taken away", visit_event_id=visit_event_id, error=str(error))
        not_placed(session.get_one(Visit, event.visit_id), LEFT_THERE)
        return
    withdrawn(event)


@job("visits.take_away")
def take_away(visit_event_id: int, event_id: str) -> None:
    """Takes an event with our key out of a calendar that is not the one wanted there: a second one, or one that came
    after it had been called off. What does not carry the key this moment is not ours and stays.
    """
    event = session.get(VisitEvent, visit_event_id)
    if event is None or (event.wanted and event.event_id in (None, event_id)):
        return
    try:
        if calendar.read(event.mailbox, event_id).key == event.key:
            calendar.delete(event.mailbox, event_id)
    except graph.Missing:
        log.info("an event was gone already", visit_event_id=visit_event_id)
    except (graph.Forbidden, graph.GraphRefused) as error:
        log.warning("an event could not be taken away", visit_event_id=visit_event_id, error=str(error))


@job("visits.tell_customer")
def tell_customer(visit_id: int) -> None:
    """Tells the customer of the visit as it stands, unless they know already; the mail goes its own way from there."""
    visit = session.get(Visit, visit_id)
    if visit is not None:
        tell_the_customer(visit)
