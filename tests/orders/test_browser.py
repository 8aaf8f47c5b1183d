"""The form and the import in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from backend import auth
from tests.accessibility import violations
from tests.orders.conftest import TWO, Sales
from tests.waiting import patient

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(params=[pytest.param("light", marks=pytest.mark.soak), "dark"])
def page(sales: Sales, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Renate's browser at the narrowest desk. Whatever the console complains about fails the test."""
    context = chromium.new_context(
        base_url=sales.world.settings.url, viewport={"width": 1024, "height": 800}, color_scheme=request.param
    )
    with sales.world.rows():
        token = auth.begin_session(sales.renate.id, "browser")
    context.add_cookies(
        [
            {
                "name": auth.COOKIE,
                "value": token,
                "domain": "localhost",
                "path": "/",
                "secure": True,
                "httpOnly": True,
                "sameSite": "None",
            }
        ]
    )
    opened = context.new_page()
    opened.set_default_timeout(patient(10_000))
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield opened
    context.close()
    assert [line for line in complaints if "422" not in line] == []


def test_an_order_is_written_with_lines_added_and_removed(sales: Sales, page: Page) -> None:
    page.goto("/orders")
    page.get_by_role("link", name="New order").click()
    assert violations(page) == []
    page.get_by_label("Order number").fill("H-1")
    page.get_by_role("combobox", name="Customer").fill("Möbel")
    page.get_by_role("option", name="Möbelwerk Tressow GmbH").click()
    rows = page.locator("tr[data-line]")
    expect(rows).to_have_count(3)
    rows.nth(0).get_by_label("Description").fill("Notebook")
    rows.nth(0).get_by_label("Quantity").fill("zwölf")
    rows.nth(1).get_by_label("Description").fill("weg damit")
    rows.nth(1).get_by_role("button", name="Remove line").click()
    page.get_by_role("button", name="Add line").click()
    expect(rows).to_have_count(3)
    expect(rows.nth(2).get_by_label("Article number")).to_be_focused()
    page.keyboard.type("TP-9")
    rows.nth(2).get_by_label("Quantity").fill("2")
    rows.nth(2).get_by_label("Quantity").press("Enter")
    expect(rows).to_have_count(4)
    names = page.locator("[id]").evaluate_all("all => all.map(each => each.id)")
    assert len(names) == len(set(names))
    page.get_by_role("button", name="Create order").click()
    expect(rows.nth(0).get_by_label("Quantity")).to_have_attribute("aria-invalid", "true")
    expect(rows.nth(0).get_by_text("is not a number")).to_be_visible()
    expect(rows.nth(2).get_by_label("Article number")).to_have_value("TP-9")
    assert violations(page) == []
    rows.nth(0).get_by_label("Quantity").fill("12")
    page.get_by_role("button", name="Create order").click()
    page.wait_for_url("**/orders/H-1")
    assert [(line.position, line.description, line.sku) for line in sales.orders()["H-1"].lines] == [
        (1, "Notebook", ""),
        (2, "", "TP-9"),
    ]
    page.get_by_role("link", name="Edit").click()
    expect(page.locator("tr[data-line]")).to_have_count(3)
    assert violations(page) == []


def test_a_table_is_imported(sales: Sales, page: Page) -> None:
    page.goto("/orders/import")
    assert violations(page) == []
    table = f"{TWO}A-3;K9;13.11.2026;1;Kabel;10;1,5\n"
    page.get_by_label("Table").set_input_files({"name": "orders.csv", "mimeType": "text/csv", "buffer": table.encode()})
    page.get_by_role("button", name="Upload and look").click()
    expect(page.get_by_text("There is no customer “K9”.")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Import 2 orders").click()
    expect(page.get_by_text("Nothing was imported, since some rows are wrong.")).to_be_visible()
    page.get_by_label("Import the right orders").check()
    page.get_by_role("button", name="Import 2 orders").click()
    expect(page.get_by_role("heading", name="Imported: orders.csv")).to_be_visible()
    assert violations(page) == []
    assert set(sales.orders()) == {"A-1", "A-2"}
    page.get_by_role("link", name="A-1").click()
    expect(page.get_by_text("Notebook")).to_be_visible()
