"""The timers: they run on the server, one at a time for each person, and nothing of them is lost unasked.

Each verb works alone on its person's timers, so that two browsers at once never count a minute twice; whoever needs a
ticket's row as well takes it after that. Time in which nobody was seen at work goes on counting; once the person is
back, it stands apart until they keep or remove it.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from backend import clock, live
from backend.auth import Who
from backend.db import session
from backend.errors import Conflict, NotFound
from backend.i18n import _
from backend.settings.models import setting
from backend.tickets.actions import record
from backend.tickets.models import Ticket
from backend.worklog.clocks import Clock, clocks
from backend.worklog.models import SegmentState, Timer, TimerSegment
from backend.worklog.words import hours

_LOCK = 0x74696D65
_SEEN = timedelta(seconds=20)  # so exactly it is known when somebody was at work


def topic(person_id: int | None) -> str:
    """The live topic of that person's timers."""
    return f"timer:{person_id}"


def alone(who: Who) -> int:
    """Waits until nobody else works on this person's timers; returns the person's id. Raises NotFound for programs."""
    if who.person_id is None:
        raise NotFound(_("Programs have no timers."))
    session.execute(select(func.pg_advisory_xact_lock(_LOCK, who.person_id)))
    return who.person_id


def _running(person_id: int) -> TimerSegment | None:
    query = select(TimerSegment).where(TimerSegment.person_id == person_id, TimerSegment.ended_at.is_(None))
    return session.scalar(query.execution_options(populate_existing=True))


def _begin(timer: Timer, at: datetime, state: SegmentState = SegmentState.WORKED) -> TimerSegment:
    # Clocks are set back now and then; no stretch begins before the last one ended.
    last = session.scalar(select(func.max(TimerSegment.ended_at)).where(TimerSegment.person_id == timer.person_id))
    at = at if last is None else max(at, last)
    segment = TimerSegment(
        timer_id=timer.id, person_id=timer.person_id, started_at=at, ended_at=None, active_at=at, state=state
    )
    session.add(segment)
    return segment


def seen(person_id: int, now: datetime) -> bool:
    """The person is at work now; whether the time before has to be asked for, since nobody was seen for too long."""
    segment = _running(person_id)
    if segment is None:
        return False
    away = now - segment.active_at
    if away <= timedelta(minutes=setting("timer_idle_minutes")):
        segment.active_at = max(now, segment.active_at)
        return False
    left = segment.active_at
    timer = session.get_one(Timer, segment.timer_id)
    if left <= segment.started_at:
        segment.state, segment.ended_at = SegmentState.UNSURE, now
    else:
        segment.ended_at = left
        session.flush()  # a running segment ends before another begins
        gap = _begin(timer, left, SegmentState.UNSURE)
        gap.ended_at = now
    session.flush()
    _begin(timer, now)
    session.flush()
    return True


def stop(person_id: int, now: datetime) -> None:
    """Ends the running segment, whichever it is."""
    segment = _running(person_id)
    if segment is not None:
        segment.ended_at = max(now, segment.started_at)
        session.flush()


def own_timer(person_id: int, timer_id: int) -> Timer:
    """The person's timer with that id. Raises NotFound."""
    query = select(Timer).where(Timer.id == min(timer_id, 2**31 - 1), Timer.person_id == person_id)
    timer = session.scalar(query.execution_options(populate_existing=True))
    if timer is None:
        raise NotFound(_("This timer is no longer there."))
    return timer


def clock_now(who: Who, timer: Timer, now: datetime) -> Clock:
    """The timer as it stands. Raises Conflict when it has ended."""
    found = next((one for one in clocks(who, timer.person_id, now) if one.timer_id == timer.id), None)
    if found is None:
        raise Conflict(_("This timer has ended already."))
    return found


def _go_on(timer: Timer, now: datetime) -> None:
    """Has `timer` run, and pauses the one that does."""
    segment = _running(timer.person_id)
    if segment is not None and segment.timer_id == timer.id:
        return
    stop(timer.person_id, now)
    _begin(timer, now)
    session.flush()


def start(who: Who, ticket: Ticket, *, opening: bool = False) -> Timer | None:
    """Counts the time of `who` on `ticket`; the timer that runs is paused.

    `opening`: because the ticket was opened; then only where the installation wants it, and not on a closed ticket.
    """
    if opening and (ticket.closed or not setting("timer_on_opening")):
        return None
    person_id, now = alone(who), clock.now()
    seen(person_id, now)
    query = (
        select(Timer)
        .where(Timer.person_id == person_id, Timer.ticket_id == ticket.id, Timer.ended_at.is_(None))
        .order_by(Timer.id.desc())
        .limit(1)
    )
    timer = session.scalar(query)
    if timer is None:
        timer = Timer(person_id=person_id, ticket_id=ticket.id, created_at=now, ended_at=None)
        session.add(timer)
        session.flush()
    _go_on(timer, now)
    live.tell(topic(person_id))
    return timer


def pause(who: Who, timer_id: int) -> None:
    """Stops counting on that timer; nothing happens when it is another that runs."""
    person_id, now = alone(who), clock.now()
    own_timer(person_id, timer_id)
    seen(person_id, now)
    segment = _running(person_id)
    if segment is not None and segment.timer_id == timer_id:
        stop(person_id, now)
        live.tell(topic(person_id))


def resume(who: Who, timer_id: int) -> None:
    """Counts on; the timer that runs is paused. Raises Conflict when it has ended."""
    person_id, now = alone(who), clock.now()
    timer = own_timer(person_id, timer_id)
    if timer.ended_at is not None:
        raise Conflict(_("This timer has ended already."))
    seen(person_id, now)
    _go_on(timer, now)
    live.tell(topic(person_id))


def be_active(who: Who) -> None:
    """`who` is at work. After too long without a sign of it, the pages that are open ask whether that time counts."""
    if who.person_id is None:
        return
    segment, now = _running(who.person_id), clock.now()
    if segment is None or abs(now - segment.active_at) < _SEEN:
        return
    if seen(alone(who), clock.now()):
        live.tell(topic(who.person_id))


def answer_gap(who: Who, started_at: datetime, *, keep: bool) -> None:
    """Whether the time without activity that began at `started_at` counts. Raises Conflict when nobody asks for it."""
    person_id, now = alone(who), clock.now()
    seen(person_id, now)
    gap = session.scalar(
        select(TimerSegment).where(
            TimerSegment.person_id == person_id,
            TimerSegment.started_at == started_at,
            TimerSegment.state == SegmentState.UNSURE,
        )
    )
    if gap is None or gap.ended_at is None:
        raise Conflict(_("This has been answered already."))
    timer = session.get_one(Timer, gap.timer_id)
    length = int((gap.ended_at - gap.started_at).total_seconds())
    if not keep and timer.ended_at is None:
        counted = clock_now(who, timer, now).seconds
        if length > counted:
            raise Conflict(_("This time has become an entry already. Please change the entry."))
    gap.state = SegmentState.KEPT if keep else SegmentState.REMOVED
    session.flush()
    if not keep:
        ticket = session.get_one(Ticket, timer.ticket_id)
        record(ticket, who, "timer_cut", before=hours(length // 60), timer_id=timer.id)
    live.tell(topic(person_id))


def discard(who: Who, timer_id: int) -> int:
    """Throws away what the timer has counted, in seconds as returned; `reopen` takes it back.

    Done already, it does nothing.
    """
    person_id, now = alone(who), clock.now()
    timer = own_timer(person_id, timer_id)
    if timer.ended_at is not None:
        return 0
    seconds = clock_now(who, timer, now).seconds
    segment = _running(person_id)
    if segment is not None and segment.timer_id == timer.id:
        stop(person_id, now)
    timer.ended_at, timer.outcome = now, "discarded"
    if seconds >= 60:
        ticket = session.get_one(Ticket, timer.ticket_id)
        record(ticket, who, "timer_discarded", before=hours(seconds // 60), timer_id=timer.id)
    live.tell(topic(person_id))
    return seconds


def discard_short(who: Who) -> int:
    """Throws away the paused timers that have counted less than a minute; how many they were."""
    person_id, now = alone(who), clock.now()
    short = [one for one in clocks(who, person_id, now) if not one.running and one.seconds < 60 and not one.gaps]
    for one in short:
        discard(who, one.timer_id)
    return len(short)


def reopen(who: Who, timer_id: int) -> None:
    """A discarded timer is there again, paused, with all it had counted."""
    person_id = alone(who)
    timer = own_timer(person_id, timer_id)
    if timer.outcome == "discarded":
        timer.ended_at, timer.outcome = None, ""
        live.tell(topic(person_id))


def counted_on(who: Who, ticket_ids: list[int]) -> int:
    """Seconds that timers, whoever's, have counted on these tickets and that are in no entry yet."""
    now = clock.now()
    found = [one for person_id in _owners(ticket_ids) for one in clocks(who, person_id, now)]
    return sum(one.seconds for one in found if one.ticket_id in ticket_ids)


def _owners(ticket_ids: list[int]) -> list[int]:
    query = select(Timer.person_id).where(Timer.ticket_id.in_(ticket_ids), Timer.ended_at.is_(None)).distinct()
    return sorted(session.scalars(query))


def leave(ticket_ids: list[int]) -> None:
    """These tickets go, or come back: nothing is counted on them meanwhile, and the bars of those who did follow."""
    timers = select(Timer.id).where(Timer.ticket_id.in_(ticket_ids))
    running = update(TimerSegment).where(TimerSegment.timer_id.in_(timers), TimerSegment.ended_at.is_(None))
    session.execute(running.values(ended_at=func.greatest(clock.now(), TimerSegment.started_at)))
    for person_id in _owners(ticket_ids):
        live.tell(topic(person_id))
