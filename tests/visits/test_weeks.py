"""Where times lie on a board, and what is in the way of what."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from backend.visits.overlaps import overlaps
from backend.visits.weeks import (
    Piece,
    day_named,
    hours_shown,
    monday_of,
    pieces,
    side_by_side,
    week_name,
    week_named,
)

BERLIN = "Europe/Berlin"
MONDAY = date(2030, 3, 4)
WEEK = [MONDAY + timedelta(days=number) for number in range(7)]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in that week, in UTC."""
    return datetime(2030, 3, 4, tzinfo=UTC) + timedelta(days=day, hours=hour, minutes=minute)


@dataclass(frozen=True)
class Something:
    """A visit or a busy time, as far as it is asked for."""

    id: int
    starts_at: datetime
    ends_at: datetime
    technician_id: int = 1
    person_id: int = 1
    status: str = "busy"


def test_a_week_is_named_and_found_again() -> None:
    assert week_name(date(2026, 11, 26)) == "2026-W48"
    assert week_named("2026-W48") == date(2026, 11, 23) == monday_of(date(2026, 11, 29))
    assert week_named("2026-W53") == date(2026, 12, 28)
    assert week_named("2027-W53") is None
    assert [week_named(name) for name in ("", "2026-W00", "2026W48", "xxxx-W01")] == [None] * 4
    assert day_named("2026-02-30") is None


def test_a_time_is_read_on_the_clocks_of_the_zone() -> None:
    (piece,) = pieces("visit", at(0, 8), at(0, 9, 30), BERLIN, WEEK)
    assert (piece.day, piece.top, piece.bottom, piece.first, piece.last) == (MONDAY, 540, 630, True, True)


def test_what_lasts_over_midnight_lies_on_both_days() -> None:
    found = pieces("visit", at(0, 21), at(1, 1), BERLIN, WEEK)
    assert [(p.day.day, p.top, p.bottom, p.first, p.last) for p in found] == [
        (4, 1320, 1440, True, False),
        (5, 0, 120, False, True),
    ]


def test_what_ends_at_midnight_lies_on_one_day() -> None:
    (piece,) = pieces("visit", at(0, 20), at(0, 23), BERLIN, WEEK)
    assert (piece.top, piece.bottom, piece.last) == (21 * 60, 1440, True)


def test_what_began_before_the_week_fills_its_days() -> None:
    found = pieces("away", at(-3, 8), at(1, 11), BERLIN, WEEK)
    assert [(p.day.day, p.top, p.bottom) for p in found] == [(4, 0, 1440), (5, 0, 720)]


def test_in_the_hour_that_clocks_repeat_nothing_is_upside_down() -> None:
    start = datetime(2030, 10, 27, 0, 45, tzinfo=UTC)  # 02:45 in summer
    (piece,) = pieces("visit", start, start + timedelta(minutes=30), BERLIN, [date(2030, 10, 27)])  # 02:15 in winter
    assert piece.bottom > piece.top


def laid(*spans: tuple[int, int]) -> list[Piece[int]]:
    """Pieces of one day with these tops and bottoms."""
    return [Piece(number, MONDAY, top, bottom) for number, (top, bottom) in enumerate(spans)]


def test_what_overlaps_lies_side_by_side_and_the_rest_is_wide() -> None:
    found = side_by_side(laid((600, 660), (540, 630), (660, 700), (540, 600)))
    assert [(p.thing, p.lane, p.lanes) for p in found] == [(1, 0, 2), (3, 1, 2), (0, 1, 2), (2, 0, 1)]
    assert side_by_side([]) == []


def test_the_hours_grow_with_what_is_there() -> None:
    assert hours_shown([]) == (8, 18)
    assert hours_shown(laid((405, 480), (1080, 1085))) == (6, 19)


def test_another_visit_or_a_busy_time_is_in_the_way() -> None:
    first, second = Something(1, at(0, 8), at(0, 10)), Something(2, at(0, 9), at(0, 11))
    touching, elsewhere = Something(3, at(0, 11), at(0, 12)), Something(4, at(0, 8), at(0, 12), technician_id=2)
    busy = Something(9, at(0, 11, 30), at(0, 13))
    found = overlaps([first, second, touching, elsewhere], [busy])
    assert found == {1: [second], 2: [first], 3: [busy]}


@pytest.mark.parametrize(("status", "clash"), [("busy", 1), ("oof", 1), ("tentative", 0), ("workingElsewhere", 0)])
def test_only_who_is_busy_or_away_cannot_come(status: str, clash: int) -> None:
    assert len(overlaps([Something(1, at(0, 8), at(0, 9))], [Something(9, at(0, 8), at(0, 9), status=status)])) == clash
