"""Jobs that compare visits with their events in technicians' calendars and turn what differs into verbs.

A notification only says "look"; each sweep compares all our events anyway. Events of others are never read: ours are
named by their id or by our property, and of the rest only free and busy is asked for.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import and_, func, or_, select

from backend import clock
from backend.db import session
from backend.jobs import in_a_moment, job, later
from backend.microsoft import calendar, graph
from backend.visits.actions.following import differs, follow, missing, not_placed, vanished
from backend.visits.models import CalendarWatch, Published, Visit, VisitEvent, VisitState
from backend.visits.outgoing import standing
from backend.visits.problems import FORBIDDEN, NO_CALENDAR, UNREACHABLE

log = structlog.get_logger(__name__)
_LATER_LOOK = timedelta(seconds=8)  # a moved event may be away for a moment
_PAST = timedelta(days=1)  # so long ago a visit may have ended whose event is still compared
_STUCK = timedelta(minutes=10)  # so long a visit may wait for its calendar before it is asked for again
_MENDED_AT_ONCE = 50


def _current(event: VisitEvent | None) -> bool:
    return event is not None and event.wanted and event.event_id is not None


@job("visits.look")
def look(visit_event_id: int, again: bool) -> None:
    """Looks at one event of ours. That it is gone is believed when it is looked for `again` and not found."""
    event = session.get(VisitEvent, visit_event_id)
    if event is None or not _current(event):
        return
    known = event.change_key
    try:
        there = _there(event)
    except (graph.Forbidden, graph.Missing, graph.GraphRefused) as error:
        # Not the event is gone, but the whole calendar: nothing is concluded from that.
        log.warning("a calendar cannot be read", mailbox=event.mailbox, error=str(error))
        _trouble(event, error)
        return
    if there is not None:
        if follow(event, standing(there), known):
            _publish_if_waiting(event)
        else:
            later("visits.look", once=f"visits.look:{event.id}", visit_event_id=event.id, again=False)
    elif missing(event) or not again:
        later("visits.look", at=in_a_moment(_LATER_LOOK), visit_event_id=event.id, again=True)
    else:
        vanished(event)


def _there(event: VisitEvent) -> calendar.Event | None:
    """The event by its id, else by our key: some programs take it away and put it back under another id, and Exchange
    has been seen to give two quickly made events one id.
    """
    try:
        there = calendar.read(event.mailbox, str(event.event_id))
        if there.key in ("", event.key):
            return there
    except graph.Missing:
        log.info("an event is not there by its id", visit_event_id=event.id)
    found = calendar.find_by_key(event.mailbox, event.key)
    return found[0] if found else None


def _publish_if_waiting(event: VisitEvent) -> None:
    visit = session.get_one(Visit, event.visit_id)
    if visit.state == VisitState.PLANNED and visit.published == Published.WAITING:
        later("visits.publish", once=f"visits.publish:{visit.id}", visit_id=visit.id)


def _trouble(event: VisitEvent, error: Exception) -> None:
    visit = session.get_one(Visit, event.visit_id)
    if visit.state == VisitState.PLANNED and visit.published == Published.WAITING:
        not_placed(visit, FORBIDDEN if isinstance(error, graph.Forbidden) else NO_CALENDAR)
    watch = session.get(CalendarWatch, event.person_id)
    if watch is not None:
        watch.error = (str(error) or type(error).__name__)[:500]


@job("visits.sweep")
def sweep() -> None:
    """Compares every calendar in which something of ours stands, whether or not anybody said that it changed."""
    since = clock.now() - _PAST
    coming = select(VisitEvent.mailbox).join(Visit, Visit.id == VisitEvent.visit_id).where(Visit.ends_at > since)
    for mailbox in session.scalars(coming.where(VisitEvent.mailbox != "").distinct().order_by(VisitEvent.mailbox)):
        later("visits.compare", once=f"visits.compare:{mailbox}", mailbox=mailbox)


@job("visits.mend")
def mend() -> None:
    """Asks again for what waits for its calendar since long, or could not be placed while that was out of reach."""
    waits = and_(Visit.published == Published.WAITING, Visit.updated_at < clock.now() - _STUCK)
    failed = and_(Visit.published == Published.FAILED, Visit.error.in_((FORBIDDEN, NO_CALENDAR, UNREACHABLE)))
    unplaced = select(Visit.id).where(
        Visit.state == VisitState.PLANNED, Visit.ends_at > clock.now() - _PAST, or_(waits, failed)
    )
    # Whoever has no calendar at all must not keep the others waiting: some of them, whichever, each time.
    for visit_id in sorted(session.scalars(unplaced.order_by(func.random()).limit(_MENDED_AT_ONCE))):
        later("visits.publish", once=f"visits.publish:{visit_id}", visit_id=visit_id)


@job("visits.compare")
def compare(mailbox: str) -> None:
    """Compares all our events of one calendar with what we saw there last, and with the visits they stand for.

    What differs is looked at one by one: nothing is locked here, and what is read may be old when it is compared.
    """
    since = clock.now() - _PAST
    query = (
        select(VisitEvent)
        .join(Visit, Visit.id == VisitEvent.visit_id)
        .where(VisitEvent.mailbox == mailbox, Visit.ends_at > since)
        .order_by(VisitEvent.id)
    )
    try:
        listed = calendar.all_of_ours(mailbox, since)
    except (graph.Forbidden, graph.Missing, graph.GraphRefused) as error:
        log.warning("a calendar cannot be compared", mailbox=mailbox, error=str(error))
        return
    by_key: dict[str, list[calendar.Event]] = defaultdict(list)
    for one in listed:
        by_key[one.key].append(one)
    for event in session.scalars(query).all():
        _compared(event, by_key[event.key])


def _compared(event: VisitEvent, found: Sequence[calendar.Event]) -> None:
    """`found` are all events there that carry the key of `event`: one is right, where it is wanted; others go."""
    there = next((one for one in found if one.id == event.event_id), found[0] if found else None)
    if _current(event):
        news = there is None or there.id != event.event_id or there.change_key != event.change_key
        if there is None or news or event.missing_since is not None or differs(event, standing(there)):
            later("visits.look", once=f"visits.look:{event.id}", visit_event_id=event.id, again=False)
        spare = [one for one in found if one is not there]
    elif event.wanted:
        spare = []  # it is being made this moment, or will be
    elif not event.gone:
        later("visits.withdraw", once=f"visits.withdraw:{event.id}", visit_event_id=event.id)
        spare = []
    else:
        spare = list(found)
    for one in spare:
        log.warning("an event of ours stands there needlessly", mailbox=event.mailbox, visit_id=event.visit_id)
        later("visits.take_away", once=f"visits.take_away:{one.id}"[:500], visit_event_id=event.id, event_id=one.id)
