"""A chat in a whole installation, by control calls alone: from the first line to the transcript on the ticket."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.installation import Installation
from tests.waiting import eventually, patient
from tests.world import JANA

pytestmark = pytest.mark.slow
PIET = "piet.hagenauer@nordlicht-it.example"
AYLIN = "aylin.demirsoy@nordlicht-it.example"
RING_SECONDS = 1.0
LINES = 30
Activity = dict[str, Any]


class Teams:
    """The sandbox's Teams, as people use it."""

    def __init__(self, sandbox: str) -> None:
        self.http = httpx.Client(base_url=f"{sandbox}/_sandbox/teams", timeout=30)
        self.people = {one["mail"]: one for one in self.http.get("/people").json()}
        self.hotline = self.http.get("/team").json()["hotline"]

    def say(self, mail: str, text: str) -> Activity:
        answer = self.http.post("/messages", json={"from": mail, "text": text})
        assert answer.status_code == 201, answer.text
        found: Activity = answer.json()
        assert found["delivered"], found
        return found

    def talk(self, mail: str) -> list[Activity]:
        answer = self.http.get(f"/conversations/{self.people[mail]['conversation']}")
        return list(answer.json()["activities"]) if answer.status_code == 200 else []

    def texts(self, mail: str) -> list[str]:
        return [one["text"] for one in self.talk(mail) if one.get("text")]

    def threads(self) -> list[Activity]:
        """All cards that stand in the team's channels."""
        found: list[Activity] = []
        for place in self.http.get("/conversations").json():
            if place["kind"] == "channel":
                found += self.http.get(f"/conversations/{place['id']}").json().get("activities", [])
        return sorted(found, key=lambda one: str(one["id"]))

    def press(self, mail: str, activity: str, verb: str) -> Activity:
        """What the press led to; nothing when the card was drawn anew before, without that button."""
        answer = self.http.post("/actions", json={"from": mail, "activity": activity, "verb": verb, "data": {}})
        if answer.status_code == 409 and "no such button" in answer.text:
            return {}
        assert answer.is_success, answer.text
        found: Activity = answer.json()
        return found


@pytest.fixture
def teams(installation: Installation) -> Teams:
    """The sandbox's Teams."""
    return Teams(installation.sandbox)


@pytest.fixture
def api(installation: Installation) -> Iterator[httpx.Client]:
    """The REST API with an administrator's token."""
    headers = {"Authorization": f"Bearer {installation.token()}"}
    with httpx.Client(base_url=f"{installation.web}/api/v1", headers=headers, timeout=30) as client:
        yield client


def ringing(activities: list[Activity], word: str) -> Activity | None:
    """The newest card that speaks of `word` and can be answered."""
    for said in reversed(activities):
        for one in said.get("attachments") or []:
            card = one.get("content")
            if not isinstance(card, dict):
                continue
            verbs = [action.get("verb") for action in card.get("actions", [])]
            if "chat.answer" in verbs and word in str(card):
                return said
    return None


def end_all(teams: Teams, api: httpx.Client) -> None:
    """No chat is left of an earlier test."""
    for state in ("waiting", "open"):
        for chat in api.get("/chats", params={"state": state}).json():
            assert api.post(f"/chats/{chat['id']}/end", json={}).status_code == 200


def answers(api: httpx.Client, ticket: int) -> list[Activity]:
    """All entries of the ticket's log that say that a chat was answered."""
    found: list[Activity] = []
    page = api.get(f"/tickets/{ticket}/activity", params={"limit": 200})
    while True:
        found += [one for one in page.json() if one["verb"] == "chat_answered"]
        if "next" not in page.links:
            return found
        page = api.get(page.links["next"]["url"])


def test_from_the_first_line_to_the_ticket(teams: Teams, api: httpx.Client) -> None:
    end_all(teams, api)
    began = time.monotonic()
    teams.say(JANA, "Die Kasse im Ausschank druckt nicht")
    rung = {
        mail: eventually(lambda mail=mail: ringing(teams.talk(mail), "Ausschank"), seconds=10)  # type: ignore[misc]
        for mail in (PIET, AYLIN)
    }
    eventually(lambda: ringing(teams.threads(), "Ausschank"), seconds=10)
    print(f"a waiting chat has rung everywhere after {(time.monotonic() - began) * 1000:.0f} ms")
    assert time.monotonic() - began < patient(3 * RING_SECONDS), "asking for what is there takes time too"
    with ThreadPoolExecutor(10) as ten:
        pressed = list(ten.map(lambda m: teams.press(m, rung[m]["id"], "chat.answer"), [PIET, AYLIN] * 5))
    (chat,) = api.get("/chats", params={"state": "open"}).json()
    winner = chat["technician"]["email"]
    assert winner in (PIET, AYLIN)
    assert {chat["technician"]["name"] in str(one["card"]) for one in pressed if one} == {True}
    for number in range(LINES):
        teams.say(JANA, f"von ihr {number:02}")
        teams.say(winner, f"von uns {number:02}")
    asked = [f"von ihr {number:02}" for number in range(LINES)]
    answered = [f"von uns {number:02}" for number in range(LINES)]
    eventually(lambda: [t for t in teams.texts(winner) if t.startswith("von ihr")] == asked, seconds=30)
    eventually(lambda: [t for t in teams.texts(JANA) if t.startswith("von uns")] == answered, seconds=30)
    ended = api.post(f"/chats/{chat['id']}/end", json={"technician": winner})
    assert ended.json()["state"] == "ended"
    messages = api.get(f"/tickets/{chat['ticket']}/messages", params={"limit": 200}).json()
    said = [(one["author"]["name"], one["text"]) for one in messages]
    mine = [text for name, text in said if name == chat["technician"]["name"]]
    theirs = [text for name, text in said if name == "Jana Wiedekind"]
    assert (mine, theirs) == (answered, ["Die Kasse im Ausschank druckt nicht", *asked])
    assert {one["delivery"] for one in messages if one["author"]["name"] == chat["technician"]["name"]} == {"sent"}
    verbs = [one["verb"] for one in api.get(f"/tickets/{chat['ticket']}/activity", params={"limit": 200}).json()]
    assert [verb for verb in verbs if verb.startswith("chat_")] == ["chat_began", "chat_answered", "chat_ended"]
    eventually(lambda: not ringing(teams.talk(AYLIN), "Ausschank") and not ringing(teams.threads(), "Ausschank"))


def test_a_line_takes_a_moment_only(teams: Teams, api: httpx.Client) -> None:
    end_all(teams, api)
    teams.say(JANA, "Wie schnell geht das")
    eventually(lambda: api.get("/chats", params={"state": "waiting"}).json())
    (chat,) = api.get("/chats", params={"state": "waiting"}).json()
    assert api.post(f"/chats/{chat['id']}/answer", json={"technician": PIET}).status_code == 200
    took = []
    for number in range(20):
        began = time.monotonic()
        teams.say(PIET, f"Zeile {number}")
        eventually(lambda number=number: f"Zeile {number}" in teams.texts(JANA), seconds=10)  # type: ignore[misc]
        took.append(time.monotonic() - began)
    print(f"a line takes {sorted(took)[10] * 1000:.0f} ms, 95 % {sorted(took)[18] * 1000:.0f} ms")
    assert sorted(took)[18] < patient(3 * RING_SECONDS)


@pytest.mark.soak
def test_fifty_rounds_of_ten_presses_have_one_winner_each(teams: Teams, api: httpx.Client) -> None:
    end_all(teams, api)
    took = []
    for number in range(50):
        word = f"Runde-{number:02}"
        began = time.monotonic()
        teams.say(JANA, word)
        rung = [
            (mail, eventually(lambda mail=mail, word=word: ringing(teams.talk(mail), word), seconds=20)["id"])  # type: ignore[misc]
            for mail in (PIET, AYLIN)
        ]
        took.append(time.monotonic() - began)
        with ThreadPoolExecutor(10) as ten:
            pressed = list(ten.map(lambda one: teams.press(one[0], one[1], "chat.answer"), rung * 5))
        (chat,) = api.get("/chats", params={"state": "open"}).json()
        assert {chat["technician"]["name"] in str(one["card"]) for one in pressed if one} == {True}
        assert sum(one["data"].get("chat_id") == chat["id"] for one in answers(api, chat["ticket"])) == 1
        assert api.post(f"/chats/{chat['id']}/end", json={}).status_code == 200
    print(f"rung after {sorted(took)[25] * 1000:.0f} ms in the median, {sorted(took)[47] * 1000:.0f} ms in 95 %")
