"""What somebody has begun to write is theirs, on every door, until it is sent."""

from datetime import timedelta

from sqlalchemy import func, select

from backend.db import session
from backend.drafts.models import Draft
from backend.tickets.actions import open_ticket
from tests.world import Browser, World


def _keep(browser: Browser, key: str, text: str) -> int:
    return browser.post(f"/drafts/{key}", data={"text": text, "kind": "note", "to": "a@b.example"}).status_code


def test_a_draft_comes_back_as_it_was_and_only_to_its_writer(world: World) -> None:
    piet, aylin = world.browser(world.staff("Piet Hagenauer")), world.browser(world.staff("Aylin Demirsoy"))
    assert _keep(piet, "ticket:10001", "Angefangen") == 204
    assert _keep(piet, "ticket:10001", "Angefangen und weiter") == 204
    answer = piet.get("/drafts/ticket:10001")
    assert (answer.json or {})["text"] == "Angefangen und weiter"
    assert (answer.json or {})["kind"] == "note"
    assert (answer.json or {})["to"] == ["a@b.example"]
    assert aylin.get("/drafts/ticket:10001").status_code == 204


def test_an_empty_text_and_a_sent_one_are_forgotten(world: World) -> None:
    piet = world.staff("Piet Hagenauer")
    with world.app.test_request_context(), world.rows():
        number = open_ticket(piet.who(), "Drucker").number
    browser = world.browser(piet)
    _keep(browser, f"ticket:{number}", "etwas")
    _keep(browser, f"ticket:{number}", "  ")
    assert browser.get(f"/drafts/ticket:{number}").status_code == 204
    _keep(browser, f"ticket:{number}", "etwas")
    said = browser.post(f"/tickets/{number}/messages", data={"kind": "note", "text": "etwas"})
    assert said.status_code < 300
    assert browser.get(f"/drafts/ticket:{number}").status_code == 204


def test_what_is_not_a_ticket_yet_has_a_draft_too(world: World) -> None:
    browser = world.browser(world.staff("Piet Hagenauer"))
    assert _keep(browser, "new-ticket", "Frau Mertoglu rief an") == 204
    assert browser.get("/drafts/new-ticket").get_json()["text"] == "Frau Mertoglu rief an"


def test_strange_keys_are_refused(world: World) -> None:
    browser = world.browser(world.staff("Piet Hagenauer"))
    for key in ("ticket", "ticket:x", "ticket:1:2", "T:1", "new-", "ticket:" + "9" * 40):
        assert _keep(browser, key, "x") == 422


def test_old_drafts_go(world: World) -> None:
    browser = world.browser(world.staff("Piet Hagenauer"))
    _keep(browser, "ticket:1", "alt")
    world.pass_time(timedelta(days=29))
    world.run("drafts.forget_old")
    with world.rows():
        assert session.scalar(select(func.count()).select_from(Draft)) == 1
    world.pass_time(timedelta(days=2))
    world.run("drafts.forget_old")
    with world.rows():
        assert session.scalar(select(func.count()).select_from(Draft)) == 0
