"""Sub-tickets and linked tickets on the page: by keyboard, in light and dark, without a finding of axe."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from backend import auth
from backend.checklists.models import Checklist
from backend.db import session
from backend.people.models import Team
from tests.accessibility import violations
from tests.family.conftest import Kin

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def opened(kin: Kin, chromium: Browser, name: str, **options: Any) -> Page:
    """A browser in which that person is signed in."""
    with kin.world.rows():
        token = auth.begin_session(kin.people[name].id, "browser")
    context = chromium.new_context(base_url=kin.world.settings.url, viewport={"width": 1280, "height": 900}, **options)
    cookie = {
        "name": auth.COOKIE, "value": token, "domain": "localhost", "path": "/", "secure": True, "httpOnly": True,
        "sameSite": "None",
    }  # fmt: skip
    context.add_cookies([cookie])  # type: ignore[list-item]
    return context.new_page()


@pytest.fixture
def tomma(kin: Kin, chromium: Browser) -> Iterator[Page]:
    """The browser of the parent's owner."""
    page = opened(kin, chromium, "tomma")
    yield page
    page.context.close()


def test_closing_anyway_asks_for_the_reason_and_stays_until_it_is_given(kin: Kin, tomma: Page) -> None:
    by_hand = kin.browser("tomma")
    by_hand.post(f"/tickets/{kin.parent}/checklists", data={"name": "Abschluss"})
    with kin.world.rows():
        list_id = session.scalars(select(Checklist.id)).one()
    by_hand.post(f"/checklists/{list_id}/items", data={"text": "Kunden anrufen"})
    tomma.goto(f"/tickets/{kin.parent}")
    tomma.get_by_role("button", name="Close and save time").click()
    expect(tomma.locator("#f-minutes")).to_be_focused()
    tomma.locator("#f-minutes").fill("5")
    tomma.locator("#f-closing_reason").fill("Kunde verzichtet")
    tomma.locator("#time-dialog").get_by_role("button", name="Close and save time").click()
    toast = tomma.locator("#toasts .toast", has_text="2 sub-tickets are still open")
    reason = toast.get_by_label("Why it is closed all the same")
    expect(reason).to_have_value("Kunde verzichtet")
    assert violations(tomma) == []
    reason.fill("")
    toast.get_by_role("button", name="Close anyway").click()
    expect(reason).to_be_visible()
    reason.fill("Nicht nötig")
    toast.get_by_role("button", name="Close anyway").click()
    expect(tomma.locator("#toasts")).to_contain_text("Status: Closed")
    assert kin.row(kin.parent).closed


def test_a_slow_line_does_not_move_who_types_into_another_field(kin: Kin, tomma: Page) -> None:
    held: list[Route] = []
    tomma.route("**/visits.js", lambda route: held.append(route))
    tomma.goto(f"/tickets/{kin.parent}")
    tomma.get_by_role("button", name="New sub-ticket").press("Enter")
    expect(tomma.locator("#f-subject")).to_be_focused()
    tomma.keyboard.type("Dose ")
    held[0].continue_()
    tomma.wait_for_function("document.querySelector('[data-visit-form]').elements.token.value")  # the script has begun
    tomma.keyboard.type("setzen")
    expect(tomma.locator("#f-subject")).to_have_value("Dose setzen")


def test_a_subticket_is_made_by_keyboard_and_stands_in_the_rail(kin: Kin, tomma: Page) -> None:
    with kin.world.rows():
        session.add(Team(name="Netz"))
    tomma.goto(f"/tickets/{kin.parent}")
    expect(tomma.locator("#rail-subtickets li")).to_have_count(2)
    tomma.get_by_role("button", name="New sub-ticket").press("Enter")
    expect(tomma.locator("#f-subject")).to_be_focused()
    tomma.keyboard.type("Dose setzen")
    for field, typed, name in (("assignee", "len", "Lena Brandis"), ("team", "ne", "Netz")):
        box = tomma.locator(f"#f-subticket-{field}")
        box.focus()
        tomma.keyboard.type(typed)
        expect(tomma.locator(f"#f-subticket-{field}-list [role=option]").first).to_contain_text(name)
        tomma.keyboard.press("Enter")
        expect(box).to_have_value(name)
    tomma.locator("#f-comment").fill("Raum 3")
    with tomma.expect_response(re.compile(rf"/tickets/{kin.parent}$")):
        tomma.locator("main").dispatch_event("live")  # somebody else has changed something meanwhile
    tomma.keyboard.type("b")
    expect(tomma.locator("#f-comment")).to_have_value("Raum 3b")
    assert violations(tomma) == []
    tomma.get_by_role("button", name="Make sub-ticket").press("Enter")
    made = tomma.locator("#rail-subtickets li", has_text="Dose setzen")
    expect(made).to_be_visible()
    expect(tomma.locator("#subticket-slot form")).to_have_count(0)
    made.get_by_role("link").click()
    expect(tomma.get_by_role("heading", level=1)).to_have_text("Dose setzen")
    expect(tomma.locator("#d-team summary")).to_contain_text("Netz")
    tomma.locator("#rail .rail-top a").click()
    expect(tomma.get_by_role("heading", level=1)).to_have_text("Netz in Halle 2")


def test_closing_is_asked_again_and_done_from_the_toast(kin: Kin, tomma: Page) -> None:
    tomma.goto(f"/tickets/{kin.parent}")
    tomma.locator("#d-status summary").click()
    tomma.locator("#d-status button[value=closed]").click()
    toast = tomma.locator(".toast", has_text="2 sub-tickets are still open")
    expect(toast).to_be_visible()
    assert not kin.row(kin.parent).closed
    toast.get_by_role("button", name="Close anyway").click()
    expect(tomma.locator(".ticket-title .pill")).to_have_text("Closed")


@pytest.mark.parametrize("theme", [pytest.param("light", marks=pytest.mark.soak), "dark"])
def test_axe_finds_nothing(kin: Kin, chromium: Browser, theme: Any) -> None:
    with kin.world.rows():
        session.add(Team(name="Netz"))
    for name, paths in (
        ("piet", (f"/tickets/{kin.parent}", f"/tickets/{kin.piets}")),
        ("marek", (f"/tickets/{kin.parent}", "/settings/teams", "/settings/roles", "/settings/about/assigning")),
    ):
        page = opened(kin, chromium, name, color_scheme=theme)
        for path in paths:
            page.goto(path)
            assert violations(page) == [], f"{name} at {path}"
        page.context.close()
