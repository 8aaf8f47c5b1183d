"""What the bot has to say is said once and in order, whatever happens on the way."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from backend import clock
from backend.chat.actions import outbox, pace
from backend.chat.models import (
    Operation,
    PostState,
    Reach,
    TeamsConversation,
    TeamsPost,
    TeamsRequest,
    conversation_of,
)
from backend.db import scope, session
from backend.sandbox import teams_people
from tests.bot.teams import PIET, Teams, installed, person
from tests.world import World

pytestmark = pytest.mark.slow
POST = "POST /v3/conversations/.*/activities$"


@pytest.fixture
def teams(world: World) -> Teams:
    """Piet has the bot."""
    world.staff("Piet Hagenauer")
    made = Teams(world)
    installed(made, PIET)
    return made


def piets() -> TeamsConversation:
    """His chat with the bot."""
    found = conversation_of(teams_people.chat_id(person(PIET)))
    assert found is not None
    return found


def say(*texts: str) -> list[int]:
    return [outbox.post(piets(), {"type": "message", "text": text}, purpose="word").id for text in texts]


def states(world: World) -> list[str]:
    with world.rows():
        return list(session.scalars(select(TeamsPost.state).order_by(TeamsPost.id)))


def test_many_workers_say_everything_once_and_in_order(world: World, teams: Teams) -> None:
    texts = [f"Zeile {number}" for number in range(15)]
    for text in texts:
        with world.rows():
            say(text)
    world.work(concurrency=4)
    assert teams.words(PIET) == texts
    assert set(states(world)) == {PostState.SENT}


def test_who_is_asked_to_wait_keeps_the_order_and_asks_no_sooner(world: World, teams: Teams) -> None:
    world.misbehave(POST, status=429, retry_after=7, times=2)
    with world.rows():
        (first,) = say("eins")
    waits: list[float] = []
    for _attempt in range(2):
        world.run("chat.post", conversation_id=where(first))
        with world.rows():
            say("zwei")
            held = piets().held_until
        assert held is not None
        waits.append((held - datetime.now(UTC)).total_seconds())
        refused = len(posts(teams))
        world.run("chat.post", conversation_id=where(first))
        assert len(posts(teams)) == refused, "whose turn it is not does nothing"
        with world.rows():
            piets().held_until = None  # as if the time were over
    assert min(waits) > 6
    world.work()
    assert teams.words(PIET) == ["eins", "zwei", "zwei"]


def test_who_is_refused_again_and_again_waits_longer_each_time(world: World, teams: Teams) -> None:
    world.misbehave(POST, status=429, retry_after=1)
    with world.rows():
        (first,) = say("eins")
    waits: list[float] = []
    for _attempt in range(outbox.MOST_TRIES - 1):
        world.run("chat.post", conversation_id=where(first), turn=len(waits))
        with world.rows():
            held = piets().held_until
        assert held is not None
        waits.append((held - datetime.now(UTC)).total_seconds())
    assert waits[:4] == sorted(waits[:4])
    assert waits[3] > 7
    assert max(waits) < 1100


def where(post_id: int) -> int:
    """The conversation of a post."""
    with scope():
        return session.get_one(TeamsPost, post_id).conversation_id


def posts(teams: Teams) -> list[dict[str, Any]]:
    """What the bot tried to say so far."""
    return [one for one in teams.requests() if one["method"] == "POST" and one["path"].endswith("/activities")]


def test_all_workers_together_keep_to_the_limits_of_teams(world: World, teams: Teams) -> None:
    """Seven in a second and eight in two are allowed in a conversation, and Teams has to refuse nothing."""
    with world.rows():
        say(*(f"Zeile {number}" for number in range(11)))
    world.work(concurrency=4)
    assert teams.words(PIET) == [f"Zeile {number}" for number in range(11)]
    assert {one["status"] for one in posts(teams)} == {201}
    with world.rows():
        times = list(session.scalars(select(TeamsRequest.at).order_by(TeamsRequest.at)))
    assert len(times) == 11
    for seconds, most in pace.CONVERSATION[:2]:
        for first, beyond in zip(times, times[most:], strict=False):
            assert (beyond - first).total_seconds() > seconds


def test_a_line_that_is_long_on_its_way_counts_from_its_arrival(world: World, teams: Teams) -> None:
    world.misbehave(POST, delay=1.2, times=1)
    with world.rows():
        say(*(f"Zeile {number}" for number in range(9)))
    world.work()
    assert [one["status"] for one in posts(teams)] == [201] * 9


def test_the_limit_of_the_whole_bot_is_counted_over_all_conversations(world: World, teams: Teams) -> None:
    with world.rows():
        session.add_all(TeamsRequest(place=f"a:{number}") for number in range(49))
        session.flush()
        assert pace.wait("a:49") == 0
        assert 0 < pace.wait("a:50") <= 1.3
        session.execute(delete(TeamsRequest))
        threads = [pace.wait(f"19:channel;messageid={number}") for number in range(8)]
    assert threads[:7] == [0.0] * 7
    assert threads[7] > 0, "threads count for their channel"


def test_a_broken_line_makes_doubtful_what_was_perhaps_said(world: World, teams: Teams) -> None:
    world.misbehave(POST, drop=True, after_effect=True, times=1)
    with world.rows():
        say("eins", "zwei")
    world.work()
    assert teams.words(PIET) == ["eins", "zwei"]
    assert states(world) == [PostState.DOUBTFUL, PostState.SENT]


def test_what_was_being_said_when_a_process_died_is_not_said_again(world: World, teams: Teams) -> None:
    with world.rows():
        (said,) = say("eins")
    world.work()
    with world.rows():
        (dead,) = say("zwei")
        there = session.get_one(TeamsPost, said)
        changed = outbox.post(
            piets(), {"type": "message", "text": "geändert"}, purpose="word", operation=Operation.UPDATE, replaces=there
        )
        for one in (session.get_one(TeamsPost, dead), changed):
            one.state, one.taken_at = PostState.SENDING, clock.now()
    world.work()
    world.run("chat.sweep")
    assert states(world) == [PostState.SENT, PostState.SENDING, PostState.SENDING], "somebody may still be at it"
    world.pass_time(timedelta(minutes=2))
    world.run("chat.sweep")
    world.run("chat.sweep")
    world.work()
    assert states(world) == [PostState.SENT, PostState.DOUBTFUL, PostState.SENT]
    assert teams.words(PIET) == ["geändert"]


def test_a_job_that_was_lost_is_asked_for_again(world: World, teams: Teams) -> None:
    with world.rows():
        say("eins")
        session.connection().exec_driver_sql("delete from procrastinate_jobs where status = 'todo'")
    world.work()
    assert teams.words(PIET) == []
    world.pass_time(timedelta(minutes=2))
    world.run("chat.sweep")
    world.work()
    assert teams.words(PIET) == ["eins"]


def test_what_teams_refuses_does_not_hold_up_what_follows(world: World, teams: Teams) -> None:
    with world.rows():
        say("x" * 120_000, "zwei")
    world.work()
    assert teams.words(PIET) == ["zwei"]
    assert states(world) == [PostState.FAILED, PostState.SENT]


def test_teams_that_is_down_for_long_is_given_up_and_what_waited_behind_it_too(world: World, teams: Teams) -> None:
    world.misbehave(POST, status=412)
    with world.rows():
        (first,) = say("eins")
        session.get_one(TeamsPost, first).tries = outbox.MOST_TRIES - 2
        (second,) = say("zwei")
        session.get_one(TeamsPost, second).created_at = clock.now() - outbox.PATIENCE - timedelta(minutes=1)
    world.work()
    assert states(world) == [PostState.FAILED] * 2
    assert len(posts(teams)) == 3
    assert teams.words(PIET) == []


def test_nothing_is_asked_of_teams_for_who_has_blocked_the_bot(world: World, teams: Teams) -> None:
    teams.control("POST", f"/people/{PIET}/block")
    with world.rows():
        say("eins", "zwei")
    world.work()
    assert states(world) == [PostState.FAILED] * 2
    with world.rows():
        assert piets().state == Reach.BLOCKED
    before = teams.last_request()
    with world.rows():
        say("drei")
    world.work()
    assert teams.requests(before) == []
    teams.control("POST", f"/people/{PIET}/unblock")
    teams.says(PIET, "Hallo")
    assert teams.words(PIET), "who writes can be written to"
