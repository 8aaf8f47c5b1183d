"""Whoever is not the Bot Connector is refused, and nothing is asked of anybody on their word."""

import time
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import func, select

from backend import config
from backend.chat.models import TeamsActivity, TeamsConversation
from backend.config import Config
from backend.db import session
from backend.microsoft import channel
from backend.sandbox import people as tenant
from tests.bot.teams import PIET, Teams
from tests.world import JANA, World

pytestmark = pytest.mark.slow
STRANGER = "33333333-cccc-4ccc-8ccc-000000000009"


def kept(world: World) -> int:
    """How many activities were stored."""
    with world.rows():
        return session.scalar(select(func.count()).select_from(TeamsActivity)) or 0


def bearer(teams: Teams, **asked: Any) -> str:
    return f"Bearer {teams.token(**asked)}"


def attacks(teams: Teams) -> dict[str, str]:
    """Authorization headers that prove nothing."""
    good, now = teams.token(), int(time.time())
    head, body, signature = good.split(".")
    other = teams.token(overrides={"aud": STRANGER}).split(".")[1]
    wrong = {
        "aud": STRANGER,
        "aud list": [tenant.CLIENT_ID, STRANGER],
        "no aud": None,
        "iss": "https://login.botframework.com",
        "no iss": None,
        "emulator": f"https://login.microsoftonline.com/{tenant.HOME_TENANT}/v2.0",
        "skill": f"https://sts.windows.net/{tenant.HOME_TENANT}/",
        "expired": now - 400,
        "no exp": None,
        "for ever": now + 10 * 365 * 86400,
        "exp word": "soon",
        "not yet": now + 400,
        "no nbf": None,
        "serviceurl": "https://smba.trafficmanager.net/emea/",
        "no serviceurl": None,
    }
    claims = {"emulator": "iss", "skill": "iss", "expired": "exp", "for ever": "exp", "not yet": "nbf"}
    made = {
        name: bearer(teams, overrides={claims.get(name) or name.removeprefix("no ").partition(" ")[0]: value})
        for name, value in wrong.items()
    }
    return made | {
        "missing": "",
        "empty": "Bearer ",
        "basic": f"Basic {good}",
        "bare": good,
        "no signature": f"Bearer {head}.{body}.",
        "other body": f"Bearer {head}.{other}.{signature}",
        "words": "Bearer a.b.c",
        "long": "Bearer " + "x" * 100_000,
        "none": bearer(teams, alg="none"),
        "HS256": bearer(teams, alg="HS256"),
        "unknown key": bearer(teams, kid="made-up"),
        "no key": bearer(teams, kid=""),
        "unendorsed": bearer(teams, key="unendorsed"),
        "identity": bearer(teams, key="identity"),
    }


def test_the_connector_itself_is_heard(world: World, teams: Teams) -> None:
    answer = teams.bring(teams.activity(JANA))
    assert (answer.status_code, answer.data) == (202, b"")
    assert kept(world) == 1


def test_every_other_token_is_refused_and_nothing_is_asked_for_it(world: World, teams: Teams) -> None:
    # The channel's keys were read just now, whatever came before: an unknown one is a reason only once a minute.
    world.pass_time(timedelta(seconds=61))
    assert teams.bring(teams.activity(JANA), bearer(teams, kid="made-up-before")).status_code == 401
    assert teams.bring(teams.activity(JANA)).status_code == 202
    before, tried = teams.last_request(), attacks(teams)
    for name, header in tried.items():
        answer = teams.bring(teams.activity(JANA), header)
        assert answer.status_code == 401, f"{name}: {answer.status_code}"
        assert answer.content_type == "application/problem+json"
    assert len(tried) > 25
    assert teams.requests(before) == []
    assert kept(world) == 1
    with world.rows():
        assert session.scalar(select(func.count()).select_from(TeamsConversation)) == 0


@pytest.mark.parametrize(
    "broken",
    [{"serviceUrl": None}, {"serviceUrl": 7}, {"channelId": "webchat"}, {"channelId": None}, {"conversation": None},
     {"conversation": "x"}, {"id": None}, {"type": None}],
    ids=str,
)  # fmt: skip
def test_what_is_no_activity_of_teams_is_refused(world: World, teams: Teams, broken: dict[str, Any]) -> None:
    assert teams.bring({**teams.activity(JANA), **broken}).status_code == 401
    assert kept(world) == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"null", b"[" * 100_000, b"\xff\xfe"])
def test_what_is_no_json_is_refused(world: World, teams: Teams, body: bytes) -> None:
    headers = {"Authorization": bearer(teams)}
    assert world.app.test_client().post("/api/messages", data=body, headers=headers).status_code == 401


def test_a_rolled_key_is_taken_up_and_unknown_ones_are_not_asked_for_again_and_again(teams: Teams) -> None:
    assert teams.bring(teams.activity(JANA)).status_code == 202
    teams.control("POST", "/keys/roll")
    assert teams.bring(teams.activity(JANA)).status_code in (202, 401)  # by when the keys were read last
    teams.world.pass_time(timedelta(seconds=61))
    teams.control("POST", "/keys/roll")
    before = teams.last_request()
    assert teams.bring(teams.activity(JANA)).status_code == 202
    assert [one["path"] for one in teams.requests(before)][-1] == "/v1/.well-known/keys"
    before = teams.last_request()
    for number in range(20):
        assert teams.bring(teams.activity(JANA), bearer(teams, kid=f"made-up-{number}")).status_code == 401
    assert teams.requests(before) == []


@pytest.mark.parametrize(
    "foreign",
    ["https://evil.example/", "http://127.0.0.1:1/", "https://smba.trafficmanager.net.evil.example/",
     "https://smba.trafficmanager.net@evil.example/", "https://evil.example/smba.trafficmanager.net/"],
)  # fmt: skip
def test_the_bots_token_goes_to_the_connector_alone(world: World, teams: Teams, foreign: str) -> None:
    """Even the channel's own word cannot make us answer elsewhere."""
    activity = teams.activity(JANA, serviceUrl=foreign)
    assert teams.bring(activity, bearer(teams, serviceUrl=foreign)).status_code == 403
    world.work()
    assert kept(world) == 0


NOT_MICROSOFTS = [
    "https://evil.example\\.botframework.com/x", "https://evil.example\\@smba.trafficmanager.net/",
    "https://evil.example/\\.sharepoint.com", "https://evil.example#.botframework.com/",
    "https://evil.example?.sharepoint.com", "https://evil.example%2f.botframework.com/",
    "https://evil.example%5c.sharepoint.com/x", "https://evil.example\t.botframework.com/",
    "https://evil.example\n.sharepoint.com/", "https://evil.example\u2215.botframework.com/",
    "https://evil.example\uff0f.sharepoint.com/", "https://evil_.botframework.com/", "https:/\\evil.example/",
    "http://smba.trafficmanager.net/", "https://smba.trafficmanager.net:8443/", "https://botframework.com/",
    "https://[::1].botframework.com/", "//smba.trafficmanager.net/", "https://a@x.sharepoint.com/", "",
]  # fmt: skip
NO_PICTURES = [
    "/v3/conversations/a/members", "/v3/attachments/a/views/original/x", "/v3/attachments/../views/original",
    "/v3/attachments/../conversations/views/a", "/v3/attachments/%2e%2e/views/original",
    "/x?/v3/attachments/a/views/original", "/v3/attachments/a", "",
]  # fmt: skip
PICTURE = "/v3/attachments/0-weu-d1_a/views/original"


@pytest.fixture
def in_earnest(world: World) -> Config:
    """The settings of an installation that has no sandbox."""
    config.use(replace(world.settings, sandbox_url=""))
    return config.current()


@pytest.mark.usefixtures("in_earnest")
def test_an_address_is_read_as_every_client_reads_it() -> None:
    """A client that holds a backslash for a slash would take our token to another host than the one we looked at."""
    for url in NOT_MICROSOFTS:
        assert not channel.trusted_service(url), url
        assert not channel.trusted_file(url), url
    for url in (
        "https://smba.trafficmanager.net/emea/",
        "https://SMBA.trafficmanager.net/de/",
        "https://a.botframework.com",
    ):
        assert channel.trusted_service(url), url
    assert channel.trusted_file(
        "https://nordlicht-my.sharepoint.com/personal/x/_layouts/15/download.aspx?tempauth=v1.e%2b~"
    )


@pytest.mark.usefixtures("in_earnest")
def test_the_bots_token_opens_pictures_of_messages_alone() -> None:
    service = "https://smba.trafficmanager.net/emea"
    for path in (PICTURE, f"/11111111-aaaa-4aaa-8aaa-000000000001{PICTURE}"):
        assert channel.trusted_picture(service + path), path
    for path in NO_PICTURES:
        assert not channel.trusted_picture(service + path), path
    assert not channel.trusted_picture(f"https://nordlicht.sharepoint.com{PICTURE}")


def test_other_tenants_are_refused(world: World, teams: Teams) -> None:
    for data, place in ((STRANGER, tenant.HOME_TENANT), (tenant.HOME_TENANT, STRANGER), ("", "")):
        activity = teams.activity(PIET)
        activity["channelData"]["tenant"]["id"], activity["conversation"]["tenantId"] = data, place
        assert teams.bring(activity).status_code == 403
    assert kept(world) == 0


def test_odd_values_are_stored_without_harm(world: World, teams: Teams) -> None:
    odd = "a\x00b \ud800 c"
    assert teams.bring(teams.activity(JANA, odd, locale=odd, value=[1], entities="x", attachments=7)).status_code == 202
    world.work()
    with world.rows():
        assert session.scalars(select(TeamsActivity)).one().outcome


@pytest.mark.parametrize("tag", ["a", "<at>"])
def test_mentions_cannot_make_a_text_grow_without_end(world: World, teams: Teams, tag: str) -> None:
    """Each doubles the text: twenty make gigabytes of what is a few hundred bytes on the line."""
    growing = [{"type": "mention", "text": tag, "mentioned": {"id": "29:x", "name": tag * 2}} for _ in range(20)]
    bomb = teams.activity(JANA, tag * 50, entities=growing)
    good, before = bearer(teams), kept(world)
    tracemalloc.start()
    try:
        assert teams.bring(bomb, "Bearer a.b.c").status_code == 401
        assert teams.bring(bomb, good).status_code == 202
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert kept(world) == before + 1
    world.work()


def test_before_the_token_is_checked_nothing_else_is_read(world: World, teams: Teams) -> None:
    """What cannot be read at all is refused for its token all the same, as the log says."""
    with structlog.testing.capture_logs() as said:
        assert teams.bring({**teams.activity(JANA), "conversation": None}, "Bearer a.b.c").status_code == 401
    assert ["Stranger" in one["why"] for one in said if "why" in one] == [True]
