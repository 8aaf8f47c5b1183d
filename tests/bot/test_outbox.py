"""What the bot has to say is said once and in order, whatever happens on the way."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.chat.actions import outbox
from backend.chat.models import Operation, PostState, Reach, TeamsConversation, TeamsPost, conversation_of
from backend.db import session
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


def test_who_is_asked_to_wait_keeps_the_order(world: World, teams: Teams) -> None:
    world.misbehave(POST, status=429, retry_after=1, times=3)
    with world.rows():
        say("eins", "zwei", "drei")
    world.work()
    assert teams.words(PIET) == ["eins", "zwei", "drei"]


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


def test_teams_that_is_down_for_long_is_given_up_one_by_one(world: World, teams: Teams) -> None:
    world.misbehave(POST, status=412)
    with world.rows():
        say("eins")
    world.work()
    assert states(world) == [PostState.FAILED]
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
