"""What the clock on site shows is what was agreed: in the row, in the calendar, in the mail, through both changes."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.errors import Invalid
from backend.visits import times
from tests.visits.conftest import Case

# zone, start, end, what Outlook has in UTC
NIGHTS = [
    ("Europe/Berlin", "2026-10-24T22:00", "2026-10-25T06:00", "2026-10-24T20:00", "2026-10-25T05:00"),
    ("Europe/Berlin", "2027-03-27T22:00", "2027-03-28T06:00", "2027-03-27T21:00", "2027-03-28T04:00"),
    ("Europe/Madrid", "2026-10-24T22:00", "2026-10-25T06:00", "2026-10-24T20:00", "2026-10-25T05:00"),
    ("Europe/Lisbon", "2026-10-24T22:00", "2026-10-25T06:00", "2026-10-24T21:00", "2026-10-25T06:00"),
    ("Europe/Lisbon", "2027-03-28T00:30", "2027-03-28T09:00", "2027-03-28T00:30", "2027-03-28T08:00"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("zone", "start", "end", "starts_at", "ends_at"), NIGHTS)
def test_a_visit_over_a_change_of_the_clocks(
    case: Case, zone: str, start: str, end: str, starts_at: str, ends_at: str
) -> None:
    visit_id = case.plan(start, end, timezone=zone)
    case.settle()
    (event,) = case.calendar()
    assert (event["start"]["dateTime"][:16], event["end"]["dateTime"][:16]) == (starts_at, ends_at)
    assert event["originalStartTimeZone"] == zone
    visit = case.visit(visit_id)
    assert (f"{visit.starts_at:%Y-%m-%dT%H:%M}", f"{visit.ends_at:%Y-%m-%dT%H:%M}") == (starts_at, ends_at)
    key = event["changeKey"]
    case.in_outlook(event, showAs="tentative")
    case.look()
    assert case.visit(visit_id).start == datetime.fromisoformat(start), "another property is no other time"
    assert case.calendar()[0]["changeKey"] != key
    # An hour later by the clock on site, as Outlook shows it.
    later = datetime.fromisoformat(end) + timedelta(hours=1)
    case.in_outlook(case.calendar()[0], end=later.isoformat())
    case.look()
    assert case.visit(visit_id).end == later
    for mail, calendar in case.letters():
        event_said: Any = calendar.walk("VEVENT")[0]
        assert event_said["dtstart"].dt.replace(tzinfo=None) == datetime.fromisoformat(start)
        assert f"{datetime.fromisoformat(start):%H:%M}" in mail.as_string()


@pytest.mark.slow
def test_outlook_may_name_zones_in_its_own_way(case: Case) -> None:
    visit_id = case.plan(timezone="Europe/Lisbon")
    case.settle()
    changed: dict[str, Any] = {
        "start": {"dateTime": "2031-12-01T12:00:00", "timeZone": "W. Europe Standard Time"},
        "end": {"dateTime": "2031-12-01T13:00:00", "timeZone": "W. Europe Standard Time"},
    }
    case.in_outlook(case.calendar()[0], **changed)
    case.world.run("visits.sweep")
    case.settle()
    visit = case.visit(visit_id)
    assert (visit.start, visit.end) == (datetime(2031, 12, 1, 11), datetime(2031, 12, 1, 12)), "Lisbon's clock"
    assert visit.timezone == "Europe/Lisbon"


@pytest.mark.slow
def test_an_all_day_event_is_the_days_of_the_visits_zone(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    case.in_outlook(
        case.calendar()[0],
        isAllDay=True,
        start={"dateTime": "2031-12-03T00:00:00", "timeZone": "Europe/Berlin"},
        end={"dateTime": "2031-12-04T00:00:00", "timeZone": "Europe/Berlin"},
    )
    case.world.run("visits.sweep")
    case.settle()
    visit = case.visit(visit_id)
    assert (visit.start, visit.end) == (datetime(2031, 12, 3), datetime(2031, 12, 4))


@pytest.mark.parametrize(
    ("start", "end", "zone", "field"),
    [
        ("2027-03-28T02:30", "2027-03-28T05:00", "Europe/Berlin", "start"),
        ("2027-03-28T01:00", "2027-03-28T02:00", "Europe/Berlin", "end"),
        ("2027-03-28T01:30", "2027-03-28T05:00", "Europe/Lisbon", "start"),
        ("2031-12-01T09:00", "2031-12-01T09:00", "Europe/Berlin", "end"),
        ("2031-12-01T09:00", "2027-12-01T09:00", "Europe/Berlin", "end"),
        ("2031-12-01T09:00", "2031-12-01T10:00", "CEST", "timezone"),
        ("2031-12-01T09:00+01:00", "2031-12-01T10:00", "Europe/Berlin", "start"),
    ],
)
def test_times_that_cannot_be_name_their_field(start: str, end: str, zone: str, field: str) -> None:
    with pytest.raises(Invalid) as raised:
        times.span(datetime.fromisoformat(start), datetime.fromisoformat(end), zone)
    assert list(raised.value.fields) == [field]


def test_of_two_equal_times_in_autumn_the_first_is_meant() -> None:
    start, end = datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 3, 30)
    starts_at, ends_at = times.span(start, end, "Europe/Berlin")
    assert (starts_at.hour, starts_at.minute) == (0, 30)
    assert ends_at - starts_at == timedelta(hours=2)
    assert times.span(datetime(2027, 3, 28, 2, 30), datetime(2027, 3, 28, 3), "Europe/Lisbon")
