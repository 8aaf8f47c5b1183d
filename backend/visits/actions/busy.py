"""When technicians are taken by something else, as their calendars say it."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select

from backend.db import session
from backend.people.models import Person
from backend.visits import times
from backend.visits.models import BusyBlock, Visit, VisitEvent


class Stretch(NamedTuple):
    """From when to when (UTC), and how: busy, tentative, oof, workingElsewhere."""

    starts_at: datetime
    ends_at: datetime
    status: str


def keep(person: Person, start: datetime, end: datetime, stretches: Iterable[Stretch]) -> bool:
    """Replaces what was known of `person` between two moments; our own visits are left out. Whether it is new."""
    wanted = set(stretches) - _ours(person, start, end)
    within = (BusyBlock.person_id == person.id, BusyBlock.starts_at < end, BusyBlock.ends_at > start)
    known = {
        Stretch(one.starts_at, one.ends_at, one.status) for one in session.scalars(select(BusyBlock).where(*within))
    }
    if wanted == known:
        return False
    session.execute(delete(BusyBlock).where(*within))
    session.add_all(BusyBlock(person_id=person.id, **one._asdict()) for one in sorted(wanted))
    session.flush()
    return True


def _ours(person: Person, start: datetime, end: datetime) -> set[Stretch]:
    """What Outlook shows as taken because we put it there: the times we last saw our events at."""
    rows = session.scalars(
        select(VisitEvent)
        .join(Visit, Visit.id == VisitEvent.visit_id)
        .where(VisitEvent.person_id == person.id, VisitEvent.event_id.is_not(None), ~VisitEvent.gone)
    )
    found = set()
    for event in rows:
        seen = event.seen
        if not seen:
            continue
        walls = (datetime.fromisoformat(str(seen[name])) for name in ("start", "end"))
        starts_at, ends_at = (times.moment(wall, str(seen["zone"])) for wall in walls)
        if starts_at < end and ends_at > start:
            found.add(Stretch(starts_at, ends_at, "busy"))
    return found
