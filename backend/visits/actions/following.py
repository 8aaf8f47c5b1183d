"""How calendars stand: what was put there, what could not be, and what people changed there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from backend import clock
from backend.db import session
from backend.errors import Invalid
from backend.jobs import in_a_moment, later
from backend.people.models import Person
from backend.visits import times
from backend.visits.actions.consequences import locked, tell
from backend.visits.actions.planning import cancel, decline, move
from backend.visits.models import Published, Visit, VisitEvent, VisitState
from backend.visits.problems import IMPOSSIBLE, LEFT_THERE, MANY_GONE

OUTLOOK = "outlook"
# So many events of one calendar that are gone together are an accident, not decisions: nobody is told of them.
ACCIDENT = 5
_SETTLED = timedelta(seconds=3)  # several changes of a calendar are one question


@dataclass(frozen=True)
class Standing:
    """An event of ours as it was found in a calendar. All-day ones have naive midnights, others moments."""

    id: str
    change_key: str
    ical_uid: str
    starts_at: datetime
    ends_at: datetime
    place: str
    off: bool = False  # cancelled there, or declined
    all_day: bool = False
    modified_at: datetime | None = None

    def seen(self, zone: str, words: str) -> dict[str, Any]:
        """What is remembered of it: wall times in the visit's zone, place, and the mark of the words we wrote."""
        start, end = self.walls(zone)
        return {"start": start.isoformat(), "end": end.isoformat(), "zone": zone, "place": self.place, "words": words}

    def walls(self, zone: str) -> tuple[datetime, datetime]:
        """Start and end as naive wall times in `zone`."""
        if self.all_day:
            return self.starts_at.replace(tzinfo=None), self.ends_at.replace(tzinfo=None)
        return times.wall(self.starts_at, zone), times.wall(self.ends_at, zone)


def placed(visit: Visit, event: VisitEvent, there: Standing, words: str) -> bool:
    """The event stands in the calendar, with the words of that mark ("": nobody knows which).

    False when it is not yet as `visit` is now: it has changed since the job began, or its words are unknown.
    """
    since = visit.updated_at
    event.event_id, event.ical_uid, event.change_key = there.id, there.ical_uid, there.change_key
    event.missing_since = None
    event.seen = there.seen(visit.timezone, words)
    session.flush()
    locked(visit)
    session.refresh(event, ["wanted"])
    if not event.wanted:
        event.gone = False  # whoever was to take it away may have been there before it was made
    if visit.updated_at != since or not event.wanted or not words:
        return False
    confirmed(visit, event)
    return True


def confirmed(visit: Visit, event: VisitEvent) -> None:
    """The calendar is as the visit is."""
    if visit.published == Published.PUBLISHED or not event.wanted:
        return
    since = visit.updated_at
    if locked(visit).updated_at == since:
        visit.published, visit.error = Published.PUBLISHED, ""
        session.flush()
        tell(visit)


def not_placed(visit: Visit, sentence: str) -> None:
    """The calendar could not be made equal to `visit`; `sentence` (marked for translation) says why."""
    visit = locked(visit)
    if (visit.published, visit.error) == (Published.FAILED, sentence[:500]):
        return
    visit.published, visit.error = Published.FAILED, sentence[:500]
    session.flush()
    tell(visit)


def differs(event: VisitEvent, there: Standing) -> bool:
    """Whether a visit that counts as published stands at another time in the calendar, whatever we last saw there."""
    visit = session.get_one(Visit, event.visit_id)
    fine = visit.state != VisitState.PLANNED or visit.published != Published.PUBLISHED or there.off
    return not fine and there.walls(visit.timezone) != (visit.start, visit.end)


def follow(event: VisitEvent, there: Standing, known: str) -> bool:
    """Somebody may have changed the event in Outlook: what is new there is done to the visit, as its technician.

    What we wrote ourselves is nothing new. Where both changed the same, the later one stands. `known` is the event's
    change key as we had it before the calendar was read; False: that has changed since, so what was read may be older
    than what is written down, and has to be read again.
    """
    visit = locked(session.get_one(Visit, event.visit_id))
    session.refresh(event)
    if not event.wanted:
        return True
    if event.change_key != known and event.change_key != there.change_key:
        return False
    event.missing_since, event.event_id = None, there.id
    if event.change_key == there.change_key:
        _mend(visit, event, there)
        return True
    _take_over(visit, event, there)
    return True


def _mend(visit: Visit, event: VisitEvent, there: Standing) -> None:
    """Nobody has changed the event since we last saw it: where it is not as the visit, the visit is right."""
    if differs(event, there):
        event.seen = there.seen(visit.timezone, str(event.seen.get("words", "")))
        visit.published = Published.WAITING
        session.flush()


def _take_over(visit: Visit, event: VisitEvent, there: Standing) -> None:
    before, now = event.seen, there.seen(visit.timezone, str(event.seen.get("words", "")))
    event.change_key, event.seen = there.change_key, now
    session.flush()
    who = session.get_one(Person, event.person_id).who()
    if there.off:
        decline(visit, who, source=OUTLOOK)
        return
    if _ours_is_later(visit, there):
        return
    changed: dict[str, Any] = {}
    if (now["start"], now["end"]) != (before.get("start"), before.get("end")) or now["zone"] != before.get("zone"):
        changed["start"], changed["end"] = there.walls(visit.timezone)
    if now["place"] != before.get("place"):
        changed["place"] = there.place[:250]
    if not changed:
        return
    ours_waits = visit.published == Published.WAITING
    try:
        with session.begin_nested():
            move(visit, who, source=OUTLOOK, **changed)
    except Invalid:
        not_placed(visit, IMPOSSIBLE)
        return
    if not ours_waits:
        # What came from there is there: the next change in Outlook may be older than the moment we write this down.
        visit.published = Published.PUBLISHED
    key = f"visits.look_busy_of:{event.person_id}"
    later("visits.look_busy_of", once=key, at=in_a_moment(_SETTLED), person_id=event.person_id)


def _ours_is_later(visit: Visit, there: Standing) -> bool:
    waiting = visit.published != Published.PUBLISHED
    return waiting and there.modified_at is not None and visit.updated_at > there.modified_at


def missing(event: VisitEvent) -> bool:
    """The event was not found; True when this is the first time, so that another look is due before it is believed."""
    first = event.missing_since is None
    if first:
        event.missing_since = clock.now()
        session.flush()
    return first


def vanished(event: VisitEvent) -> None:
    """The event was looked for twice and is gone: the technician has called the visit off in Outlook.

    When many are gone from one calendar at once, nothing is called off: each visit says so, with *try again*.
    """
    gone = session.scalars(
        select(Visit)
        .join(VisitEvent, VisitEvent.visit_id == Visit.id)
        .where(
            VisitEvent.mailbox == event.mailbox,
            VisitEvent.wanted,
            VisitEvent.missing_since.is_not(None),
            Visit.state == VisitState.PLANNED,
        )
        .order_by(Visit.id)
    ).all()
    if len(gone) >= ACCIDENT:
        for one in gone:
            not_placed(one, MANY_GONE)
        return
    visit = locked(session.get_one(Visit, event.visit_id))
    session.refresh(event)
    if event.wanted and event.missing_since is not None:
        event.gone = True
        cancel(visit, session.get_one(Person, event.person_id).who(), source=OUTLOOK)


def withdrawn(event: VisitEvent) -> None:
    """The event no longer stands in the calendar."""
    event.gone = True
    visit = locked(session.get_one(Visit, event.visit_id))
    left = select(func.count()).where(
        VisitEvent.visit_id == visit.id, ~VisitEvent.wanted, ~VisitEvent.gone, VisitEvent.id != event.id
    )
    alone = not session.scalar(left)
    if alone and visit.state != VisitState.PLANNED:
        visit.published, visit.error = Published.PUBLISHED, ""
    elif alone and (visit.published, visit.error) == (Published.FAILED, LEFT_THERE):
        visit.published, visit.error = Published.WAITING, ""
        later("visits.publish", once=f"visits.publish:{visit.id}", visit_id=visit.id)
    session.flush()
    tell(visit)
