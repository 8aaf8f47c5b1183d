"""Text modules where else somebody writes: a forward, a follow-up mail, worked time; in a real browser."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from backend.db import session
from backend.worklog.models import TimeEntry
from tests.accessibility import violations
from tests.browser.test_desk import on_line
from tests.desk.conftest import Desk
from tests.textmodules.conftest import desk, rich, selected, signed_in, written

__all__ = ["desk", "rich", "signed_in"]
pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def page(rich: Desk, signed_in: Page) -> Page:
    """Piet's browser."""
    return signed_in


def _pick(page: Page, form: Locator, asked: str, name: str) -> None:
    """The module `name` is offered in `form` alone, and is put in."""
    text = form.get_by_label(asked, exact=True)
    text.click()  # waits until it is shown: what is not shown takes no focus
    page.keyboard.press("Control+Space")
    expect(form.get_by_role("combobox", name="Find a text module")).to_be_focused()
    offered = form.locator(".tm-menu [role=option]")
    expect(offered).to_have_count(1)
    expect(offered).to_contain_text(name)
    expect(offered).to_be_visible()
    page.keyboard.press("Enter")
    expect(text).to_be_focused()


def test_a_forward_has_modules_of_its_own(rich: Desk, page: Page) -> None:
    written(
        rich.browser, "Second look", "{{customer.name}}: please look at {{? what}}.", kind="forward", shortcut=";look"
    )
    page.goto(f"/tickets/{rich.ticket}")
    page.locator(".msg").last.get_by_title("More about this message").click()
    page.get_by_role("menuitem", name="Forward").click()
    dialog = page.get_by_role("dialog", name=re.compile("Forward"))
    to, text = dialog.get_by_role("combobox", name="Add recipient"), dialog.get_by_label("Message", exact=True)
    to.press_sequentially("ayl")
    expect(dialog.get_by_role("option", name=re.compile("Aylin"))).to_be_visible()
    page.keyboard.press("Enter")
    with page.expect_response(re.compile("text_marks")):
        text.click()
    _pick(page, dialog, "Message", "Second look")
    assert selected(page) == "⟨what⟩"
    expect(dialog.locator(".chip")).to_have_count(1)
    dialog.get_by_role("button", name="Forward").click()
    expect(dialog.get_by_text("Something is still to be filled in: ⟨what⟩")).to_be_visible()
    assert violations(page) == []
    text.press("Home")
    page.keyboard.press("Tab")
    assert selected(page) == "⟨what⟩"
    page.keyboard.type("the printer")
    dialog.get_by_role("button", name="Forward").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".msg-note", has_text="please look at the printer.")).to_contain_text("Forwarded to")


def test_a_follow_up_keeps_its_recipient_when_a_module_is_chosen(rich: Desk, page: Page) -> None:
    written(rich.browser, "Happy", "Are you content with {{? what}}?", kind="follow-up", shortcut=";happy")
    page.goto(f"/tickets/{rich.ticket}")
    page.locator("#head summary[aria-label='Actions']").click()
    page.get_by_role("menuitem", name="Follow-up mail").click()
    window = page.get_by_role("dialog", name=re.compile("Follow-up mail"))
    text = window.get_by_label("Message")
    expect(text).to_be_focused()
    page.keyboard.press("Control+Space")
    expect(window.locator(".tm-menu [role=option]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(text).to_be_focused()
    text.fill("Hello. ")
    page.keyboard.press("Control+Space")
    page.keyboard.press("Enter")  # before the list is there
    expect(window.locator(".tm-menu [role=option]")).to_be_visible()
    page.keyboard.press("Escape")
    text.fill("")
    _pick(page, window, "Message", "Happy")
    page.keyboard.type("it")
    expect(window.locator(".chip")).to_contain_text("Jana Wiedekind")
    assert violations(page) == []
    window.get_by_role("button", name="Send").click()
    expect(window).to_have_count(0)
    expect(page.locator(".msg-mine", has_text="Are you content with it?")).to_be_visible()


def test_worked_time_has_modules_of_its_own(rich: Desk, page: Page) -> None:
    written(rich.browser, "On site", "On site for {{customer.name}}: {{? what}}", kind="time-entry", shortcut=";site")
    page.goto(f"/tickets/{rich.ticket}")
    on_line(page)
    page.locator("#rail-time").get_by_role("button", name="Note time").click()
    dialog = page.locator("#time-dialog")
    text = dialog.get_by_label("What was done")
    text.click()
    expect(page.locator('link[href$="/gaps.css"]')).to_be_attached()  # what text modules need is there
    text.press_sequentially(";site ")
    expect(text).to_have_value(re.compile("^On site for .*: ⟨what⟩$"))
    text.press("Control+a")
    page.keyboard.press("Delete")
    _pick(page, dialog, "What was done", "On site")
    assert selected(page) == "⟨what⟩"
    assert violations(page) == []
    page.keyboard.type("a new fuser")
    dialog.get_by_label("Minutes").fill("20")
    dialog.get_by_role("button", name=re.compile("^Save")).last.click()
    expect(dialog).to_be_hidden()
    with rich.world.rows():
        assert session.query(TimeEntry).one().text.endswith(": a new fuser")
