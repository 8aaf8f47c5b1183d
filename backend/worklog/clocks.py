"""What the timers of a person show at a moment: how much they have counted, and whether some of it is doubtful."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from backend.auth import Who
from backend.db import session
from backend.i18n import _
from backend.settings.models import setting
from backend.tickets.models import Ticket, visible
from backend.worklog.models import SegmentState, Timer, TimerSegment


@dataclass(frozen=True)
class Gap:
    """A stretch without any activity that counts until the person says otherwise."""

    started_at: datetime
    seconds: int
    going_on: bool = False

    @property
    def minutes(self) -> int:
        """Its whole minutes."""
        return self.seconds // 60


@dataclass(frozen=True)
class Clock:
    """A timer as it stands: seconds counted that are in no entry yet, and what it belongs to."""

    timer_id: int
    ticket_id: int
    number: int
    subject: str
    closed: bool
    seconds: int
    running: bool
    used_at: datetime  # until when it counted; of a running one, since when
    active_at: datetime | None  # of a running one
    gaps: tuple[Gap, ...] = ()
    hidden: bool = False  # the person no longer sees its ticket: there is no number and no title


def _length(segment: Any, now: datetime) -> float:
    end = segment.ended_at if segment.ended_at is not None else now
    return max(0.0, float((end - segment.started_at).total_seconds()))


def _gaps(segments: list[Any], now: datetime, patience: timedelta) -> tuple[Gap, ...]:
    gaps = []
    for each in segments:
        if each.state == SegmentState.UNSURE:
            gaps.append(Gap(each.started_at, int(_length(each, now))))
        elif each.ended_at is None and now - each.active_at > patience:
            gaps.append(Gap(each.active_at, int((now - each.active_at).total_seconds()), going_on=True))
    return tuple(gaps)


def clock_of(rows: list[Any], now: datetime, patience: timedelta) -> Clock:
    """One timer by its segments' rows, the earliest first; `patience`: how long nobody has to be seen at work."""
    first, last = rows[0], rows[-1]
    counted = sum(_length(row, now) for row in rows if row.state != SegmentState.REMOVED)
    running = next((row for row in rows if row.ended_at is None), None)
    return Clock(
        timer_id=first.timer_id,
        ticket_id=first.ticket_id,
        number=first.number if first.seen else 0,
        subject=first.subject if first.seen else _("A ticket you no longer see"),
        closed=first.closed,
        hidden=not first.seen,
        seconds=max(0, int(counted) - first.saved_seconds),
        running=running is not None,
        used_at=running.started_at if running is not None else last.ended_at,
        active_at=running.active_at if running is not None else None,
        gaps=_gaps(rows, now, patience),
    )


_ROWS: Any = (
    select(
        Timer.id.label("timer_id"),
        Timer.ticket_id,
        Timer.saved_seconds,
        Ticket.number,
        Ticket.subject,
        Ticket.closed,
        TimerSegment.started_at,
        TimerSegment.ended_at,
        TimerSegment.active_at,
        TimerSegment.state,
    )
    .join(Ticket, Ticket.id == Timer.ticket_id)
    .join(TimerSegment, TimerSegment.timer_id == Timer.id)
    .order_by(Timer.id, TimerSegment.started_at, TimerSegment.id)
)


def clocks(who: Who, person_id: int, now: datetime) -> list[Clock]:
    """The timers of that person that are not ended: the running one first, then the one used last.

    Also those on tickets that `who` no longer sees, which are said without number and title.
    """
    query = _ROWS.add_columns(visible(who).label("seen"))
    rows = session.execute(query.where(Timer.person_id == person_id, Timer.ended_at.is_(None))).all()
    if not rows:
        return []
    patience = timedelta(minutes=setting("timer_idle_minutes"))
    timers: dict[int, list[Any]] = {}
    for row in rows:
        timers.setdefault(row.timer_id, []).append(row)
    found = [clock_of(group, now, patience) for group in timers.values()]
    return sorted(found, key=lambda one: (one.running, one.used_at), reverse=True)
