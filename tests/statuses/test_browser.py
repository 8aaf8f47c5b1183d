"""Statuses, root causes and dates in a browser: by keyboard, with errors beside their cause, for screen readers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accessibility import violations
from tests.browser.test_desk import on_line, sign_in
from tests.statuses.conftest import Arranging

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def page(arranging: Arranging, chromium: Browser) -> Iterator[Page]:
    """Marek's browser, narrow. Whatever the console complains about fails the test."""
    opened = sign_in(arranging.desk, chromium, arranging.marek)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield opened
    opened.context.close()
    assert [line for line in complaints if "422" not in line] == []


def test_a_status_is_added_moved_and_renamed_by_keyboard(arranging: Arranging, page: Page) -> None:
    page.goto("/settings/statuses")
    on_line(page)
    page.get_by_label("Name *").fill("Ordered")
    page.keyboard.press("Enter")
    expect(page.locator("#row-ordered")).to_be_visible()
    expect(page.get_by_label("Name *")).to_have_value("")
    page.locator("#up-ordered").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".arranged-row").nth(1)).to_have_id("row-ordered")
    expect(page.locator("#up-ordered")).to_be_focused()
    page.locator("#name-ordered summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#name-ordered input[name=value]")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("At the shop")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#row-ordered .pill").first).to_have_text("At the shop")
    page.get_by_role("button", name="Undo").last.click()
    expect(page.locator("#row-ordered .pill").first).to_have_text("Ordered")
    arranging.set("status", "ordered")
    page.reload()
    page.locator("#more-ordered summary").click()
    assert violations(page) == []
    page.locator("#more-ordered select").select_option("open")
    page.locator("#more-ordered button[type=submit]").click()
    expect(page.locator("#row-ordered")).to_have_count(0)
    assert arranging.status() == "open"


def test_a_list_is_ticked_and_the_rule_is_chosen(arranging: Arranging, page: Page) -> None:
    page.goto("/settings/root-causes")
    on_line(page)
    page.get_by_label("Names *").fill("Wear\nPower cut")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("#list-type-incident summary").click()
    page.locator("#list-type-incident").get_by_label("Wear").uncheck()
    page.locator("#list-type-incident").get_by_role("button", name="Save").click()
    expect(page.locator("#list-type-incident summary")).to_contain_text("1 root cause")
    page.locator("#rule-closed select").select_option("required")
    expect(page.get_by_text("Closed: must be chosen")).to_be_visible()
    assert violations(page) == []
    page.set_viewport_size({"width": 480, "height": 800})
    assert violations(page) == []


def test_what_is_refused_stays_written_and_the_date_is_chosen_in_place(arranging: Arranging, page: Page) -> None:
    arranging.causes("Wear", "Power cut")
    arranging.does("statuses/closed/root-cause", value="required")
    page.goto(f"/tickets/{arranging.desk.ticket}")
    on_line(page)
    page.locator(".composer-text").fill("Alles erledigt.")
    page.locator(".split summary").click()
    page.get_by_role("menuitem", name="Closed").click()
    expect(page.locator(".composer [data-error]")).to_contain_text("“Closed” needs a root cause")
    expect(page.locator(".composer-text")).to_have_value("Alles erledigt.")
    page.locator("#d-status summary").click()
    page.locator("#d-status button[value=closed]").click()
    expect(page.locator("dd:has(#d-status) .prop-error")).to_contain_text("“Closed” needs a root cause")
    page.locator("#d-root_cause summary").click()
    page.get_by_role("menuitemradio", name="Power cut").click()
    expect(page.locator("#d-root_cause summary")).to_contain_text("Power cut")
    page.locator("#d-status summary").click()
    page.locator("#d-status").get_by_text("until Monday").click()
    expect(page.locator("#d-pending_until summary")).to_contain_text("Mon")
    page.locator("#d-pending_until summary").click()
    page.locator("#d-pending_until input").fill("2090-05-02T07:15")
    assert violations(page) == []
    page.locator("#d-pending_until input").press("Enter")
    expect(page.locator("#d-pending_until summary")).to_contain_text("2 May, 7:15")
