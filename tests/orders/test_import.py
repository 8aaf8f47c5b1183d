"""A table of orders: looked at first, then imported once, all or nothing."""

import io
from datetime import date
from decimal import Decimal

import pytest

from backend.db import session
from backend.orders.actions import put_order
from backend.orders.models import OrderOrigin
from backend.people.models import Customer
from tests.orders.conftest import HEAD, TWO, Sales, workbook

WRONG = f"{TWO}A-3;K9;13.11.2026;1;Kabel;10;1,5\nA-4;K1;31.2.2026;1;Kabel;viele;1,5\n"


def test_a_table_is_previewed_and_then_imported(sales: Sales) -> None:
    address = sales.upload(TWO)
    assert sales.counts(address) == [2, 0, 0, 0]
    assert sales.orders() == {}, "a preview changes nothing"
    sales.browser.post(address)
    orders = sales.orders()
    assert set(orders) == {"A-1", "A-2"}
    first = orders["A-1"]
    assert (first.customer.key, first.ordered_on, first.total) == ("K1", date(2026, 11, 12), Decimal("2118.80"))
    assert [(line.position, line.description, line.quantity) for line in first.lines] == [
        (1, "Notebook", 2),
        (2, "Maus", 2),
    ]
    assert first.origin == OrderOrigin.TABLE
    page = sales.page(address)
    assert [link["href"] for link in page.select("p a")] == ["/orders/A-1", "/orders/A-2"]


def test_the_same_table_twice_changes_nothing(sales: Sales) -> None:
    sales.bring(TWO)
    before = {number: (order.updated_at, order.total) for number, order in sales.orders().items()}
    again = sales.upload(TWO)
    assert sales.counts(again) == [0, 0, 2, 0]
    assert "nothing to import" in sales.page(again).text
    sales.browser.post(again)
    assert {number: (order.updated_at, order.total) for number, order in sales.orders().items()} == before


def test_pressed_twice_it_imports_once(sales: Sales) -> None:
    address = sales.bring(TWO)
    assert sales.browser.post(address).status_code == 303
    assert sales.counts(address) == [2, 0, 0, 0]
    answer = sales.browser.post(f"{address}/choices", data={"column-0": "title"})
    assert answer.status_code == 409


def test_the_same_form_keeps_one_upload(sales: Sales) -> None:
    places = {
        sales.browser.post("/orders/import", data={"token": "t1", "file": (io.BytesIO(TWO.encode()), "o.csv")}).headers[
            "Location"
        ]
        for _again in range(2)
    }
    assert len(places) == 1
