"""Merging by hand in Chromium, by the keyboard alone, and as a screen reader finds it."""

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from backend.db import session
from backend.people.models import Person
from backend.tickets.models import Ticket
from tests.accessibility import violations
from tests.browser.test_desk import sign_in
from tests.desk.conftest import Desk, desk

pytestmark = [pytest.mark.slow, pytest.mark.browser]
__all__ = ["desk"]


def test_a_ticket_is_merged_undone_and_deleted(desk: Desk, chromium: Browser) -> None:
    other = desk.open("Toner ist leer")
    person = desk.world.staff("Wiebke Adler", "technician", "administrator")
    with desk.world.rows():
        session.get_one(Person, person.id).language = "en"
    page = sign_in(desk, chromium, person)
    page.goto(f"/tickets/{other}")
    actions = page.locator("#head").get_by_label("Actions").first
    actions.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Forward")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Merge into…")).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    into = dialog.get_by_role("combobox")
    into.click()
    page.keyboard.type("etikett")
    expect(dialog.get_by_role("option")).to_have_count(1)
    assert violations(page) == []
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Merge", exact=True).press("Enter")
    page.wait_for_url(f"**/tickets/{desk.ticket}?merged={other}")
    expect(page.get_by_text(f"#{other} is merged into this ticket.")).to_be_visible()
    assert violations(page) == []
    page.locator(".ticket > .notice").get_by_role("button", name="Undo").click()
    expect(page.get_by_text(f"#{other} is a ticket of its own again.")).to_be_visible()
    expect(page.get_by_text(f"#{other} is merged into this ticket.")).to_have_count(0)
    with desk.world.rows():
        assert session.scalars(select(Ticket.messages_count).where(Ticket.number == other)).one() == 1
    page.goto(f"/tickets/{other}")
    page.locator("#head").get_by_label("Actions").first.click()
    page.get_by_role("menuitem", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name=f"Ticket #{other} was deleted")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_role("heading", name="Toner ist leer")).to_be_visible()
    page.context.close()
