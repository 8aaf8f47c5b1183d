"""Which days a board shows, and where a time lies on them. Pure: no database, no clock."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar

from backend.clock import local

FIRST_HOUR, LAST_HOUR = 8, 18  # shown at least
WHOLE_DAY = 24 * 60
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
Thing = TypeVar("Thing")


def monday_of(day: date) -> date:
    """The Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def week_name(day: date) -> str:
    """The ISO week of `day` as addresses name it: 2026-W48."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def week_named(name: str) -> date | None:
    """The Monday of the week called `name`; None when there is no such week."""
    match = _WEEK.fullmatch(name)
    try:
        return date.fromisocalendar(int(match[1]), int(match[2]), 1) if match else None
    except ValueError:
        return None


def day_named(name: str) -> date | None:
    """The day written as 2026-11-24; None when there is no such day."""
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


@dataclass(frozen=True)
class Piece(Generic[Thing]):
    """The part of something that lies on one day: minutes of the wall clock from midnight, and its place beside others.

    `first` and `last` say whether it begins and ends on this day; `lane` counts from 0, `lanes` is how many there are.
    """

    thing: Thing
    day: date
    top: int
    bottom: int
    first: bool = True
    last: bool = True
    lane: int = 0
    lanes: int = 1

    @property
    def minutes(self) -> int:
        """How long it is on this day."""
        return self.bottom - self.top


def pieces(thing: Thing, starts_at: datetime, ends_at: datetime, zone: str, days: Iterable[date]) -> list[Piece[Thing]]:
    """Where `thing` lies on `days`, read on the clocks of the IANA time zone `zone`."""
    start, end = local(starts_at, zone), local(ends_at, zone)
    found = []
    for day in days:
        if not start.date() <= day <= end.date():
            continue
        first, last = start.date() == day, end.date() == day
        top = start.hour * 60 + start.minute if first else 0
        bottom = end.hour * 60 + end.minute if last else WHOLE_DAY
        if last and not first and not bottom:
            continue  # it ended at midnight
        if end.date() == day + timedelta(days=1) and not end.hour and not end.minute:
            last = True
        # In the hour that clocks repeat an end may stand before its start.
        found.append(Piece(thing, day, top, max(bottom, top + 5), first, last))
    return found


def side_by_side(laid: Sequence[Piece[Thing]]) -> list[Piece[Thing]]:
    """The pieces of one day, those that overlap beside each other, by their tops."""
    placed: list[Piece[Thing]] = []
    group: list[Piece[Thing]] = []
    end = -1

    def close() -> None:
        lanes = max((piece.lane for piece in group), default=0) + 1
        placed.extend(replace(piece, lanes=lanes) for piece in group)
        group.clear()

    for piece in sorted(laid, key=lambda one: (one.top, -one.bottom)):
        if piece.top >= end:
            close()
        taken = {one.lane for one in group if one.bottom > piece.top}
        group.append(replace(piece, lane=next(lane for lane in range(len(group) + 1) if lane not in taken)))
        end = max(end, piece.bottom) if len(group) > 1 else piece.bottom
    close()
    return placed


def hours_shown(laid: Iterable[Piece[Thing]]) -> tuple[int, int]:
    """(first, last) hour of a board that shows all of these: the working day, longer where something lies outside."""
    first, last = FIRST_HOUR, LAST_HOUR
    for piece in laid:
        first, last = min(first, piece.top // 60), max(last, -(-piece.bottom // 60))
    return first, last
