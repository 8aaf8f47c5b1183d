"""Checklists, fields and devices in a real browser: by keyboard, live, refused beside the cause, as axe sees it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend.checklists.models import ChecklistItem, ChecklistTemplate
from backend.db import session
from backend.devices.models import ConnectLink, Device
from backend.fields.models import CustomField
from tests.accessibility import violations
from tests.browser.test_desk import on_line, sign_in
from tests.desk.conftest import Desk
from tests.waiting import patient
from tests.world import Browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def ticket(desk: Desk) -> str:
    """The path of a ticket with a list of three, a device that can be connected to, and fields of its own."""
    with desk.world.rows():
        session.add(ChecklistTemplate(name="Printer", in_order=True, items=["Self-test", "Ribbon", "Print head"]))
        session.add(Device(contact_id=desk.jana.id, name="NB-104", kind="Notebook", remote_id="123"))
        session.add_all([ConnectLink(name="AnyDesk", url="anydesk:{id}"), ConnectLink(name="Web", url="https://x.y/")])
        session.add(CustomField(key="plan", name="Plan", kind="choice", options=["Gold", "Bronze"], position=1))
        session.add(CustomField(key="hall", name="Hall", kind="text", types=["change"], needed=True, position=2))
    with desk.world.rows():
        number = session.scalar(select(ChecklistTemplate.id))
    desk.browser.post(f"/tickets/{desk.ticket}/checklists", data={"template": number})
    return f"/tickets/{desk.ticket}"


@pytest.fixture
def page(desk: Desk, chromium: Chromium, ticket: str) -> Iterator[Page]:
    """Piet's browser on that ticket."""
    opened = sign_in(desk, chromium, desk.piet)
    opened.goto(ticket)
    on_line(opened)
    yield opened
    opened.context.close()


def test_the_space_bar_ticks_and_the_other_one_sees_it(desk: Desk, chromium: Chromium, page: Page, ticket: str) -> None:
    other = sign_in(desk, chromium, desk.aylin)
    other.goto(ticket)
    on_line(other)
    box = page.get_by_role("checkbox", name="Self-test")
    box.focus()
    page.keyboard.press("Space")
    for seen in (page, other):
        expect(seen.locator("#rail-checklists > summary .n")).to_have_text("1/3", timeout=patient(4_000))
        expect(seen.get_by_role("checkbox", name="Self-test")).to_be_checked()
        expect(seen.locator(".steps li").first).to_contain_text("Piet Hagenauer")
    expect(box).to_be_focused()
    other.get_by_role("checkbox", name="Ribbon").click()
    expect(page.get_by_role("checkbox", name="Ribbon")).to_be_checked(timeout=patient(4_000))
    other.context.close()


def test_a_refused_tick_goes_back_and_says_why(desk: Desk, page: Page) -> None:
    page.route(
        "**/tick", lambda route: route.fulfill(status=422, body='<div class="notice"><p class="grow">No.</p></div>')
    )
    page.get_by_role("checkbox", name="Self-test").click()
    expect(page.locator(".steps .prop-error").first).to_have_text("No.")
    expect(page.get_by_role("checkbox", name="Self-test")).not_to_be_checked()


def test_items_are_added_and_changed_by_keyboard(desk: Desk, page: Page) -> None:
    adding = page.get_by_label("Add an item to Printer")
    adding.fill("Label")
    page.keyboard.press("Enter")
    expect(page.locator(".steps li")).to_have_count(4)
    expect(adding).to_have_value("")
    expect(adding).to_be_focused()
    page.get_by_label("Change the item Ribbon").press("Enter")
    text = page.get_by_label("Text", exact=True)
    expect(text).to_be_focused()
    text.fill("Ribbon and roll")
    page.keyboard.press("Tab")
    expect(page.locator(".steps details[open] button", has_text="Save")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".steps li").nth(1)).to_contain_text("Ribbon and roll")


def test_closing_asks_for_the_reason_beside_the_status(desk: Desk, page: Page) -> None:
    page.locator("#d-status > summary").click()
    page.locator("#d-status [value=closed]").click()
    reason = page.locator(".rail").get_by_label("Why it is closed all the same")
    expect(reason).to_be_focused()
    expect(page.locator(".rail .prop-error", has_text="3 items of the checklists are open")).to_be_visible()
    assert violations(page) == []
    page.keyboard.type("Not needed any more")
    page.keyboard.press("Enter")
    expect(page.locator(".ticket-title .pill")).to_have_text("Closed")
    expect(reason).to_be_hidden()


def test_closing_while_sending_keeps_the_text_until_there_is_a_reason(desk: Desk, page: Page) -> None:
    text = page.get_by_label("Message", exact=True)
    text.fill("All done.")
    page.get_by_label("Send and set status").click()
    page.locator(".split [value=closed]").click()
    reason = page.locator("[data-closing-here] input")
    expect(reason).to_be_focused()
    expect(text).to_have_value("All done.")
    reason.fill("Two steps were not needed")
    page.get_by_role("button", name="Send and close").click()
    expect(page.locator(".msg-mine", has_text="All done.")).to_be_visible()
    expect(page.locator(".ticket-title .pill")).to_have_text("Closed")
    expect(text).to_have_value("")
    expect(reason).to_be_hidden()


def test_a_tool_opens_by_its_address(desk: Desk, page: Page) -> None:
    page.evaluate("document.addEventListener('connect', (e) => { window.opened = e.detail.address; }, true)")
    page.get_by_label("Connect to NB-104").first.press("Enter")
    page.get_by_role("menuitem", name="AnyDesk").press("Enter")
    expect(page.get_by_role("link", name="Open again")).to_have_attribute("href", "anydesk:123")
    assert page.evaluate("window.opened") == "anydesk:123"


def test_the_form_shows_the_fields_of_the_chosen_type(desk: Desk, page: Page) -> None:
    page.goto("/tickets/new")
    expect(page.get_by_label("Plan")).to_be_visible()
    expect(page.get_by_label("Hall")).to_be_hidden()
    page.get_by_label("Type").select_option("change")
    expect(page.get_by_label("Hall")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("theme", [pytest.param("light", marks=pytest.mark.soak), "dark"])
def test_axe_finds_nothing(desk: Desk, admin: Browser, chromium: Chromium, ticket: str, theme: Any) -> None:
    with desk.world.rows():
        item = session.scalars(select(ChecklistItem.id).order_by(ChecklistItem.id)).first()
    desk.browser.post(f"/checklist-items/{item}/tick", data={"done": "1"})
    marek = desk.world.staff("Tomma Kielhorn", "administrator")
    page = sign_in(desk, chromium, marek, color_scheme=theme)
    found = {}
    for path in (
        ticket, "/settings/checklists", "/settings/checklists/new", "/settings/checklists/1", "/settings/fields",
        "/settings/fields/new", "/settings/fields/1", "/settings/devices", "/settings/devices/1",
        "/settings/devices/new", "/settings/about/customers", f"/contacts/{desk.jana.id}?ticket={desk.ticket}",
    ):  # fmt: skip
        page.goto(path)
        if path.startswith("/contacts"):
            expect(page.locator(".touch").first).to_be_visible()
            expect(page.locator(".device").first).to_be_visible()
        if path == ticket:
            page.get_by_label("Change the item Ribbon").click()
            expect(page.get_by_label("Text", exact=True)).to_be_visible()
        problems = violations(page)
        if problems:
            found[path] = problems
    assert found == {}
    page.context.close()
