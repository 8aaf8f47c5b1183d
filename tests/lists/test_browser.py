"""The list by mouse and keyboard: selecting, searching while typing, and staying where it is while it refreshes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accessibility import violations
from tests.browser.test_desk import on_line, sign_in
from tests.desk.conftest import Desk, desk

__all__ = ["desk"]
pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def page(desk: Desk, chromium: Browser) -> Iterator[Page]:
    """Piet's browser on the list of all open tickets, of which there are five."""
    desk.open_all([f"Nummer {number}" for number in range(4)])
    opened = sign_in(desk, chromium, desk.piet, locale="en-GB")
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto("/tickets?view=all")
    on_line(opened)
    yield opened
    opened.context.close()
    assert complaints == []


def numbers(page: Page) -> list[int]:
    """The rows in their order."""
    ids: list[str] = page.locator("tr[data-row]").evaluate_all("rows => rows.map(row => row.id)")
    return [int(one[1:]) for one in ids]


def test_many_are_selected_and_changed_by_mouse(desk: Desk, page: Page, tmp_path: Path) -> None:
    boxes = page.locator("tr[data-row] input[name=number]")
    expect(page.locator("#bulk")).to_be_hidden()
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.locator("#bulk")).to_contain_text("3 selected")
    page.locator("#bulk-assignee summary").click()
    page.screenshot(path=tmp_path / "bulk.png")
    assert violations(page) == []
    page.locator("#bulk").get_by_role("menuitem", name="Me", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("3 tickets: Piet Hagenauer")
    expect(page.locator("#bulk")).to_be_hidden()
    expect(page.locator("tr[data-row] td.c-tech", has_text="Piet Hagenauer")).to_have_count(3)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("3 tickets are as before")).to_be_visible()
    expect(page.locator("tr[data-row] td.c-tech", has_text="Piet Hagenauer")).to_have_count(0)


def test_many_are_selected_by_keyboard(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#bulk")).to_contain_text("2 selected")
    page.keyboard.press("x")
    expect(page.locator("#bulk")).to_contain_text("1 selected")
    page.get_by_role("checkbox", name="Select all on this page").click()
    expect(page.locator("#bulk")).to_contain_text("5 selected")
    page.get_by_role("button", name="Select none").click()
    expect(page.locator("#bulk")).to_be_hidden()


def test_the_card_appears_for_the_keyboard_too(page: Page) -> None:
    page.keyboard.press("j")
    card = page.locator("#preview")
    expect(card).to_be_visible()
    expect(card).to_contain_text("bitte ansehen")
    expect(page.locator("a.subject:focus")).to_have_attribute("aria-describedby", "preview")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_the_card_covers_no_rows_while_boxes_are_ticked(page: Page) -> None:
    page.keyboard.press("j")
    card = page.locator("#preview")
    expect(card).to_be_visible()
    page.keyboard.press("x")
    expect(card).to_be_hidden()
    with page.expect_event("console", lambda line: line.text == "rested"):
        page.evaluate("setTimeout(() => console.log('rested'), 600)")  # longer than a title has to be rested on
        page.keyboard.press("j")
    expect(card).to_be_hidden()


def test_search_finds_while_one_types(desk: Desk, page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("Ersatzkopf")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    assert numbers(page) == [desk.ticket]
    field = page.get_by_role("searchbox")
    expect(field).to_be_focused()
    expect(field).to_have_value("Ersatzkopf")
    expect(page).to_have_url(re.compile("q=Ersatzkopf"))
    field.fill("")
    expect(page.locator("tr[data-row]")).to_have_count(5)
    expect(page).to_have_url(re.compile(r"/tickets\?view=all$"))


def test_new_rows_are_put_in_place_while_nobody_points_at_the_list(desk: Desk, page: Page) -> None:
    page.mouse.move(5, 5)
    fresh = desk.open("Ganz neu")
    expect(page.locator(f"#t{fresh}")).to_be_visible()
    assert numbers(page)[0] == fresh


def test_nothing_moves_under_the_pointer(desk: Desk, page: Page) -> None:
    before = numbers(page)
    page.locator("tr[data-row]").nth(1).hover()
    desk.open_all(["Neu eins", "Neu zwei"])
    news = page.locator("[data-news]")
    expect(news).to_have_text("2 new tickets")
    assert numbers(page) == before
    desk.browser.post(f"/tickets/{before[2]}/priority", data={"value": "critical"})
    expect(page.locator(f"#t{before[2]} .prio-critical")).to_be_visible()  # where it stands
    assert numbers(page) == before
    assert violations(page) == []
    page.keyboard.press("u")
    expect(page.locator("tr[data-row]")).to_have_count(7)
    expect(news).to_be_hidden()
    page.locator("tr[data-row]").nth(1).hover()
    desk.open("Neu drei")
    expect(news).to_have_text("1 new ticket")
    page.mouse.move(5, 5)
    expect(page.locator("tr[data-row]")).to_have_count(8)
    expect(news).to_be_hidden()


def test_a_view_is_kept_from_the_list(page: Page, tmp_path: Path) -> None:
    page.goto("/tickets?view=all&priority=medium")
    page.get_by_label("Keep this view").first.click()
    page.get_by_label("Name of a new view").fill("Mittlere")
    page.screenshot(path=tmp_path / "view.png")
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Mittlere")).to_be_visible()
    expect(page.locator(".views a[aria-current=page]")).to_contain_text("Mittlere")
    page.locator("#list-columns summary").click()
    page.get_by_role("checkbox", name="Customer").uncheck()
    assert violations(page) == []
    page.locator("#list-columns").get_by_role("button", name="Save").click()
    expect(page.locator("th.c-customer")).to_have_count(0)
    page.get_by_role("link", name="Mittlere").click()
    expect(page.locator("th.c-customer")).to_have_count(1)  # a saved view keeps its own columns
