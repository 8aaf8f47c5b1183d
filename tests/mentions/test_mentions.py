"""Somebody who is mentioned in a note hears of it at once, and can answer from there.

Here by mail only where Teams does not reach; the other ways are in tests/staff/test_telling.py.
"""

import time
from typing import Any

import pytest
from sqlalchemy import select

from backend import auth
from backend.db import session
from backend.mentions.models import Mention, Told
from backend.people.models import Person
from backend.tickets.actions import Said, open_ticket, receive
from backend.tickets.models import Activity, Message, Ticket
from tests.bot.teams import AYLIN, MAREK, PIET, Teams, installed
from tests.waiting import patient
from tests.world import JANA, World

pytestmark = pytest.mark.slow
NOTE = "Bitte schau dir das Netzteil an, <b>danke</b> [hier](https://evil.example)"


@pytest.fixture
def teams(world: World) -> Teams:
    """Piet and Aylin have the bot, Marek does not."""
    world.chosen(telling="teams")
    for name in ("Piet Hagenauer", "Aylin Demirsoy", "Marek Ostwald"):
        world.staff(name)
    made = Teams(world)
    installed(made, PIET, AYLIN)
    return made


@pytest.fixture
def ticket(world: World) -> Ticket:
    """Ticket 10001 of Jana."""
    customer = world.customer("K1", "Möbelwerk Tressow GmbH")
    jana = world.contact("Jana Wiedekind", JANA, customer)
    with world.rows():
        made = open_ticket(jana.who(), "Drucker druckt nicht", contact=jana, source="mail")
        receive(made, jana.who(), Said(text="Er blinkt rot."))
    world.work()
    return made


def somebody(world: World, mail: str) -> Person:
    with world.rows():
        return session.scalars(select(Person).where(Person.mail == mail)).one()


def write(world: World, who: str, *mentions: str, text: str = NOTE, kind: str = "note") -> Any:
    """That person writes on the ticket's page."""
    form = {"kind": kind, "text": text, "mentions": list(mentions)}
    return world.browser(somebody(world, who)).post("/tickets/10001/messages", data=form)


def told(world: World) -> list[tuple[str, str]]:
    """(name, by what) of everybody mentioned."""
    with world.rows():
        rows = session.execute(select(Person.name, Mention.told).join(Mention).order_by(Mention.id))
        return [(row.name, row.told) for row in rows]


def notes(world: World) -> list[tuple[str, str, str]]:
    with world.rows():
        rows = session.execute(
            select(Message.author_name, Message.text, Message.channel)
            .where(Message.kind == "note")
            .order_by(Message.id)
        )
        return [(row.author_name, row.text, row.channel) for row in rows]


@pytest.mark.usefixtures("ticket")
def test_a_card_shows_the_note_and_takes_the_answer(world: World, teams: Teams) -> None:
    assert write(world, PIET, f"Aylin Demirsoy <{AYLIN}>").status_code == 204
    began = time.monotonic()
    world.work()
    (card,) = teams.cards(AYLIN)
    assert time.monotonic() - began < patient(3.0)  # of which the worker's start takes most
    assert "Piet Hagenauer" in str(card["body"][0])
    assert any(NOTE in str(block.get("inlines")) for block in card["body"])
    assert not any(NOTE in str(block.get("text")) for block in card["body"]), "markup would be read there"
    assert [one["type"] for one in card["actions"]] == ["Action.Execute", "Action.OpenUrl"]
    assert card["actions"][1]["url"].endswith("/tickets/10001")
    answer = teams.press(AYLIN, card["activity"], "mention.reply", reply="Ist bestellt.")
    assert "Ist bestellt." in str(answer["card"])
    world.work()
    assert notes(world)[-1] == ("Aylin Demirsoy", "Ist bestellt.", "teams")
    assert told(world) == [("Aylin Demirsoy", Told.TEAMS), ("Piet Hagenauer", Told.TEAMS)]
    assert "Ist bestellt." in str(teams.cards(PIET)[-1])
    assert len(teams.cards(AYLIN)) == 1, "the card itself was changed"
    assert "Ist bestellt." in str(teams.cards(AYLIN)[0])
    assert world.sent() == []
    page = world.browser(somebody(world, PIET)).get("/tickets/10001").text
    assert "notified in Teams" in page


@pytest.mark.usefixtures("ticket")
def test_a_card_that_was_answered_already_says_so(world: World, teams: Teams) -> None:
    write(world, PIET, AYLIN)
    world.work()
    card = teams.cards(AYLIN)[0]
    stale = {"mention": 1, "replies": 0, "reply": "Noch einmal"}
    teams.press(AYLIN, card["activity"], "mention.reply", reply="Ist bestellt.")
    button = {"type": "Action.Execute", "verb": "mention.reply", "data": stale}
    activity = teams.activity(AYLIN, type="invoke", name="adaptiveCard/action", value={"action": button})
    answer = teams.bring(activity).get_json()
    assert answer["statusCode"] == 200
    assert "schon geantwortet" in str(answer["value"])
    assert [text for _who, text, _by in notes(world)] == [NOTE, "Ist bestellt."]


@pytest.mark.usefixtures("ticket")
@pytest.mark.parametrize("mention", [1, 2, -1, 0, 2**70, "1", None, [1], True])
def test_nobody_answers_by_somebody_elses_card(world: World, teams: Teams, mention: Any) -> None:
    write(world, PIET, AYLIN)
    world.work()
    for mail in (PIET, JANA):
        data = {"mention": mention, "replies": 0, "reply": "Gefälscht"}
        value = {"action": {"type": "Action.Execute", "verb": "mention.reply", "data": data}}
        activity = teams.activity(mail, type="invoke", name="adaptiveCard/action", value=value)
        answer = teams.bring(activity)
        assert answer.status_code == 200
        assert answer.get_json()["type"] == "application/vnd.microsoft.activity.message"
    assert [text for _who, text, _by in notes(world)] == [NOTE]


@pytest.mark.usefixtures("ticket")
def test_whom_teams_cannot_reach_gets_one_mail(world: World, teams: Teams) -> None:
    teams.control("POST", f"/people/{AYLIN}/block")
    write(world, PIET, AYLIN, MAREK)
    world.work()
    assert told(world) == [("Aylin Demirsoy", Told.MAIL), ("Marek Ostwald", Told.MAIL)]
    assert sorted(one["to"][0] for one in world.sent()) == [AYLIN, MAREK]
    mime = world.sent_mime(world.sent()[0]).decode()
    assert "Auto-Submitted: auto-generated" in mime
    assert "[#10001]" not in mime, "an answer to it must not become a message to the customer"
    assert not [one for one in teams.chat(AYLIN) if one["from"]["id"].startswith("28:")]


@pytest.mark.usefixtures("ticket")
def test_what_was_perhaps_told_is_not_told_again(world: World, teams: Teams) -> None:
    world.misbehave("POST /v3/conversations/.*/activities", status=502, after_effect=True)
    write(world, PIET, AYLIN)
    world.work()
    assert told(world) == [("Aylin Demirsoy", Told.DOUBTFUL)]
    assert len(teams.cards(AYLIN)) == 1
    assert world.sent() == []
    assert "perhaps not notified" in world.browser(somebody(world, PIET)).get("/tickets/10001").text


@pytest.mark.usefixtures("ticket")
def test_a_card_that_has_to_wait_is_given_up_for_a_mail(world: World, teams: Teams) -> None:
    world.misbehave("POST /v3/conversations/.*/activities", status=429, retry_after=600)
    write(world, PIET, AYLIN)
    world.work()
    assert told(world) == [("Aylin Demirsoy", Told.MAIL)]
    world.sandbox.delete("/_sandbox/faults")
    world.work()
    assert teams.cards(AYLIN) == []
    assert len(world.sent()) == 1


@pytest.mark.usefixtures("ticket", "teams")
def test_only_notes_and_only_staff(world: World) -> None:
    assert write(world, PIET, JANA).status_code == 422
    assert write(world, PIET, "wer@fremd.example").status_code == 422
    assert write(world, PIET, AYLIN, kind="reply").status_code == 204
    world.work()
    assert told(world) == []
    assert notes(world) == []


@pytest.mark.usefixtures("ticket")
def test_the_rest_call_takes_addresses(world: World, teams: Teams) -> None:
    with world.rows():
        token = auth.create_api_token("test", "admin")
    client, headers = world.app.test_client(), {"Authorization": f"Bearer {token}"}
    for body, want in (
        ({"kind": "note", "text": "Schaut bitte", "mentions": [PIET, AYLIN, PIET]}, 201),
        ({"kind": "reply", "text": "Guten Tag", "mentions": [PIET]}, 422),
        ({"kind": "note", "text": "Schaut bitte", "mentions": ["wer@fremd.example"]}, 422),
    ):
        answer = client.post("/api/v1/tickets/10001/messages", json=body, headers=headers)
        assert answer.status_code == want, answer.text
    world.work()
    assert sorted(told(world)) == [("Aylin Demirsoy", Told.TEAMS), ("Piet Hagenauer", Told.TEAMS)]
    assert len(teams.cards(PIET)) == len(teams.cards(AYLIN)) == 1
    with world.rows():
        logged = session.scalars(select(Activity).where(Activity.verb == "mentioned")).one()
        assert (logged.actor_name, logged.after) == ("test", "Piet Hagenauer, Aylin Demirsoy")
