"""Naming colleagues in a note, by keyboard and by mouse."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from backend import auth
from backend.db import session
from backend.mentions.models import Mention
from backend.people.models import Person
from backend.tickets.actions import Said, open_ticket, receive
from backend.tickets.models import Message
from tests.accessibility import violations
from tests.world import JANA, World

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def page(world: World, chromium: Browser) -> Iterator[Page]:
    """Piet's browser on a ticket."""
    piet = world.staff("Piet Hagenauer")
    for name in ("Aylin Demirsoy", "Marek Ostwald", "Renate Sattelkamp"):
        world.staff(name)
    jana = world.contact("Jana Wiedekind", JANA, world.customer("K1", "Möbelwerk Tressow GmbH"))
    with world.rows():
        ticket = open_ticket(jana.who(), "Drucker druckt nicht", contact=jana, source="mail")
        receive(ticket, jana.who(), Said(text="Er blinkt rot."))
        token = auth.begin_session(piet.id, "browser")
    cookie: Any = {
        "name": auth.COOKIE, "value": token, "domain": "localhost", "path": "/", "secure": True, "httpOnly": True,
        "sameSite": "None",
    }  # fmt: skip
    context = chromium.new_context(base_url=world.settings.url, viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.add_cookies([cookie])
    opened = context.new_page()
    opened.goto("/tickets/10001")
    yield opened
    context.close()


def mentioned(world: World) -> list[tuple[str, str]]:
    """(note, name) of everybody mentioned."""
    with world.rows():
        rows = session.execute(
            select(Message.text, Person.name)
            .join(Mention, Mention.message_id == Message.id)
            .join(Person, Person.id == Mention.person_id)
            .order_by(Mention.id)
        )
        return [(row.text, row.name) for row in rows]


def test_by_keyboard(world: World, page: Page, tmp_path: Path) -> None:
    composer = page.locator("form.composer")
    composer.locator("label", has_text="Note").click()
    text, field = composer.locator("textarea[name=text]"), composer.get_by_role("combobox", name="Notify a colleague")
    expect(field).to_be_visible()
    text.press_sequentially("Frag mal @")
    expect(field).to_be_focused()
    field.press_sequentially("ayl")
    expect(composer.get_by_role("option", name=re.compile("Aylin"))).to_be_visible()
    page.screenshot(path=tmp_path / "picker.png")
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(text).to_be_focused()
    text.press_sequentially("und ")
    expect(text).to_have_value("Frag mal @Aylin Demirsoy und ")
    text.press_sequentially("@")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(text).to_be_focused()
    text.press_sequentially("home, me@example")
    expect(text).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("notified by e-mail")).to_be_visible()
    expect(composer.locator("[data-recipients=mentions] .chip")).to_have_count(0)
    assert mentioned(world) == [("Frag mal @Aylin Demirsoy und @home, me@example", "Aylin Demirsoy")]
    page.screenshot(path=tmp_path / "sent.png")
    assert violations(page) == []


def test_by_mouse_and_with_somebody_taken_out_again(world: World, page: Page, tmp_path: Path) -> None:
    composer = page.locator("form.composer")
    field = composer.get_by_role("combobox", name="Notify a colleague")
    expect(field).to_be_hidden()
    composer.locator("label", has_text="Note").click()
    composer.locator("textarea[name=text]").fill("Bitte ansehen")
    for name in ("Marek", "Renate"):
        field.click()
        field.press_sequentially(name[:3])
        composer.get_by_role("option", name=re.compile(name)).click()
    expect(composer.locator("[data-recipients=mentions] .chip")).to_have_count(2)
    page.set_viewport_size({"width": 420, "height": 800})
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=tmp_path / "narrow-dark.png")
    assert composer.evaluate("form => form.scrollWidth <= form.clientWidth")
    page.set_viewport_size({"width": 1440, "height": 900})
    composer.get_by_role("button", name="Remove Marek Ostwald").click()
    composer.get_by_role("button", name="Send", exact=True).first.click()
    expect(page.get_by_text("notified by e-mail")).to_be_visible()
    assert mentioned(world) == [("Bitte ansehen", "Renate Sattelkamp")]
