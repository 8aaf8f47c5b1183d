"""Seven browsers on one ticket at once, and two that write to each other."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from backend import auth
from backend.people.models import Person
from tests.accessibility import violations
from tests.desk.conftest import Desk, desk
from tests.waiting import patient

__all__ = ["desk"]
pytestmark = [pytest.mark.slow, pytest.mark.browser]
NAMES = ("Marek Ostwald", "Tomma Kielhorn", "Ruben Sattelkamp", "Lena Brandis", "Jonas Ullrich")
SOON = 2_000  # ms in which somebody who comes is seen
Opened = Callable[[Person], Page]


@pytest.fixture
def opened(desk: Desk, chromium: Browser) -> Iterator[Opened]:
    """Opens the ticket in a browser of that person's; the page's clock can be moved."""
    contexts = []

    def open_it(person: Person, path: str = "") -> Page:
        with desk.world.rows():
            token = auth.begin_session(person.id, "browser")
        cookie: Any = {
            "name": auth.COOKIE, "value": token, "domain": "localhost", "path": "/", "secure": True, "httpOnly": True,
            "sameSite": "None",
        }  # fmt: skip
        context = chromium.new_context(
            base_url=desk.world.settings.url, viewport={"width": 1280, "height": 800}, locale="en-GB"
        )
        context.add_cookies([cookie])
        contexts.append(context)
        page = context.new_page()
        page.clock.install()
        page.goto(path or f"/tickets/{desk.ticket}")
        expect(page.locator("html[data-line=open]")).to_be_attached()
        return page

    yield open_it
    for context in contexts:
        context.close()


def others(page: Page) -> list[str]:
    found: list[str] = page.locator("#watch [data-others] > .avatar").evaluate_all(
        "all => all.map(one => one.ariaLabel)"
    )
    return found


def silent(page: Page) -> None:
    """The browser dies without a word."""
    page.route("**/presence*", lambda route: route.abort())
    page.goto("about:blank")


def test_seven_at_once(desk: Desk, opened: Opened, tmp_path: Path) -> None:
    piet = opened(desk.piet)
    expect(piet.locator("#watch > .avatar")).to_have_count(1)
    pages = [opened(desk.aylin), *(opened(desk.world.staff(name)) for name in NAMES)]
    last = time.monotonic()
    expect(piet.locator(".watch-more")).to_have_text("+2", timeout=patient(SOON))
    expect(piet.locator("#watch [data-others] > .avatar")).to_have_count(4, timeout=patient(SOON))
    assert time.monotonic() - last < patient(SOON) / 1000
    order = "own => own.compareDocumentPosition(document.querySelector('#watch .watch-line')) & 4"
    assert piet.locator("#watch > .avatar").evaluate(order), "the own face stands left of the line"
    assert piet.locator("#watch > .avatar").get_attribute("aria-label") == "Piet Hagenauer"
    pages[5].locator("textarea[name=text]").press_sequentially("Ich sehe")
    expect(piet.get_by_role("img", name="Jonas Ullrich, is writing a reply")).to_be_visible(timeout=patient(SOON))
    expect(piet.locator("form.composer [data-writing]")).to_have_text("Jonas Ullrich is writing a reply")
    assert others(piet)[0] == "Jonas Ullrich, is writing a reply"
    piet.locator(".watch-more").click()
    expect(piet.locator("#watch [role=menuitem]")).to_have_count(2)
    piet.screenshot(path=tmp_path / "seven.png")
    assert violations(piet) == []
    piet.keyboard.press("Escape")
    for page in pages[1:]:
        page.goto("/customers")
    expect(piet.locator("#watch [data-others] > .avatar")).to_have_count(1)
    assert others(piet) == ["Aylin Demirsoy"]


def test_who_vanishes_without_a_word_is_gone_within_half_a_minute(desk: Desk, opened: Opened) -> None:
    piet, aylin = opened(desk.piet), opened(desk.aylin)
    expect(piet.get_by_role("img", name="Aylin Demirsoy")).to_be_visible(timeout=patient(SOON))
    silent(aylin)
    assert others(piet) == ["Aylin Demirsoy"]
    desk.world.pass_time(timedelta(seconds=30))
    piet.clock.fast_forward(30_100)
    expect(piet.get_by_role("img", name="Aylin Demirsoy")).to_have_count(0)


def test_who_stops_typing_writes_no_more(desk: Desk, opened: Opened) -> None:
    piet, aylin = opened(desk.piet), opened(desk.aylin)
    aylin.locator("form.composer label", has_text="Note").click()
    aylin.locator("textarea[name=text]").press_sequentially("Moment")
    expect(piet.locator("form.composer [data-writing]")).to_have_text("Aylin Demirsoy is writing a note")
    aylin.clock.fast_forward(7_000)
    expect(piet.locator("form.composer [data-writing]")).to_have_text("")
    expect(piet.get_by_role("img", name="Aylin Demirsoy", exact=True)).to_be_visible()


def test_the_list_shows_it_and_the_page_that_nobody_sees_counts_no_more(desk: Desk, opened: Any) -> None:
    listed = opened(desk.piet, "/tickets?view=all")
    aylin = opened(desk.aylin)
    face = listed.locator(f"#t{desk.ticket} .on-it .avatar")
    expect(face).to_have_attribute("aria-label", "Aylin Demirsoy")
    aylin.locator("textarea[name=text]").press_sequentially("Hallo")
    expect(face).to_have_attribute("aria-label", "Aylin Demirsoy, is writing a reply")
    assert violations(listed) == []
    silent(aylin)
    desk.world.pass_time(timedelta(seconds=30))
    listed.clock.fast_forward(30_100)
    expect(face).to_have_count(0)


def test_a_message_of_one_is_with_the_other_within_a_second_and_no_draft_is_lost(desk: Desk, opened: Opened) -> None:
    piet, aylin = opened(desk.piet), opened(desk.aylin)
    piet.locator("textarea[name=text]").press_sequentially("Ich bin noch beim Schreiben")
    aylin.locator("form.composer label", has_text="Note").click()
    aylin.locator("textarea[name=text]").fill("Ersatzkopf ist bestellt")
    aylin.keyboard.press("Control+Enter")
    expect(aylin.locator(".msg-body", has_text="Ersatzkopf ist bestellt")).to_be_visible()
    sent = time.monotonic()
    expect(piet.locator(".msg-body", has_text="Ersatzkopf ist bestellt")).to_be_attached(timeout=patient(1_000))
    assert time.monotonic() - sent < patient(1)
    expect(piet.locator("textarea[name=text]")).to_have_value("Ich bin noch beim Schreiben")
    expect(piet.locator("textarea[name=text]")).to_be_focused()


def test_two_set_the_status_at_once_and_the_later_one_is_told(desk: Desk, opened: Opened) -> None:
    piet, aylin = opened(desk.piet), opened(desk.aylin)
    aylin.route(f"**/tickets/{desk.ticket}", lambda route: route.abort())  # her page does not hear of it
    piet.locator("#d-status summary").click()
    piet.locator("#d-status").get_by_role("menuitemradio", name="Pending").click()
    expect(piet.locator(".toast")).to_contain_text("Status: Pending")
    aylin.locator("#d-status summary").click()
    aylin.locator("#d-status").get_by_role("menuitemradio", name="Resolved").click()
    told = aylin.locator(".toast", has_text="Piet Hagenauer has meanwhile set Status to Pending.")
    expect(told).to_be_visible()
    assert violations(aylin) == []
    expect(aylin.get_by_text("Status: Resolved")).to_have_count(0)
    told.get_by_role("button", name="Change it anyway").click()
    expect(aylin.get_by_text("Status: Resolved")).to_be_visible()
