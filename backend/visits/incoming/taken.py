"""Jobs that learn when technicians are taken otherwise, and what customers' calendar programs answer."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import structlog
from sqlalchemy import or_, select

from backend import clock, config, files, live
from backend.auth import Who
from backend.db import session
from backend.jobs import job, later
from backend.mail.models import InboundMail
from backend.mail.parse import parse
from backend.microsoft import calendar, graph
from backend.people.models import Person
from backend.visits import ical, times
from backend.visits.actions import answered as note_answer
from backend.visits.actions import busy
from backend.visits.incoming.watching import watch_of
from backend.visits.models import CalendarWatch, followed

log = structlog.get_logger(__name__)
_AHEAD = timedelta(days=35)
_WEEK = timedelta(days=7)
_FRESH = timedelta(seconds=30)


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
        watch = watch_of(person)
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
