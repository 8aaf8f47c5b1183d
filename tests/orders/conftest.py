"""A customer with a site and a contact, and Renate of sales, who may write orders."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup
from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from backend.db import session
from backend.orders.models import Order
from backend.people.models import Customer, Person, Site
from tests.world import JANA, Browser, World

HEAD = "Auftragsnummer;Kundennummer;Datum;Pos;Bezeichnung;Menge;Preis"
TWO = f"""{HEAD}
A-1;K1;12.11.2026;1;Notebook;2;1.049,50
A-1;K1;12.11.2026;2;Maus;2;9,90
A-2;K1;13.11.2026;1;Kabel;10;1,5
"""


@dataclass
class Sales:
    """What a test of orders begins with; `browser` is Renate's."""

    world: World
    customer: Customer
    jana: Person
    renate: Person
    browser: Browser

    def page(self, path: str) -> BeautifulSoup:
        """The page at `path` as Renate sees it."""
        answer = self.browser.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
        return BeautifulSoup(answer.text, "lxml")

    def upload(self, content: str | bytes, name: str = "orders.csv") -> str:
        """Uploads a table; returns the address of its preview."""
        raw = content.encode() if isinstance(content, str) else content
        answer = self.browser.post("/orders/import", data={"file": (io.BytesIO(raw), name)})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"])

    def counts(self, address: str) -> list[int]:
        """New, changed, unchanged, wrong, as the page at `address` says."""
        return [int(number.text) for number in self.page(address).select(".import-counts dd")]

    def bring(self, content: str | bytes, **form: str) -> str:
        """Uploads and imports a table; returns the address of what came of it."""
        address = self.upload(content)
        answer = self.browser.post(address, data=form)
        assert answer.status_code == 303, answer.text
        return address

    def orders(self) -> dict[str, Order]:
        """All orders with their lines and papers, by number."""
        with self.world.rows():
            loaded = select(Order).options(
                selectinload(Order.lines), selectinload(Order.documents), selectinload(Order.customer)
            )
            return {
                order.number: order
                for order in session.scalars(loaded.options(selectinload(Order.site), selectinload(Order.contact)))
            }


@pytest.fixture
def sales(world: World) -> Sales:
    """See `Sales`."""
    customer = world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    jana = world.contact("Jana Wiedekind", JANA, customer)
    renate = world.staff("Renate Sattelkamp")
    with world.rows():
        session.add(Site(customer_id=customer.id, key="T1", name="Werk Tressow"))
        session.get_one(Person, renate.id).language = "en"
    return Sales(world, customer, jana, renate, world.browser(renate))


def workbook(*rows: Iterable[Any], title: str = "Orders") -> bytes:
    """An XLSX file with one sheet of these rows."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
