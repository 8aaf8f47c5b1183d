"""The settings pages: chosen in place, with a way back, and every change in the log."""

import pytest
from bs4 import BeautifulSoup

from backend.db import session
from backend.people.models import Person
from backend.settings.declared import DECLARED, PAGES, Kind
from tests.world import Browser, World, mail

pytestmark = pytest.mark.slow


@pytest.fixture
def admin(world: World) -> Browser:
    person = world.staff("Marek Ostwald")
    with world.rows():
        session.get_one(Person, person.id).language = "en"
    return world.browser(person)


def _page(browser: Browser, address: str) -> BeautifulSoup:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return BeautifulSoup(answer.text, "lxml")


def test_each_page_offers_each_of_its_settings(admin: Browser) -> None:
    for page in PAGES:
        shown = {str(one["value"]) for one in _page(admin, f"/settings/about/{page}").select("input[name=key]")}
        assert shown == {one.key for one in DECLARED if one.page == page}
    assert {one.page for one in DECLARED} == set(PAGES)


def test_the_menu_leads_to_each_page_once(admin: Browser) -> None:
    for page in PAGES:
        menu = _page(admin, f"/settings/about/{page}").select("nav.views a")
        assert [str(one["href"]) for one in menu].count(f"/settings/about/{page}") == 1, page
        assert [str(one["href"]) for one in menu if one.get("aria-current")] == [f"/settings/about/{page}"]


def test_what_holds_until_somebody_chooses_is_allowed() -> None:
    for one in DECLARED:
        assert one.kind != Kind.CHOICE or one.allows(one.choices[0][0])
        assert one.allows(one.standard()), one.key


def test_a_choice_is_kept_logged_and_taken_back(admin: Browser) -> None:
    address = "/settings/about/writing"
    answer = admin.post(address, data={"key": "default_kind", "value": "note"})
    assert answer.status_code == 200
    assert "Internal note" in answer.text
    chosen = _page(admin, address).select_one("select[name=value] option[selected]")
    assert chosen is not None
    assert chosen["value"] == "note"
    log = " ".join(_page(admin, "/settings/log").get_text(" ").split())
    assert "changed What a new message is at first: Reply to the customer → Internal note" in log
    assert "default_kind" in answer.text
    assert "reply" in answer.text
    admin.post(address, data={"key": "default_kind", "value": "reply"})
    admin.post(address, data={"key": "default_kind", "value": "reply"})
    assert _page(admin, "/settings/log").get_text().count("changed What a new") == 2


def test_what_is_not_offered_is_refused_and_nothing_changes(admin: Browser) -> None:
    refused = admin.post("/settings/about/writing", data={"key": "default_kind", "value": "shout"})
    assert refused.status_code == 422
    assert admin.post("/settings/about/writing", data={"key": "nonsense", "value": "1"}).status_code == 404
    assert admin.get("/settings/about/nonsense").status_code == 404
    assert "Nothing has been changed yet" in admin.get("/settings/log").text


def test_a_new_message_begins_as_chosen(world: World, admin: Browser) -> None:
    world.deliver(mail())
    world.run("mail.sweep")
    world.work()
    number = 10001
    assert 'value="reply" checked' in admin.get(f"/tickets/{number}").text
    admin.post("/settings/about/writing", data={"key": "default_kind", "value": "note"})
    assert 'value="note" checked' in admin.get(f"/tickets/{number}").text
