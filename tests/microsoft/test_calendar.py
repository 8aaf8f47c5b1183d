"""Events of ours at Microsoft: made once, found by our word, and nothing else is looked at."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.errors import OutsideDown
from backend.microsoft import calendar, graph
from tests.sandbox import contract
from tests.world import World

pytestmark = pytest.mark.slow

PIET, AYLIN = "piet.hagenauer@nordlicht-it.example", "aylin.demirsoy@nordlicht-it.example"
KEY = "8a1e4f0c-6c0e-4c57-9d0b-000000000001"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def held_to_the_description(world: World) -> Iterator[None]:
    """Every request and answer of a test is held against Microsoft's description."""
    yield
    if contract.missing() is None:
        entries = world.sandbox.get("/_sandbox/requests").json()
        found = [offence for entry in entries if contract.whole(entry) for offence in contract.offences(entry)]
        assert not found, "\n".join(found)


def entry(**other: Any) -> calendar.Entry:
    given = {
        "subject": "Möbelwerk: Drucker", "html": "<p>#10001</p>", "place": "Halle 2", "zone": "Europe/Berlin",
        "start": datetime(2026, 12, 1, 9), "end": datetime(2026, 12, 1, 11),
    }  # fmt: skip
    return calendar.Entry(**{**given, **other})


def foreign(world: World, mailbox: str = PIET, **other: Any) -> None:
    """An appointment of somebody's own."""
    body = {
        "subject": "Zahnarzt",
        "start": {"dateTime": "2026-12-02T10:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-12-02T11:00:00", "timeZone": "Europe/Berlin"},
        **other,
    }
    token = world.sandbox.post("/_sandbox/token", json={"app": True}).json()["access_token"]
    answer = world.sandbox.post(
        f"/v1.0/users/{mailbox}/events", json=body, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 201, answer.text


def test_an_event_is_made_read_changed_and_deleted(world: World) -> None:
    made = calendar.create(PIET, entry(), KEY)
    assert (made.key, made.place) == (KEY, "Halle 2")
    assert made.starts_at == datetime(2026, 12, 1, 8, tzinfo=UTC)
    there = calendar.read(PIET, made.id)
    assert there == made
    later = entry(start=datetime(2026, 12, 1, 10), subject="Anders")
    moved = calendar.update(PIET, made.id, later, change_key=made.change_key, content=False)
    assert (moved.starts_at.hour, moved.change_key != made.change_key) == (9, True)
    with pytest.raises(calendar.ChangedMeanwhile):
        calendar.update(PIET, made.id, entry(), change_key=made.change_key)
    calendar.delete(PIET, made.id)
    with pytest.raises(graph.Missing):
        calendar.read(PIET, made.id)
    with pytest.raises(graph.Missing):
        calendar.delete(PIET, made.id)


def test_the_same_key_makes_one_event(world: World) -> None:
    first, second = calendar.create(PIET, entry(), KEY), calendar.create(PIET, entry(), KEY)
    assert first.id == second.id
    with pytest.raises(OutsideDown):
        calendar.create(PIET, entry(start=datetime(2026, 12, 1, 8)), KEY)
    assert [one.id for one in calendar.find_by_key(PIET, KEY)] == [first.id]
    assert calendar.find_by_key(AYLIN, KEY) == []


def test_only_ours_are_listed_from_all_pages(world: World) -> None:
    foreign(world)
    for number in range(105):
        start = datetime(2026, 12, 1) + timedelta(hours=number)
        calendar.create(PIET, entry(start=start, end=start + timedelta(hours=1)), f"{number:036}")
    listed = calendar.all_of_ours(PIET, SINCE)
    assert sorted(one.key for one in listed) == [f"{number:036}" for number in range(105)]
    assert calendar.all_of_ours(PIET, datetime(2027, 1, 1, tzinfo=UTC)) == []
    assert calendar.all_of_ours(AYLIN, SINCE) == []


def test_times_over_a_change_of_the_clocks(world: World) -> None:
    made = calendar.create(PIET, entry(start=datetime(2026, 10, 24, 22), end=datetime(2026, 10, 25, 6)), KEY)
    assert made.ends_at - made.starts_at == timedelta(hours=9)
    made = calendar.update(
        PIET, made.id, entry(start=datetime(2027, 3, 27, 22), end=datetime(2027, 3, 28, 6)), change_key=made.change_key
    )
    assert made.ends_at - made.starts_at == timedelta(hours=7)


def test_a_mailbox_that_is_none_is_missing(world: World) -> None:
    for ask in (
        lambda: calendar.create("nobody@nordlicht-it.example", entry(), KEY),
        lambda: calendar.find_by_key("nobody@nordlicht-it.example", KEY),
        lambda: calendar.all_of_ours("nobody@nordlicht-it.example", SINCE),
    ):
        with pytest.raises(graph.Missing):
            ask()


def test_of_other_peoples_time_only_that_it_is_taken_comes_back(world: World) -> None:
    foreign(world)
    foreign(world, showAs="free", start={"dateTime": "2026-12-02T14:00:00", "timeZone": "UTC"},
            end={"dateTime": "2026-12-02T15:00:00", "timeZone": "UTC"})  # fmt: skip
    foreign(world, AYLIN, showAs="oof", location={"displayName": "Praxis"})
    start = datetime(2026, 11, 30, tzinfo=UTC)
    asked = [PIET, AYLIN, "nobody@nordlicht-it.example"]
    found = calendar.schedule(PIET, asked, start, start + timedelta(days=35))
    at = (datetime(2026, 12, 2, 9, tzinfo=UTC), datetime(2026, 12, 2, 10, tzinfo=UTC))
    assert found[PIET] == [calendar.Busy(*at, "busy")]
    assert found[AYLIN] == [calendar.Busy(*at, "oof")]
    assert found["nobody@nordlicht-it.example"] == "ErrorMailRecipientNotFound"
    assert "Zahnarzt" not in repr(found)
    assert "Praxis" not in repr(found)


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("Europe/Berlin", 2), ("W. Europe Standard Time", 2), ("w. europe standard time", 2), ("GMT Standard Time", 1),
        ("Romance Standard Time", 2), ("UTC", 0), ("tzone://Microsoft/Utc", 0), ("(UTC+01:00) Amsterdam, Berlin", 1),
        ("(UTC-03:30) Newfoundland", -3.5), ("Customized Time Zone", 0), ("", 0), ("../../etc/passwd", 0),
    ],
)  # fmt: skip
def test_zones_by_any_of_their_names(name: str, hours: float) -> None:
    at = datetime(2026, 7, 1, tzinfo=calendar.zone(name))
    assert at.utcoffset() == timedelta(hours=hours)
