"""Live streams: one person cannot keep the others from hearing, and nobody listens for ever."""

from collections.abc import Iterator

import pytest

from backend.live import HUB, stream
from tests.world import World

TICKETS = frozenset({"tickets"})
# Ids that nobody else has: streams of other tests of this process may still be ending.
LOUD, QUIET = 9_000_001, 9_000_002


@pytest.fixture
def crowd(world: World) -> Iterator[list[Iterator[str]]]:
    """Twelve streams of one person."""
    streams = [stream(TICKETS, 0, LOUD) for _ in range(12)]
    for one in streams:
        next(one)
    yield streams
    for one in streams:
        one.close()  # type: ignore[attr-defined]


def test_who_holds_most_makes_room_for_others(crowd: list[Iterator[str]]) -> None:
    before = HUB.open_streams
    assert HUB.make_room(QUIET)
    assert HUB.open_streams == before - 1
    assert all(said.startswith("id:") for said in crowd[0])  # and comes to its end


def test_who_holds_most_gets_no_more_room(crowd: list[Iterator[str]]) -> None:
    assert not HUB.make_room(LOUD)
    assert HUB.open_streams >= len(crowd)


@pytest.mark.usefixtures("world")
def test_a_stream_ends_so_that_the_sign_in_is_looked_at_again() -> None:
    wire = list(stream(TICKETS, 0, QUIET, seconds=0.05))
    assert wire[0].startswith("retry:")
    assert len(wire) <= 4
