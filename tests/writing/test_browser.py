"""Writing on a ticket as a person does it, by keyboard and by mouse."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from backend import auth
from backend.db import session
from backend.tickets.models import Attachment, Message
from tests.accessibility import violations
from tests.browser.test_desk import on_line
from tests.world import World
from tests.writing.conftest import Desk

pytestmark = [pytest.mark.slow, pytest.mark.browser]
ELSEWHERE = "max@anderer-kunde.example"
# A file that lands on the page's composer: how = "drop" or "paste".
LANDS = """([how, name, type, text, size]) => {
  const target = document.querySelector('form.composer textarea[name=text]');
  const files = new DataTransfer();
  const content = size ? new Uint8Array(size) : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  files.items.add(new File([content], name, { type }));
  const event = how === 'drop'
    ? new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true })
    : new ClipboardEvent('paste', { clipboardData: files, bubbles: true, cancelable: true });
  target.dispatchEvent(event);
}"""
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture
def page(world: World, desk: Desk, chromium: Browser) -> Iterator[Page]:
    """Piet's browser on the ticket."""
    with world.rows():
        token = auth.begin_session(desk.piet.id, "browser")
    cookie: Any = {
        "name": auth.COOKIE, "value": token, "domain": "localhost", "path": "/", "secure": True, "httpOnly": True,
        "sameSite": "None",
    }  # fmt: skip
    context = chromium.new_context(base_url=world.settings.url, viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.add_cookies([cookie])
    opened = context.new_page()
    opened.goto("/tickets/10001")
    on_line(opened)
    yield opened
    context.close()


def turned_to(page: Page) -> None:
    """The composer has what it needs once somebody is there."""
    page.locator("form.composer textarea[name=text]").focus()
    expect(page.locator("html[data-writing=ready]")).to_have_count(1)


def test_files_are_dropped_and_pasted_and_looked_at_before_they_are_sent(world: World, desk: Desk, page: Page) -> None:
    composer = page.locator("form.composer")
    turned_to(page)
    page.evaluate(LANDS, ["drop", "plan.txt", "text/plain", "UGxhbg==", 0])
    page.evaluate(LANDS, ["paste", "image.png", "image/png", DOT, 0])
    page.evaluate(LANDS, ["drop", "falsch.txt", "text/plain", "eA==", 0])
    files = composer.locator("[data-files] .file")
    expect(files).to_have_count(3)
    expect(files.nth(1).locator("img")).to_be_visible()
    files.nth(2).get_by_role("button", name="Remove file").click()
    page.evaluate(LANDS, ["drop", "viel.bin", "application/octet-stream", "", 30_000_000])
    expect(composer.get_by_role("alert")).to_contain_text("25 MB")
    expect(files).to_have_count(2)
    assert violations(page) == []
    composer.locator("label", has_text="Note").click()
    composer.locator("textarea[name=text]").fill("Mit Bild")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".msg-note", has_text="Mit Bild")).to_be_visible()
    with world.rows():
        names = list(session.scalars(select(Attachment.name).order_by(Attachment.id)))
    assert (names[0], len(names), names[1].endswith(".png")) == ("plan.txt", 2, True)
    expect(files).to_have_count(0)

    page.locator(".msg-files a.thumb").click()
    large = page.get_by_role("dialog", name=names[1])
    expect(large.locator("img")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()


def test_a_sent_reply_comes_back_into_the_composer(world: World, desk: Desk, page: Page) -> None:
    desk.hold(30)
    text = page.locator("form.composer textarea[name=text]")
    turned_to(page)
    page.evaluate(LANDS, ["drop", "plan.txt", "text/plain", "UGxhbg==", 0])
    text.fill("Wir kommen morgen.")
    page.keyboard.press("Control+Enter")
    sent = page.locator(".toast", has_text="Sent.")
    expect(sent).to_be_visible()
    expect(text).to_have_value("")
    expect(page.locator(".msg-mine", has_text="Wir kommen morgen.")).to_be_visible()
    sent.get_by_role("button", name="Undo").click()
    expect(text).to_have_value("Wir kommen morgen.")
    expect(page.locator(".msg-mine")).to_have_count(0)
    expect(page.locator("form.composer [data-kept] .file")).to_contain_text("plan.txt")
    expect(page.locator("form.composer .chip", has_text="Jana Wiedekind")).to_be_visible()
    page.reload()
    expect(text).to_have_value("Wir kommen morgen.")
    expect(page.locator("form.composer [data-kept] .file")).to_contain_text("plan.txt")
    text.press("Control+Enter")
    expect(page.locator(".msg-mine .msg-files")).to_contain_text("plan.txt")
    expect(page.locator("form.composer [data-kept] .file")).to_have_count(0)


def test_an_own_note_is_changed_and_deleted_where_it_stands(world: World, desk: Desk, page: Page) -> None:
    desk.say("Zuerst")
    note = page.locator(".msg-note")
    expect(note).to_contain_text("Zuerst")
    note.get_by_title("More about this message").click()
    page.get_by_role("menuitem", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Change message")
    expect(dialog.get_by_label("Message")).to_be_focused()
    assert violations(page) == []
    dialog.get_by_label("Message").fill("Danach")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(note).to_contain_text("Danach")
    expect(note).to_contain_text("changed")
    note.get_by_title("More about this message").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(note).to_contain_text("Deleted by its author.")
    page.locator(".toast", has_text="Message deleted.").get_by_role("button", name="Undo").click()
    expect(note).to_contain_text("Danach")


def test_an_at_in_a_reply_draws_somebody_in_and_asks_before_another_customers(
    world: World, desk: Desk, page: Page
) -> None:
    world.contact("Max Fremd", ELSEWHERE, world.customer("K2", "Anderer Kunde AG"))
    composer = page.locator("form.composer")
    text, field = composer.locator("textarea[name=text]"), composer.get_by_role("combobox", name="Add Cc")
    text.press_sequentially("Mit @")
    expect(field).to_be_focused()
    field.press_sequentially("ayl")
    expect(composer.get_by_role("option", name=re.compile("Aylin"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(text).to_have_value("Mit @Aylin Demirsoy ")
    expect(composer.locator("[data-recipients=cc] .chip")).to_contain_text("Aylin Demirsoy")
    text.press_sequentially("und @")
    expect(field).to_be_focused()
    field.press_sequentially("@max")
    composer.get_by_role("option", name=re.compile("Max Fremd")).click()
    asked = page.get_by_role("dialog", name="Somebody of another customer")
    expect(asked).to_contain_text("Max Fremd belongs to Anderer Kunde AG")
    assert violations(page) == []
    asked.get_by_role("button", name="Add all the same").click()
    expect(composer.locator("[data-recipients=cc] .chip")).to_have_count(2)
    expect(text).to_be_focused()
    expect(text).to_have_value("Mit @Aylin Demirsoy und @Max Fremd ")
    text.press("Control+Enter")
    expect(page.locator(".msg-mine")).to_be_visible()
    with world.rows():
        cc = session.scalars(select(Message.cc).order_by(Message.id.desc()).limit(1)).one()
    assert [one["address"] for one in cc] == [desk.aylin.mail, ELSEWHERE]


def test_a_follow_up_window_beside_which_one_goes_on_working(world: World, desk: Desk, page: Page) -> None:
    page.locator("#head summary[aria-label='Actions']").click()
    page.get_by_role("menuitem", name="Follow-up mail").click()
    window = page.get_by_role("dialog", name=re.compile("Follow-up mail"))
    expect(window.locator(".chip")).to_contain_text("Jana Wiedekind")
    text = window.get_by_label("Message")
    expect(text).to_be_focused()
    text.fill("Sind Sie zufrieden?")
    assert violations(page) == []
    window.get_by_role("button", name="Minimise").click()
    expect(text).to_be_hidden()
    desk.say("Nebenher")
    expect(page.locator(".msg-note", has_text="Nebenher")).to_be_visible()
    window.get_by_role("button", name="Maximise").click()
    expect(text).to_have_value("Sind Sie zufrieden?")
    field = window.get_by_role("combobox", name="Add recipient")
    field.fill("aylin")
    page.get_by_role("option", name=re.compile("Aylin")).click()
    expect(window.locator(".chip")).to_have_count(1)
    window.get_by_role("button", name="Send").click()
    expect(window).to_have_count(0)
    expect(page.locator(".msg-mine", has_text="Sind Sie zufrieden?")).to_be_visible()


def test_a_forward_by_keyboard(world: World, desk: Desk, page: Page) -> None:
    page.locator(".msg").get_by_title("More about this message").click()
    page.get_by_role("menuitem", name="Forward").click()
    dialog = page.get_by_role("dialog", name=re.compile("Forward"))
    field = dialog.get_by_role("combobox", name="Add recipient")
    field.press_sequentially("ayl")
    expect(dialog.get_by_role("option", name=re.compile("Aylin"))).to_be_visible()
    page.keyboard.press("Enter")
    dialog.get_by_label("Message", exact=True).fill("Bitte ansehen.")
    dialog.get_by_label("Tell the customer").check()
    expect(dialog.get_by_label("What the customer is told")).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="Forward").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".msg-note", has_text="Bitte ansehen.")).to_contain_text("Forwarded to")
    expect(page.locator(".msg-mine")).to_have_count(1)
