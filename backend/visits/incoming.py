"""Jobs that turn what happens in technicians' calendars into verbs.

A notification only says "look"; each sweep compares all our events anyway. Events of others are never read: ours are
named by their id or by our property, and of the rest only free and busy is asked for.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

import structlog
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from backend import clock, config, files, live, notices
from backend.auth import Who
from backend.db import session
from backend.jobs import in_a_moment, job, later
from backend.mail.models import InboundMail
from backend.mail.parse import parse
from backend.microsoft import calendar, graph, subscriptions
from backend.people.models import Person
from backend.visits import ical, times
from backend.visits.actions import answered as note_answer
from backend.visits.actions import busy
from backend.visits.actions.following import follow, missing, not_placed, vanished
from backend.visits.models import CalendarWatch, Published, Visit, VisitEvent, VisitState, followed
from backend.visits.outgoing import standing
from backend.visits.problems import FORBIDDEN, NO_CALENDAR

log = structlog.get_logger(__name__)
_LATER_LOOK = timedelta(seconds=8)  # a moved event may be away for a moment
_PAST = timedelta(days=1)  # so long ago a visit may have ended whose event is still compared
_AHEAD = timedelta(days=35)
_WEEK = timedelta(days=7)
_FRESH = timedelta(seconds=30)


def _current(event: VisitEvent | None) -> bool:
    return event is not None and event.wanted and event.event_id is not None


@job("visits.look")
def look(visit_event_id: int, again: bool) -> None:
    """Looks at one event of ours. That it is gone is believed when it is looked for `again` and not found."""
    event = session.get(VisitEvent, visit_event_id)
    if event is None or not _current(event):
        return
    try:
        there = _there(event)
    except (graph.Forbidden, graph.Missing, graph.GraphRefused) as error:
        # Not the event is gone, but the whole calendar: nothing is concluded from that.
        log.warning("a calendar cannot be read", mailbox=event.mailbox, error=str(error))
        _trouble(event, error)
        return
    if there is not None:
        follow(event, standing(there))
        _publish_if_waiting(event)
    elif missing(event) or not again:
        later("visits.look", at=in_a_moment(_LATER_LOOK), visit_event_id=event.id, again=True)
    else:
        vanished(event)


def _there(event: VisitEvent) -> calendar.Event | None:
    """The event by its id, else by our key: some programs take it away and put it back under another id."""
    try:
        return calendar.read(event.mailbox, str(event.event_id))
    except graph.Missing:
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
    query = (
        select(VisitEvent.mailbox)
        .join(Visit, Visit.id == VisitEvent.visit_id)
        .where(VisitEvent.event_id.is_not(None), ~VisitEvent.gone, Visit.ends_at > since)
        .distinct()
    )
    for mailbox in session.scalars(query):
        later("visits.compare", once=f"visits.compare:{mailbox}", mailbox=mailbox)


@job("visits.compare")
def compare(mailbox: str) -> None:
    """Compares all our events of one calendar with what we saw there last."""
    since = clock.now() - _PAST
    try:
        listed = calendar.all_of_ours(mailbox, since)
    except (graph.Forbidden, graph.Missing, graph.GraphRefused) as error:
        log.warning("a calendar cannot be compared", mailbox=mailbox, error=str(error))
        return
    by_id, by_key = {one.id: one for one in listed}, {one.key: one for one in listed}
    query = (
        select(VisitEvent)
        .join(Visit, Visit.id == VisitEvent.visit_id)
        .where(VisitEvent.mailbox == mailbox, VisitEvent.event_id.is_not(None), ~VisitEvent.gone, Visit.ends_at > since)
        .order_by(VisitEvent.id)
    )
    for event in session.scalars(query).all():
        there = by_id.get(str(event.event_id)) or by_key.get(event.key)
        if not event.wanted:
            later("visits.withdraw", visit_event_id=event.id)
        elif there is None:
            later("visits.look", once=f"visits.look:{event.id}", visit_event_id=event.id, again=False)
        elif there.change_key != event.change_key or event.missing_since is not None:
            follow(event, standing(there))
            _publish_if_waiting(event)


@job("visits.subscribe")
def subscribe() -> None:
    """Sees to it that Microsoft tells of changes in the calendar of each technician who is on the board."""
    if not _reachable():
        return
    people = list(session.scalars(followed(clock.now())))
    there = subscriptions.all_of_ours() if people else []
    for person in people:
        watch = _watch(person)
        ours = subscriptions.fitting(there, _wish(watch.mailbox))
        if [one.id for one in ours if one.fresh] != [watch.subscription_id]:
            key = f"visits.subscribe:{person.id}"
            later("visits.subscribe_calendar", once=key, person_id=person.id)


def _reachable() -> bool:
    settings = config.current()
    return urlsplit(settings.url).scheme == "https" or bool(settings.sandbox_url)


def _watch(person: Person) -> CalendarWatch:
    mailbox = (person.mail or "").lower()
    session.execute(
        insert(CalendarWatch)
        .values(person_id=person.id, mailbox=mailbox, subscription_id="", error="")
        .on_conflict_do_nothing()
    )
    watch = session.get_one(CalendarWatch, person.id)
    if watch.mailbox != mailbox:
        watch.mailbox, watch.subscription_id = mailbox, ""
    return watch


def _wish(mailbox: str) -> subscriptions.Wish:
    url = config.current().url
    return subscriptions.Wish(
        resource=subscriptions.calendar_of(mailbox),
        change_type="created,updated,deleted",
        notification_url=f"{url}/microsoft/calendar/notifications",
        lifecycle_url=f"{url}/microsoft/calendar/lifecycle",
        client_state=notices.secret_word(f"calendar:{mailbox}"),
    )


@job("visits.subscribe_calendar")
def subscribe_calendar(person_id: int) -> None:
    """Creates, renews (at half life) or recreates the subscription of one calendar; further equal ones are ended."""
    watch = session.get(CalendarWatch, person_id)
    if watch is None or not _reachable():
        return
    try:
        kept, made = subscriptions.keep(_wish(watch.mailbox), watch.subscription_id)
    except (graph.Forbidden, graph.Missing, graph.GraphRefused) as error:
        watch.error = (str(error) or type(error).__name__)[:500]
        return
    watch.subscription_id, watch.expires_at, watch.error = kept.id, kept.expires_at, ""
    if made:
        # What happened before somebody was told of it.
        later("visits.compare", once=f"visits.compare:{watch.mailbox}", mailbox=watch.mailbox)


@job("visits.look_busy")
def look_busy() -> None:
    """Asks when the technicians are taken otherwise, this week and the four after it."""
    today = clock.local(clock.now(), config.current().timezone).date()
    since = today - timedelta(days=today.weekday())
    _ask_busy(since, _AHEAD)


@job("visits.look_busy_week")
def look_busy_week(since: str) -> None:
    """Asks the same for the week that somebody looks at; `since` is its first day (ISO). Not twice in half a minute."""
    first, today = date.fromisoformat(since), clock.local(clock.now(), config.current().timezone).date()
    covered = timedelta() <= first - today + _WEEK <= _AHEAD - _WEEK
    stale = select(CalendarWatch.person_id).where(
        or_(CalendarWatch.busy_at.is_(None), CalendarWatch.busy_at < clock.now() - _FRESH)
    )
    if not covered or session.scalar(stale.limit(1)) or not session.scalar(select(CalendarWatch.person_id).limit(1)):
        _ask_busy(first, _WEEK)


def _ask_busy(since: date, length: timedelta) -> None:
    people = [person.id for person in session.scalars(followed(clock.now()))]
    for at in range(0, len(people), calendar.MOST_SCHEDULES):
        some = people[at : at + calendar.MOST_SCHEDULES]
        later("visits.read_busy", person_ids=some, since=since.isoformat(), days=length.days)


@job("visits.look_busy_of")
def look_busy_of(person_id: int) -> None:
    """Somebody's calendar has changed beside our visits: their free and busy times are asked for anew."""
    today = clock.local(clock.now(), config.current().timezone).date()
    since = today - timedelta(days=today.weekday())
    later("visits.read_busy", person_ids=[person_id], since=since.isoformat(), days=_AHEAD.days)


@job("visits.read_busy")
def read_busy(person_ids: list[int], since: str, days: int) -> None:
    """Asks when these people are taken, from the day `since` on, and keeps it; what they do then is not looked at."""
    people = session.scalars(select(Person).where(Person.id.in_(person_ids), Person.mail.is_not(None))).all()
    if not people:
        return
    zone = config.current().timezone
    first = date.fromisoformat(since)
    start, end = _midnight(first, zone), _midnight(first + timedelta(days=days), zone)
    addresses = [str(person.mail).lower() for person in people]
    try:
        found = _schedule(addresses, start, end)
    except (graph.Forbidden, graph.Missing, graph.GraphRefused) as error:
        log.warning("free and busy times cannot be read", error=str(error))
        return
    changed = False
    for person, address in zip(people, addresses, strict=True):
        said = found.get(address, "no answer")
        watch = _watch(person)
        if isinstance(said, str):
            watch.error = said[:500]
            continue
        watch.busy_at = clock.now()
        changed |= busy.keep(person, start, end, _stretches(said))
    if changed:
        live.tell("board")


@job("visits.answered")
def answered(inbound_id: int) -> None:
    """A customer's calendar program answered an invitation; the mail lies on its ticket already."""
    row = session.get(InboundMail, inbound_id)
    if row is None or row.ticket_id is None:
        return
    mail = parse(files.read(row.original))
    for part in mail.attachments:
        said = ical.answer(part.data.decode(errors="replace")) if part.content_type == "text/calendar" else None
        if said is not None:
            note_answer(row.ticket_id, Who(None, row.from_name or row.from_address, row.from_address), said)


def _schedule(addresses: list[str], start: datetime, end: datetime) -> dict[str, list[calendar.Busy] | str]:
    """Asked as the first of them who has a calendar. Raises graph.Missing when nobody has."""
    for mailbox in addresses[:-1]:
        try:
            return calendar.schedule(mailbox, addresses, start, end)
        except graph.Missing:
            continue
    return calendar.schedule(addresses[-1], addresses, start, end)


def _stretches(said: Iterable[calendar.Busy]) -> list[busy.Stretch]:
    return [busy.Stretch(one.starts_at, one.ends_at, one.status) for one in said]


def _midnight(day: date, zone: str) -> datetime:
    return times.moment(datetime.combine(day, time()), zone)
