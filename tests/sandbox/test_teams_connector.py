"""What the bot may do through the Connector, and how it is refused."""

import json
from threading import Thread
from typing import Any

import pytest

from backend.sandbox.people import CUSTOMER_TENANT, HOME_TENANT
from tests.sandbox import connector_contract
from tests.sandbox.bot import Teams, hotline, people
from tests.sandbox.teams_cards import ring
from tests.sandbox.tenant import JANA, PIET

pytestmark = pytest.mark.slow

BERND = "buero@quastner.example"
NOBODY = "a:1nobody"


def code(answer: Any) -> str:
    return str(answer.json()["error"]["code"])


@pytest.fixture
def chat(teams: Teams) -> str:
    """Piet's personal chat."""
    return str(people(teams)[PIET]["conversation"])


def test_tokens_of_both_tenants_open_it_and_nothing_else_does(teams: Teams, chat: str) -> None:
    path = f"/v3/conversations/{chat}/activities"
    line = {"type": "message", "text": "x"}
    for tenant in (HOME_TENANT, "botframework.com"):
        token = teams.bot_token(tenant)
        assert teams.http.post(path, headers={"Authorization": f"Bearer {token}"}, json=line).status_code == 201
    graph = teams.http.post("/_sandbox/token", json={"app": True}).json()["access_token"]
    channel = teams.control("POST", "/token", json={})["access_token"]
    for header in (None, "Bearer", f"Bearer {graph}", f"Bearer {channel}", f"Bearer {token}x", token):
        given = {"Authorization": header} if header else {}
        assert teams.http.post(path, headers=given, json=line).status_code == 401
    teams.http.post("/_sandbox/clock", json={"advance": 7200}).raise_for_status()
    assert code(teams.connector("POST", path.removeprefix("/v3"), 401, json=line)) == "Unauthorized"
    teams.token = teams.bot_token()
    teams.connector("POST", path.removeprefix("/v3"), 201, json=line)


def test_a_message_is_changed_and_taken_back(teams: Teams, chat: str) -> None:
    key = teams.send(chat, text="eins")
    path = f"/conversations/{chat}/activities/{key}"
    assert teams.connector("PUT", path, 200, json={"type": "message", "text": "zwei"}).json() == {"id": key}
    line = teams.said(chat)[-1]
    assert (line["text"], bool(line["edited"])) == ("zwei", True)
    assert teams.connector("DELETE", path, 200).content == b""
    line = teams.said(chat)[-1]
    assert (line["deleted"], line["text"], line["attachments"]) == (True, None, [])
    assert code(teams.connector("PUT", path, 404, json={"type": "message", "text": "x"})) == (
        "ActivityNotFoundInConversation"
    )
    assert code(teams.connector("DELETE", path, 404)) == "ActivityNotFoundInConversation"
    theirs = teams.say(PIET, "von mir")["activity"]
    other = f"/conversations/{chat}/activities/{theirs}"
    assert code(teams.connector("DELETE", other, 403)) == "ForbiddenOperationException"


def test_personal_chats_are_made_for_those_who_have_the_bot(teams: Teams) -> None:
    there = people(teams)

    def create(want: int, member: str, tenant: str, **more: Any) -> Any:
        body = {"isGroup": False, "members": [{"id": member}], "tenantId": tenant, **more}
        return teams.connector("POST", "/conversations", want, json=body)

    made = create(201, there[PIET]["id"], HOME_TENANT).json()
    assert made["id"] == there[PIET]["conversation"]
    assert create(201, there[PIET]["id"], HOME_TENANT).json()["id"] == made["id"]
    first = create(201, there[JANA]["id"], CUSTOMER_TENANT, activity={"type": "message", "text": "Guten Tag"}).json()
    assert teams.said(first["id"])[-1]["id"] == first["activityId"]
    assert code(create(403, there[BERND]["id"], CUSTOMER_TENANT)) == "ForbiddenOperationException"
    for member in (there[PIET]["aadObjectId"], PIET, "29:none"):
        assert code(create(400, member, HOME_TENANT)) == "BadArgument"
    assert code(create(400, there[JANA]["id"], HOME_TENANT)) == "BadArgument"
    group = {"isGroup": True, "members": [{"id": there[PIET]["id"]}, {"id": there[JANA]["id"]}]}
    assert code(teams.connector("POST", "/conversations", 400, json=group)) == "BadArgument"


def test_threads_are_begun_and_answered(teams: Teams) -> None:
    place = hotline(teams)
    body = {"isGroup": True, "channelData": {"channel": {"id": place}},
            "activity": {"type": "message", "attachments": [ring()]}}  # fmt: skip
    made = teams.connector("POST", "/conversations", 201, json=body).json()
    assert made["id"] == f"{place};messageid={made['activityId']}"
    assert made["serviceUrl"] == f"{teams.url}/"
    teams.send(made["id"], text="in the thread")
    teams.connector("POST", f"/conversations/{place}/activities/{made['activityId']}", 201,
                    json={"type": "message", "text": "by the channel"})  # fmt: skip
    assert [one["text"] for one in teams.said(made["id"])] == [None, "in the thread", "by the channel"]
    teams.send(place, text="another thread")
    assert len(teams.control("GET", f"/conversations/{place}")["threads"]) == 2
    elsewhere = body | {"channelData": {"channel": {"id": "19:other@thread.tacv2"}}}
    assert code(teams.connector("POST", "/conversations", 403, json=elsewhere)) == "BotNotInConversationRoster"


def test_members_are_listed_whole_in_pages_and_one_by_one(teams: Teams, chat: str) -> None:
    place = hotline(teams)
    everybody = teams.connector("GET", f"/conversations/{place}/members").json()
    assert {one["userPrincipalName"] for one in everybody} >= {PIET}
    assert all(one["id"].startswith("29:") and one["aadObjectId"] for one in everybody)
    page = teams.connector("GET", f"/conversations/{place}/pagedmembers?pageSize=2").json()
    assert (page["members"], "continuationToken" in page) == (everybody, False)
    rest = teams.connector("GET", f"/conversations/{place}/pagedmembers?continuationToken=2").json()
    assert rest["members"] == everybody[2:]
    piet = teams.connector("GET", f"/conversations/{chat}/members").json()
    assert [one["email"] for one in piet] == [PIET]
    for key in (piet[0]["id"], piet[0]["aadObjectId"]):
        assert teams.connector("GET", f"/conversations/{place}/members/{key}").json() == piet[0]
    jana = people(teams)[JANA]["id"]
    missing = teams.connector("GET", f"/conversations/{place}/members/{jana}", 404)
    assert code(missing) == "MemberNotFoundInConversation"
    key = teams.send(chat, text="x")
    assert teams.connector("GET", f"/conversations/{chat}/activities/{key}/members").json() == piet
    team = teams.connector("GET", f"/teams/{place}").json()
    channels = teams.connector("GET", f"/teams/{team['id']}/conversations").json()["conversations"]
    assert [one.get("name") for one in channels] == [None, "Hotline"]


def test_who_blocks_or_removes_the_bot_is_out_of_reach(teams: Teams) -> None:
    chat = people(teams)[JANA]["conversation"]
    path, line = f"/conversations/{chat}/activities", {"type": "message", "text": "x"}
    key = teams.send(chat, text="vorher")
    teams.control("POST", f"/people/{JANA}/block")
    assert teams.bot.heard.empty()
    for method, there in (("POST", path), ("POST", f"{path}/{key}"), ("PUT", f"{path}/{key}")):
        assert code(teams.connector(method, there, 403, json=line)) == "MessageWritesBlocked"
    assert "blocks" in teams.control("POST", "/messages", 409, json={"from": JANA, "text": "x"})["error"]
    teams.control("POST", f"/people/{JANA}/unblock")
    teams.send(chat, text="wieder")
    teams.control("POST", f"/people/{JANA}/uninstall")
    assert code(teams.connector("POST", path, 403, json=line)) == "BotNotInConversationRoster"
    assert code(teams.connector("GET", f"/conversations/{chat}/members", 403)) == "BotNotInConversationRoster"


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ({"type": "message", "text": "x" * 60_000}, 413, "MessageSizeTooBig"),
        ({"type": "message"}, 400, "BadSyntax"),
        ({"text": "no type"}, 400, "BadSyntax"),
        ({"type": "trace", "text": "x"}, 400, "BadArgument"),
        ([], 400, "BadSyntax"),
    ],
    ids=["large", "empty", "typeless", "trace", "list"],
)
def test_what_cannot_be_shown_is_refused(teams: Teams, chat: str, line: Any, status: int, said: str) -> None:
    before = teams.said(chat)
    assert code(teams.connector("POST", f"/conversations/{chat}/activities", status, json=line)) == said
    assert teams.said(chat) == before


def test_pictures_inside_do_not_count(teams: Teams, chat: str) -> None:
    picture = "data:image/png;base64," + "A" * 30_000
    teams.send(chat, text="y" * 30_000, attachments=[{"contentType": "image/png", "contentUrl": picture}])
    assert len(teams.said(chat)[-1]["text"]) == 30_000


def test_unknown_places_are_not_found(teams: Teams, chat: str) -> None:
    line = {"type": "message", "text": "x"}
    assert (
        code(teams.connector("POST", f"/conversations/{NOBODY}/activities", 404, json=line)) == "ConversationNotFound"
    )
    assert code(teams.connector("POST", "/conversations/xyz/activities", 400, json=line)) == "BadArgument"
    assert code(teams.connector("GET", f"/conversations/{NOBODY}/members", 404)) == "ConversationNotFound"
    assert code(teams.connector("GET", "/conversations", 404)) == "NotFound"
    jana = people(teams)[BERND]["conversation"]
    assert code(teams.connector("POST", f"/conversations/{jana}/activities", 404, json=line)) == "ConversationNotFound"


def test_mentions_must_stand_in_the_text(teams: Teams, chat: str) -> None:
    piet = people(teams)[PIET]
    who = {"type": "mention", "mentioned": {"id": piet["id"], "name": piet["name"]}}
    right, wrong = {**who, "text": "<at>Piet Hagenauer</at>"}, {**who, "text": "<at>Piet</at>"}
    teams.send(chat, text="<at>Piet Hagenauer</at> bitte", entities=[right, wrong])
    assert teams.said(chat)[-1]["entities"] == [right]


def test_faults_reach_the_connector(teams: Teams, chat: str) -> None:
    order = {"match": "POST /v3/conversations/.*/activities", "status": 429, "retry_after": 2, "times": 1}
    teams.http.post("/_sandbox/faults", json=order).raise_for_status()
    path, line = f"/conversations/{chat}/activities", {"type": "message", "text": "einmal"}
    assert teams.connector("POST", path, 429, json=line).headers["Retry-After"] == "2"
    teams.http.post("/_sandbox/faults", json={**order, "status": 502, "after_effect": True}).raise_for_status()
    teams.connector("POST", path, 502, json=line)
    assert [one["text"] for one in teams.said(chat)].count("einmal") == 1


def test_open_pages_hear_of_lines_and_of_typing(teams: Teams, chat: str) -> None:
    heard: list[dict[str, Any]] = []

    def speak() -> None:
        teams.connector("POST", f"/conversations/{chat}/activities", 201, json={"type": "typing"})
        teams.send(chat, text="da")

    before = len(teams.said(chat))
    with teams.http.stream("GET", "/_sandbox/teams/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 1000"
        speaker = Thread(target=speak)
        speaker.start()
        for line in lines:
            if line.startswith("data: "):
                heard.append(json.loads(line.removeprefix("data: ")))
            if len(heard) == 2:
                break
        speaker.join()
    assert heard == [{"conversation": chat, "typing": True}, {"conversation": chat}]
    assert len(teams.said(chat)) == before + 1


needs_description = pytest.mark.skipif(
    connector_contract.missing() is not None, reason=connector_contract.missing() or ""
)


@needs_description
def test_each_exception_is_needed(teams: Teams, chat: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = hotline(teams)
    heard = []
    teams.say(PIET, "x")
    heard.append(teams.bot.next())
    for path in (f"/conversations/{place}/members", f"/conversations/{place}/members/{people(teams)[PIET]['id']}",
                 f"/teams/{place}", f"/teams/{place}/conversations"):  # fmt: skip
        teams.connector("GET", path)
    entries = teams.http.get("/_sandbox/requests").json()

    def found() -> list[str]:
        said = [offence for entry in entries for offence in connector_contract.offences(entry)]
        return said + [offence for one in heard for offence in connector_contract.activity(one)]

    assert found() == []
    tables: tuple[dict[Any, Any], ...] = (connector_contract.BEYOND, connector_contract.MORE)
    for table in tables:
        for key in list(table):
            with monkeypatch.context() as patch:
                patch.delitem(table, key)
                assert found(), f"{key} is no longer needed"


@needs_description
@pytest.mark.parametrize(
    ("change", "said"),
    [({"id": 5}, "is not of type"), ({"colour": "red"}, "colour is no property")],
    ids=str,
)
def test_a_lie_is_noticed(teams: Teams, chat: str, change: dict[str, Any], said: str) -> None:
    teams.send(chat, text="x")
    entry = teams.http.get("/_sandbox/requests").json()[-1]
    assert connector_contract.offences(entry) == []
    lie = {**entry, "answer": json.dumps({**json.loads(entry["answer"]), **change})}
    assert any(said in offence for offence in connector_contract.offences(lie))
    assert connector_contract.offences({**entry, "status": 204})
    assert connector_contract.offences({**entry, "path": "/v3/letters"})
    assert connector_contract.offences({**entry, "body": json.dumps({"type": "letter"})})
