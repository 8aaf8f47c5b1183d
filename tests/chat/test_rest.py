"""Chats over the REST API: for programs that answer in somebody's name."""

import secrets
from typing import Any

import pytest

from backend import auth
from tests.chat.conftest import AYLIN, PIET, Desk
from tests.world import JANA

pytestmark = pytest.mark.slow


def _ask(desk: Desk, method: str, path: str, scope: str = "admin", **given: Any) -> Any:
    with desk.world.rows():
        token = auth.create_api_token(secrets.token_hex(4), scope)
    client = desk.world.app.test_client()
    return client.open(f"/api/v1{path}", method=method, headers={"Authorization": f"Bearer {token}"}, **given)


def test_a_chat_is_found_answered_spoken_in_and_ended(desk: Desk) -> None:
    desk.says(JANA, "Hilfe")
    (waiting,) = _ask(desk, "GET", "/chats?state=waiting").json
    assert (waiting["state"], waiting["contact"]["email"], waiting["last_text"]) == ("waiting", JANA, "Hilfe")
    assert waiting["customer"]["key"] == "K1"
    place = f"/chats/{waiting['id']}"
    assert _ask(desk, "GET", "/chats?state=open").json == []
    answered = _ask(desk, "POST", f"{place}/answer", json={"technician": PIET})
    assert (answered.status_code, answered.json["technician"]["email"]) == (200, PIET)
    late = _ask(desk, "POST", f"{place}/answer", json={"technician": AYLIN})
    assert (late.status_code, late.content_type) == (409, "application/problem+json")
    assert "Piet Hagenauer" in late.json["title"]
    assert _ask(desk, "POST", f"{place}/answer", json={"technician": PIET}).status_code == 200
    said = _ask(desk, "POST", f"{place}/messages", json={"technician": PIET, "text": "Ich bin da"})
    assert said.status_code == 201
    assert (said.json["channel"], said.json["text"], said.json["delivery"]) == ("api", "Ich bin da", "waiting")
    other = _ask(desk, "POST", f"{place}/messages", json={"technician": AYLIN, "text": "Ich auch"})
    assert other.status_code == 409
    assert "Piet Hagenauer" in other.json["title"]
    desk.world.work()
    assert "Ich bin da" in desk.texts(JANA)
    assert "Ich auch" not in desk.texts(JANA)
    ended = _ask(desk, "POST", f"{place}/end", json={"technician": PIET})
    assert (ended.status_code, ended.json["state"]) == (200, "ended")
    assert _ask(desk, "POST", f"{place}/end").status_code == 200, "once more changes nothing"
    assert desk.verbs().count("chat_ended") == 1
    assert _ask(desk, "POST", f"{place}/messages", json={"technician": PIET, "text": "Zu spät"}).status_code == 409
    messages = _ask(desk, "GET", f"/tickets/{waiting['ticket']}/messages").json
    assert [message["text"] for message in messages] == ["Hilfe", "Ich bin da"]
    activity = _ask(desk, "GET", f"/tickets/{waiting['ticket']}/activity").json
    assert [one["verb"] for one in activity if one["verb"].startswith("chat_")] == [
        "chat_began", "chat_answered", "chat_ended",
    ]  # fmt: skip


def test_what_is_done_in_a_technicians_name_does_not_turn_the_line_they_are_typing(desk: Desk) -> None:
    owen = desk.also_known("owen.prentice@harcastle-marine.example", "Owen Prentice")
    desk.answered()
    desk.says(owen, "The till does not print")
    place = f"/chats/{desk.chat().id}"
    assert _ask(desk, "POST", f"{place}/answer", json={"technician": PIET}).status_code == 200
    assert _ask(desk, "POST", f"{place}/messages", json={"technician": PIET, "text": "Good day"}).status_code == 201
    desk.world.work()
    desk.says(PIET, "Für Jana")
    assert ("Für Jana" in desk.texts(JANA), "Für Jana" in desk.texts(owen)) == (True, False)
    assert "Good day" in desk.texts(owen)


def test_what_cannot_be_is_said_clearly(desk: Desk) -> None:
    desk.says(JANA, "Hilfe")
    place = f"/chats/{desk.chat().id}"
    assert _ask(desk, "POST", "/chats/99/answer", json={"technician": PIET}).status_code == 404
    nobody = _ask(desk, "POST", f"{place}/answer", json={"technician": JANA})
    assert (nobody.status_code, list(nobody.json["fields"])) == (422, ["technician"])
    early = _ask(desk, "POST", f"{place}/messages", json={"technician": PIET, "text": "x"})
    assert early.status_code == 409
    assert _ask(desk, "GET", "/chats?state=unknown").status_code == 422
    assert _ask(desk, "GET", "/chats", scope="sales").status_code == 200


def test_the_list_goes_on_by_cursor(desk: Desk) -> None:
    for _ in range(3):
        desk.says(JANA, "Hilfe")
        _ask(desk, "POST", f"/chats/{desk.chat().id}/end")
    first = _ask(desk, "GET", "/chats?limit=2")
    assert len(first.json) == 2
    rest = first.headers["Link"].partition("/api/v1")[2].partition(">")[0]
    assert [one["id"] for one in first.json + _ask(desk, "GET", rest).json] == [3, 2, 1]


def test_a_doubtful_line_is_sent_again(desk: Desk) -> None:
    chat = desk.answered()
    desk.world.misbehave(r"POST /v3/conversations/a:[^/]+/activities", times=1, drop=True)
    said = _ask(desk, "POST", f"/chats/{chat.id}/messages", json={"technician": PIET, "text": "Kommt das an?"}).json
    desk.world.work()
    assert _ask(desk, "GET", f"/tickets/{said['ticket']}/messages").json[-1]["delivery"] == "doubtful"
    again = f"/messages/{said['id']}/send-again"
    assert _ask(desk, "POST", again).json["delivery"] == "waiting"
    assert _ask(desk, "POST", again).status_code == 409
    assert _ask(desk, "POST", "/messages/999/send-again").status_code == 404
    desk.world.work()
    assert desk.texts(JANA).count("Kommt das an?") == 1
