"""People talk to the bot: what it hears, signed and in which shape, and what stands in the conversations."""

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import jwt
import pytest

from backend.sandbox.people import CLIENT_ID, CUSTOMER_TENANT, HOME_TENANT
from tests.sandbox.bot import Bot, Teams, hotline, listening, people, refused, talking
from tests.sandbox.teams_cards import CARD, card, ring, text
from tests.sandbox.tenant import JANA, PIET, SVEA
from tests.waiting import eventually

pytestmark = pytest.mark.slow

AYLIN = "aylin.demirsoy@nordlicht-it.example"
BERND = "buero@quastner.example"


def test_a_message_reaches_the_bot_as_teams_sends_it(teams: Teams) -> None:
    answer = teams.say(JANA, "Der <Drucker> druckt nicht")
    heard = teams.bot.next()
    jana = people(teams)[JANA]
    assert answer == {
        "conversation": jana["conversation"], "activity": heard["id"], "delivered": True, "status": 200,
        "sentence": "Delivered.",
    }  # fmt: skip
    assert heard["text"] == "Der <Drucker> druckt nicht"
    assert heard["from"] == {"id": jana["id"], "name": "Jana Wiedekind", "aadObjectId": jana["aadObjectId"]}
    assert heard["from"]["id"].startswith("29:")
    assert heard["recipient"]["id"] == f"28:{CLIENT_ID}"
    assert heard["conversation"]["conversationType"] == "personal"
    assert heard["channelData"]["tenant"]["id"] == CUSTOMER_TENANT
    assert heard["serviceUrl"] == f"{teams.url}/"
    assert heard["attachments"] == [{"contentType": "text/html", "content": "<p>Der &lt;Drucker&gt; druckt nicht</p>"}]
    assert [one["text"] for one in teams.said(answer["conversation"])][-1] == heard["text"]


def test_the_bot_answers_where_it_was_spoken_to(teams: Teams) -> None:
    def reply(activity: dict[str, Any]) -> tuple[int, Any]:
        path = f"/conversations/{activity['conversation']['id']}/activities/{activity['id']}"
        teams.connector("POST", path, 201, json={"type": "message", "text": f"**{activity['text']}**?"})
        return 200, None

    teams.bot.answer = reply
    chat = teams.say(JANA, "Hallo")["conversation"]
    line = teams.said(chat)[-1]
    assert (line["text"], line["from"]["bot"], line["textFormat"]) == ("**Hallo**?", True, "markdown")
    assert line["replyToId"] == teams.said(chat)[-2]["id"]


def test_one_customer_is_known_and_one_installs_by_writing(teams: Teams) -> None:
    there = people(teams)
    assert (there[JANA]["installed"], there[BERND]["installed"]) == (True, False)
    listed = {one["id"]: one for one in teams.control("GET", "/conversations")}
    assert listed[there[JANA]["conversation"]]["last"]
    assert there[BERND]["conversation"] not in listed
    teams.say(BERND, "Guten Tag")
    heard = [teams.bot.heard.get(timeout=10) for _ in range(3)]
    assert [one["type"] for one in heard] == ["conversationUpdate", "installationUpdate", "message"]
    assert [one["id"] for one in heard[0]["membersAdded"]] == [f"28:{CLIENT_ID}", there[BERND]["id"]]
    assert heard[1]["action"] == "add"
    assert people(teams)[BERND]["installed"]
    teams.control("POST", f"/people/{BERND}/uninstall")
    assert teams.bot.next("installationUpdate")["action"] == "remove"


def test_a_guest_talks_in_the_home_tenant(teams: Teams) -> None:
    teams.say(SVEA, "Bonjour")
    heard, svea = teams.bot.next(), people(teams)[SVEA]
    assert heard["conversation"]["tenantId"] == heard["channelData"]["tenant"]["id"] == HOME_TENANT
    found = teams.connector("GET", f"/conversations/{svea['conversation']}/members/{svea['aadObjectId']}").json()
    assert found["userRole"] == "guest"
    assert "#EXT#@nordlicht-it.example" in found["userPrincipalName"]
    directory = {one["mail"]: one["id"] for one in teams.http.get("/_sandbox/people").json()}
    assert found["aadObjectId"] != directory[SVEA]


def test_in_a_channel_the_bot_hears_mentions_only(teams: Teams) -> None:
    place = hotline(teams)
    quiet = teams.say(PIET, "Wer ist da?", conversation=place, mentions=[AYLIN])
    assert (quiet["delivered"], "mentions" in quiet["sentence"]) == (False, True)
    loud = teams.say(PIET, "wer wartet?", conversation=place, mentions=["bot", AYLIN])
    heard = teams.bot.next()
    assert heard["id"] == loud["activity"]
    assert heard["text"] == "<at>Deskside</at> <at>Aylin Demirsoy</at> wer wartet?"
    mentions = [one for one in heard["entities"] if one["type"] == "mention"]
    assert [one["mentioned"]["name"] for one in mentions] == ["Deskside", "Aylin Demirsoy"]
    assert all(one["text"] in heard["text"] for one in mentions)
    assert heard["conversation"]["id"] == f"{place};messageid={heard['id']}" == loud["conversation"]
    assert heard["channelData"]["channel"]["id"] == place
    more = teams.say(AYLIN, "ich", conversation=loud["conversation"])
    assert more["conversation"] == loud["conversation"]
    assert [one["text"] for one in teams.said(loud["conversation"])][-1] == "<at>Deskside</at> ich"
    assert [one["id"] for one in teams.control("GET", f"/conversations/{place}")["threads"]][-1] == loud["conversation"]
    teams.control("POST", "/messages", 403, json={"from": JANA, "text": "Hallo", "conversation": place})


def test_edits_and_deletions_are_told(teams: Teams) -> None:
    said = teams.say(JANA, "Tippfeler")
    teams.control("PATCH", f"/messages/{said['activity']}", json={"from": JANA, "text": "Tippfehler"})
    update = teams.bot.next("messageUpdate")
    assert (update["id"], update["text"]) == (said["activity"], "Tippfehler")
    assert update["channelData"]["eventType"] == "editMessage"
    line = teams.said(said["conversation"])[-1]
    assert (line["text"], bool(line["edited"])) == ("Tippfehler", True)
    teams.control("PATCH", f"/messages/{said['activity']}", 404, json={"from": PIET, "text": "von mir"})
    teams.control("DELETE", f"/messages/{said['activity']}", json={"from": JANA})
    assert teams.bot.next("messageDelete")["id"] == said["activity"]
    line = teams.said(said["conversation"])[-1]
    assert (line["deleted"], line["text"]) == (True, None)


def test_files_and_pictures_come_as_teams_gives_them(teams: Teams) -> None:
    file = {"name": "Übersicht 1.txt", "contentType": "text/plain", "content": base64.b64encode(b"Zeile").decode()}
    picture = {"name": "x.png", "contentType": "image/png", "content": base64.b64encode(b"\x89PNG").decode()}
    teams.say(JANA, "", attachments=[file, picture])
    info, image = teams.bot.next()["attachments"][:2]
    assert info["contentType"] == "application/vnd.microsoft.teams.file.download.info"
    assert (info["name"], info["content"]["fileType"]) == ("Übersicht 1.txt", "txt")
    loaded = httpx.get(info["content"]["downloadUrl"])
    assert (loaded.content, loaded.headers["Content-Disposition"]) == (b"Zeile", "attachment")
    path = image["contentUrl"].removeprefix(f"{teams.url}/v3")
    assert httpx.get(image["contentUrl"]).status_code == 401
    assert teams.connector("GET", path).content == b"\x89PNG"
    assert teams.connector("GET", path.removesuffix("/views/original")).json()["views"][0]["size"] == 4
    teams.say(PIET, "Datei", conversation=hotline(teams), attachments=[file])
    assert [one["contentType"] for one in teams.bot.next()["attachments"]] == ["text/html"]


def test_execute_is_answered_at_once_and_shows_a_card_to_one_person(teams: Teams) -> None:
    new = card(text("You answer it"))["content"]
    said: dict[str, Any] = {"statusCode": 200, "type": CARD, "value": new}
    teams.bot.answer = lambda activity: (200, said if activity["type"] == "invoke" else None)
    made = {
        "activity": {"type": "message", "attachments": [ring()]},
        "channelData": {"channel": {"id": hotline(teams)}},
    }
    thread = teams.connector("POST", "/conversations", 201, json={"isGroup": True, **made}).json()
    pressed = {"from": PIET, "activity": thread["activityId"], "data": {"chat": 7}}
    answer = teams.control("POST", "/actions", json=pressed)
    invoke = teams.bot.next("invoke")
    assert invoke["name"] == "adaptiveCard/action"
    assert invoke["value"]["action"] == {"type": "Action.Execute", "id": "", "verb": "answer", "data": {"chat": 7}}
    assert invoke["replyToId"] == thread["activityId"]
    assert (answer["answer"], answer["shows"], answer["card"]) == (said, "card", new)

    def seen(who: str) -> Any:
        return teams.said(thread["id"], **{"as": who})[0]["attachments"][0]["content"]["body"][0]["text"]

    assert (seen(PIET), seen(AYLIN)) == ("You answer it", "Jana Wiedekind is waiting")
    path = f"/conversations/{thread['id']}/activities/{thread['activityId']}"
    teams.connector("PUT", path, 200, json={"type": "message", "attachments": [card(text("Piet answers"))]})
    assert (seen(PIET), seen(AYLIN)) == ("Piet answers", "Piet answers")
    stale = teams.control("POST", "/actions", 409, json=pressed)
    assert "no such button" in stale["error"]
    said = {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Too late"}
    key = teams.send(people(teams)[PIET]["conversation"], attachments=[ring()])
    told = teams.control("POST", "/actions", json={"from": PIET, "activity": key, "verb": "answer"})
    assert (told["shows"], told["message"]) == ("message", "Too late")


def test_submit_is_a_message_with_the_inputs(teams: Teams) -> None:
    chat = people(teams)[PIET]["conversation"]
    before = len(teams.said(chat))
    fields = {"type": "Input.Text", "id": "reply", "label": "Reply"}
    one = card(fields, actions=[{"type": "Action.Submit", "title": "Send", "data": {"note": 5}}])
    key = teams.send(chat, attachments=[one])
    teams.control("POST", "/actions", json={"from": PIET, "activity": key, "data": {"reply": "Mache ich"}})
    heard = teams.bot.next()
    assert (heard["value"], heard["replyToId"]) == ({"note": 5, "reply": "Mache ich"}, key)
    assert "text" not in heard
    assert len(teams.said(chat)) == before + 1
    two = teams.send(chat, attachments=[ring()])
    unclear = teams.control("POST", "/actions", 409, json={"from": PIET, "activity": two, "data": {}})
    assert "Answer" in unclear["error"]
    teams.control("POST", "/actions", json={"from": PIET, "activity": two, "action": "Later"})
    assert teams.bot.next()["value"] == {"later": 7}
    teams.control("POST", "/actions", 403, json={"from": JANA, "activity": two, "action": "Later"})


def test_no_endpoint_and_nobody_there_are_said_and_nothing_fails(teams: Teams, tmp_path: Path) -> None:
    teams.bot.answer = lambda activity: (404, None)
    answer = teams.say(JANA, "Ist da wer?")
    assert (answer["delivered"], answer["status"]) == (False, 404)
    assert "no bot endpoint" in answer["sentence"]
    assert "no bot endpoint" in teams.said(answer["conversation"])[-1]["delivery"]["sentence"]
    key = teams.send(answer["conversation"], attachments=[ring()])
    pressed = teams.control("POST", "/actions", json={"from": JANA, "activity": key, "verb": "answer"})
    assert (pressed["delivered"], pressed["answer"]) == (False, None)
    nobody = Bot()
    nobody.url = "http://127.0.0.1:9"
    with talking(tmp_path, nobody) as alone:
        assert "does not seem to run" in alone.say(JANA, "Hallo")["sentence"]


def test_a_silent_bot_is_told_again(teams: Teams) -> None:
    asked: list[str] = []

    def slow(activity: dict[str, Any]) -> tuple[int, Any]:
        asked.append(activity["id"])
        return (503, None) if len(asked) < 3 else (200, None)

    teams.bot.answer = slow
    teams.switch(teams_patience="1")
    first = teams.say(JANA, "Hallo?")
    assert first["status"] == 503
    assert [teams.bot.next()["id"] for _ in range(3)] == [first["activity"]] * 3
    eventually(lambda: teams.said(first["conversation"])[-1]["delivery"]["delivered"])
    asked.clear()
    teams.switch(teams_retry="new")
    again = teams.say(JANA, "Hallo??")
    heard = [teams.bot.next() for _ in range(3)]
    assert len({one["id"] for one in heard}) == 3
    assert {one["text"] for one in heard} == {"Hallo??"}
    eventually(lambda: teams.said(again["conversation"])[-1]["delivery"]["delivered"])
    # A loaded machine may be late once more, and is told again.
    assert len(teams.control("GET", "/deliveries")) >= 6


def test_an_answer_that_comes_too_late_is_none(teams: Teams) -> None:
    asked: list[str] = []
    over = Event()

    def late(activity: dict[str, Any]) -> tuple[int, Any]:
        asked.append(activity["id"])
        if len(asked) == 1:
            over.wait(10)
        return 200, None

    teams.bot.answer = late
    teams.switch(teams_patience="1")
    said = teams.say(JANA, "Hallo?")
    assert (said["delivered"], said["status"]) == (False, None)
    assert "within 1 seconds" in said["sentence"]
    eventually(lambda: teams.said(said["conversation"])[-1]["delivery"]["delivered"])
    over.set()
    # A loaded machine may be late a second time, and is told once more.
    assert len(asked) >= 2
    assert set(asked) == {said["activity"]}


def test_an_activity_may_come_more_than_once(teams: Teams) -> None:
    teams.switch(teams_duplicate="2")
    said = teams.say(JANA, "Einmal gesagt")
    assert [teams.bot.next()["id"] for _ in range(3)] == [said["activity"]] * 3
    assert sum(one["text"] == "Einmal gesagt" for one in teams.said(said["conversation"])) == 1


def test_many_speak_at_once(teams: Teams) -> None:
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda number: teams.say(JANA, f"Zeile {number}"), range(24)))
    assert len({one["activity"] for one in said}) == 24
    assert {teams.bot.next()["text"] for _ in range(24)} == {f"Zeile {number}" for number in range(24)}


def test_state_survives_a_restart(tmp_path: Path) -> None:
    with listening() as bot:
        with talking(tmp_path, bot) as teams:
            chat = teams.say(BERND, "Vorher")["conversation"]
            teams.control("POST", f"/people/{BERND}/block")
        with talking(tmp_path, bot) as teams:
            assert [one["text"] for one in teams.said(chat)] == ["Vorher"]
            assert people(teams)[BERND]["blocked"]
            token = teams.control("POST", "/token", json={})["access_token"]
            activity = {"channelId": "msteams", "serviceUrl": f"{teams.url}/"}
            assert refused(teams.url, activity, f"Bearer {token}") is None
            teams.http.post("/_sandbox/reset").raise_for_status()
            assert chat not in {one["id"] for one in teams.control("GET", "/conversations")}
            assert not people(teams)[BERND]["blocked"]


@pytest.mark.parametrize(
    "asked",
    [
        {"overrides": {"aud": "someone-else"}},
        {"overrides": {"iss": "https://login.microsoftonline.com/x/v2.0"}},
        {"overrides": {"exp": 1}},
        {"overrides": {"exp": None}},
        {"overrides": {"serviceurl": "https://evil.example/"}},
        {"overrides": {"serviceurl": None}},
        {"alg": "HS256"},
        {"alg": "none"},
        {"kid": "unknown"},
        {"key": "unendorsed"},
        {"key": "identity"},
    ],
    ids=str,
)
def test_wrong_tokens_can_be_made_and_are_seen_through(teams: Teams, asked: dict[str, Any]) -> None:
    activity = {"channelId": "msteams", "serviceUrl": f"{teams.url}/"}
    good = teams.control("POST", "/token", json={})["access_token"]
    bad = teams.control("POST", "/token", json=asked)["access_token"]
    assert refused(teams.url, activity, f"Bearer {good}") is None
    assert refused(teams.url, activity, f"Bearer {bad}")


def test_the_channels_key_can_be_rolled(teams: Teams) -> None:
    old = teams.control("POST", "/token", json={})["access_token"]
    teams.control("POST", "/keys/roll")
    new = teams.control("POST", "/token", json={})["access_token"]
    assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]
    assert teams.say(JANA, "Noch da?")["delivered"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"from": "nobody@example", "text": "x"}, 404),
        ({"from": JANA}, 400),
        ({"from": JANA, "text": "x", "conversation": "19:none@thread.tacv2"}, 404),
        ({"from": JANA, "text": "x", "mentions": "bot"}, 400),
        ({"from": JANA, "text": "x", "attachments": [{"content": "?"}]}, 400),
    ],
    ids=str,
)
def test_unclear_orders_are_answered_with_a_sentence(teams: Teams, asked: dict[str, Any], status: int) -> None:
    assert teams.control("POST", "/messages", status, json=asked)["error"]
