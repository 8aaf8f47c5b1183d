"""Answers to surveys: on the ticket for those who may see them, and by a link that ends after seven days."""

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend import auth
from backend.db import session
from backend.people.models import Person
from backend.roles import Role
from backend.tickets.models import Activity, Ticket
from tests.world import JANA, Browser, World, mail

pytestmark = pytest.mark.slow
ANSWER: dict[str, Any] = {
    "survey": "Nach dem Einsatz",
    "answer_id": "R_31",
    "answered_at": "2026-11-20T10:00:00+00:00",
    "contact": "Jana Wiedekind",
    "location": "Rostock",
    "quotas": ["Norden"],
    "answers": [{"question": "Wie war es?", "answer": "Zu <b>langsam</b>"}, {"question": "Sonst?", "answer": ""}],
    "embedded": {"score": 2},
}


@pytest.fixture
def ticket(world: World) -> int:
    world.deliver(mail())
    world.run("mail.sweep")
    world.work()
    with world.rows():
        token = auth.create_api_token("survey", "admin")
        number = session.scalars(select(Ticket.number)).one()
    headers = {"Authorization": f"Bearer {token}"}
    address = f"/api/v1/tickets/{number}/survey-answer"
    api = world.browser()
    assert api.put(address, json=ANSWER, headers=headers).status_code == 201
    assert api.put(address, json=ANSWER, headers=headers).status_code == 200
    assert api.get(address, headers=headers).get_json()["answers"] == ANSWER["answers"]
    return int(number)


def _in_english(world: World, name: str, *roles: str) -> Browser:
    person = world.staff(name, *roles)
    with world.rows():
        session.get_one(Person, person.id).language = "en"
    return world.browser(person)


def _text(browser: Browser, address: str) -> str:
    return " ".join(BeautifulSoup(browser.get(address).text, "lxml").get_text(" ").split())


def test_it_opens_on_the_ticket_and_shows_who_it_was_only_to_whom_may_see_surveys(world: World, ticket: int) -> None:
    whole = _text(_in_english(world, "Marek Ostwald"), f"/tickets/{ticket}")
    for words in ("Answer to Nach dem Einsatz", "Zu <b>langsam</b>", "Rostock", "Norden", "R_31", "score"):
        assert words in whole
    reduced = _text(_in_english(world, "Piet Harmsen", Role.TECHNICIAN), f"/tickets/{ticket}")
    assert "Zu <b>langsam</b>" in reduced
    assert not any(words in reduced for words in ("Rostock", "Norden", "R_31", "score"))
    with world.rows():
        assert [row.after for row in session.scalars(select(Activity).where(Activity.verb == "survey_answered"))] == [
            "Nach dem Einsatz"
        ]


def test_the_setting_keeps_it_off_the_ticket(world: World, ticket: int) -> None:
    admin = _in_english(world, "Marek Ostwald")
    admin.post("/settings/about/tickets", data={"key": "answer_on_ticket", "value": ""})
    assert "langsam" not in _text(admin, f"/tickets/{ticket}")


def test_a_link_ends_exactly_seven_days_after_it_was_made_and_says_so(world: World, ticket: int) -> None:
    admin, stranger = _in_english(world, "Marek Ostwald"), world.browser()
    made = BeautifulSoup(admin.post(f"/tickets/{ticket}/survey-answer/link").text, "lxml").select_one("input")
    assert made is not None
    address = str(made["value"]).removeprefix(world.settings.url)
    assert "Rostock" in stranger.get(address).text
    forged = address[:-1] + ("0" if address[-1] != "0" else "1")
    assert stranger.get(forged).status_code == 404
    world.pass_time(timedelta(days=7) - timedelta(minutes=1))
    assert stranger.get(address).status_code == 200
    world.pass_time(timedelta(minutes=1))
    ended = stranger.get(address, headers={"Accept-Language": "en"})
    assert ended.status_code == 410
    assert "seven days after it was made" in ended.text
    assert "Rostock" not in ended.text


def test_a_summary_stands_on_top(world: World) -> None:
    with world.rows():
        token = auth.create_api_token("survey", "admin")
    made = world.browser().post(
        "/api/v1/tickets",
        json={
            "subject": "Unzufrieden", "requester_email": JANA, "text": "Zu langsam",
            "summary": {"Note": 2, "Filiale": "Rostock"},
        },
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip
    page = BeautifulSoup(_in_english(world, "Piet Harmsen").get(f"/tickets/{made.get_json()['number']}").text, "lxml")
    (top,) = page.select("section.summary")
    assert [one.get_text() for one in top.select("dt, dd")] == ["Note", "2", "Filiale", "Rostock"]
