"""How Teams answers the bot, and what each answer means for what was to be said."""

import traceback
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog

from backend import config
from backend.errors import OutsideDown
from backend.jobs import TryAgainIn
from backend.microsoft import identity, teams
from backend.sandbox import teams_people
from tests.bot.playground import Between
from tests.world import JANA, World

pytestmark = pytest.mark.slow
LINE = {"type": "message", "text": "Guten Tag"}
CREATE, CHANGE = "POST /v3/conversations/.*/activities$", "PUT /v3/conversations"


def person(mail: str) -> Any:
    return next(one for one in teams_people.TALKERS if one.mail == mail)


@pytest.fixture
def chat(world: World) -> str:
    """Jana's chat with the bot."""
    return teams_people.chat_id(person(JANA))


def url(world: World) -> str:
    return f"{world.settings.sandbox_url}/"


def said(world: World, chat: str) -> list[str]:
    """What the bot has said there since the state began, as it stands."""
    answer = world.sandbox.get(f"/_sandbox/teams/conversations/{chat}").json()
    return [one["text"] for one in answer["activities"] if one["from"]["id"].startswith("28:")][1:]


def asked(world: World, path: str) -> int:
    return sum(path in one["path"] for one in world.sandbox.get("/_sandbox/requests").json())


def test_something_is_said_changed_and_taken_back(world: World, chat: str) -> None:
    key = teams.post(url(world), chat, LINE)
    assert said(world, chat) == ["Guten Tag"]
    teams.update(url(world), chat, key, {**LINE, "text": "Guten Abend"})
    assert said(world, chat) == ["Guten Abend"]
    teams.delete(url(world), chat, key)
    assert said(world, chat) == [None]
    teams.delete(url(world), chat, key)  # what is gone is good


def test_a_mention_arrives_as_one(world: World, chat: str) -> None:
    who = teams_people.teams_id(person(JANA))
    entity = {"type": "mention", "text": "<at>Jana</at>", "mentioned": {"id": who, "name": "Jana"}}
    teams.post(url(world), chat, {**LINE, "text": "<at>Jana</at>, guten Tag", "entities": [entity]})
    there = world.sandbox.get(f"/_sandbox/teams/conversations/{chat}").json()["activities"][-1]
    assert there["entities"][0]["mentioned"]["id"] == who


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 429, "retry_after": 7}, TryAgainIn),
        ({"status": 500}, teams.Unclear),
        ({"status": 502, "after_effect": True}, teams.Unclear),
        ({"status": 503, "retry_after": 1}, teams.Unclear),
        ({"status": 504, "after_effect": True}, teams.Unclear),
        ({"drop": True, "after_effect": True}, teams.Unclear),
        ({"drop": True}, teams.Unclear),
        ({"status": 400}, teams.TeamsRefused),
        ({"status": 403}, teams.Blocked),
        ({"status": 404}, teams.Gone),
        ({"status": 412}, OutsideDown),
        ({"status": 413}, teams.TooLarge),
    ],
    ids=str,
)
def test_nothing_is_said_a_second_time(world: World, chat: str, fault: dict[str, Any], error: type[Exception]) -> None:
    teams.post(url(world), chat, {"type": "typing"})
    before = asked(world, "/activities")
    world.misbehave(CREATE, **fault)
    with pytest.raises(error) as caught:
        teams.post(url(world), chat, LINE)
    assert asked(world, "/activities") - before == 1
    assert len(said(world, chat)) <= 1
    if isinstance(caught.value, TryAgainIn):
        assert caught.value.seconds == 7


def test_a_change_of_which_nothing_is_known_is_made_again(world: World, chat: str) -> None:
    key = teams.post(url(world), chat, LINE)
    world.misbehave(CHANGE, status=502, after_effect=True)
    with pytest.raises(OutsideDown):
        teams.update(url(world), chat, key, {**LINE, "text": "zwei"})


def test_the_token_is_asked_for_once_and_again_when_it_is_over(world: World, chat: str) -> None:
    teams.post(url(world), chat, LINE)
    before = asked(world, "/oauth2/v2.0/token")
    teams.post(url(world), chat, LINE)
    assert asked(world, "/oauth2/v2.0/token") == before
    world.misbehave(CREATE, status=401, times=1)
    teams.post(url(world), chat, LINE)
    assert asked(world, "/oauth2/v2.0/token") == before + 1
    world.pass_time(timedelta(hours=2))
    teams.post(url(world), chat, LINE)
    assert asked(world, "/oauth2/v2.0/token") == before + 2
    assert len(said(world, chat)) == 4


def test_who_blocks_the_bot_is_known_by_it(world: World, chat: str) -> None:
    world.sandbox.post(f"/_sandbox/teams/people/{JANA}/block")
    with pytest.raises(teams.Blocked, match="MessageWritesBlocked"):
        teams.post(url(world), chat, LINE)


def test_the_token_goes_to_no_foreign_address(world: World, chat: str) -> None:
    for address in ("https://evil.example/", "http://127.0.0.1:9/", "https://smba.trafficmanager.net/emea/", "x", ""):
        with pytest.raises(teams.TeamsRefused):
            teams.post(address, chat, LINE)
        with pytest.raises(teams.TeamsRefused):
            teams.fetch(url(world), address, plain=False)


def test_the_address_of_a_file_that_cannot_be_fetched_stands_in_no_error(world: World) -> None:
    """Whoever has it opens the file."""
    secret = "tempauth-of-nobody-else"
    gone = Between(world.settings.sandbox_url, world.settings.url, "")
    config.use(replace(world.settings, sandbox_url=gone.url))
    gone.close()
    with structlog.testing.capture_logs() as logged, pytest.raises(OutsideDown) as caught:
        teams.fetch(f"{gone.url}/", f"{gone.url}/files/a?{secret}", plain=True)
    assert secret not in "".join(traceback.format_exception(caught.value))
    assert logged
    assert secret not in str(logged)


def test_the_token_opens_nothing_but_pictures(world: World) -> None:
    for path in ("v3/conversations/a/members", "sharepoint/files/a/b"):
        with pytest.raises(teams.TeamsRefused):
            teams.fetch(url(world), url(world) + path, plain=False)


def test_where_there_is_no_connection_nothing_was_said(world: World, chat: str) -> None:
    between = Between(world.settings.sandbox_url, world.settings.url, "")
    config.use(replace(world.settings, sandbox_url=between.url))
    identity.bot_token()
    between.close()
    with pytest.raises(OutsideDown):
        teams.post(between.url, chat, LINE)


def test_threads_and_personal_chats_are_opened(world: World) -> None:
    thread, key = teams.open_thread(url(world), teams_people.HOTLINE, LINE)
    assert thread == f"{teams_people.HOTLINE};messageid={key}"
    jana = person(JANA)
    opened = teams.open_personal(url(world), teams_people.tenant(jana), teams_people.teams_id(jana))
    assert opened == teams_people.chat_id(jana)
    there = teams.members(url(world), teams_people.TEAM_ID)
    assert {one.object_id for one in there} == {one.id for one in teams_people.STAFF}
