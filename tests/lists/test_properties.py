"""Filters and columns for each property of a ticket, the installation's own fields among them."""

import csv
import io
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from sqlalchemy import select

from backend import clock
from backend.contracts.actions import Agreed, put_contract
from backend.db import session
from backend.fields.models import CustomField
from backend.lists.models import SavedView
from backend.orders.actions import put_order
from backend.people.models import Customer
from backend.tickets.models import Impact, Ticket
from tests.statuses.conftest import Arranging, arranging, desk

__all__ = ["arranging", "desk"]
pytestmark = pytest.mark.slow
ALL = "/tickets?view=all"


@pytest.fixture
def filled(arranging: Arranging) -> tuple[int, int]:
    """A ticket with every property, and one with none of them; the ids of its root cause."""
    desk = arranging.desk
    cause = arranging.causes("Kabelbruch")["Kabelbruch"]
    for name, kind, options in (
        ("Halle", "choice", "Nord\nSüd"), ("Geprüft", "yes-no", ""), ("Menge", "number", ""), ("Zettel", "text", ""),
        ("Frist", "date", ""),
    ):  # fmt: skip
        form = {"name": name, "kind": kind, "options": options, "types": ["incident"], "customers": "hidden"}
        assert arranging.browser.post("/settings/fields", data=form).status_code == 303
    with desk.world.app.test_request_context(), desk.world.rows():
        customer = session.get_one(Customer, desk.customer.id)
        agreed = Agreed(name="Rundumwartung", starts_on=(clock.now() - timedelta(days=9)).date())
        contract = put_contract(desk.piet.who(), customer, "V_99", agreed)[0].id
        order = put_order("A-7788", customer=customer, ordered_on=clock.now().date())[0].id
        session.query(Ticket).one().source = "api"
    here = {"impact": "site", "product_family": "Zebra", "root_cause": cause, "contract": contract, "order": order,
            "fields/halle": "Süd", "fields/gepruft": "yes", "fields/menge": "12,5", "fields/zettel": "Schrank 7b",
            "fields/frist": "2026-12-24"}  # fmt: skip
    for name, value in here.items():
        answer = desk.browser.post(f"/tickets/{desk.ticket}/{name}", data={"value": str(value)})
        assert answer.status_code == 200, (name, answer.text)
    return cause, desk.open("Anderes", impact=Impact.PERSON)


def numbers(here: Arranging, **asked: Any) -> list[int]:
    return here.desk.numbers(f"{ALL}&{urlencode(asked)}")


def test_each_property_narrows_the_list(arranging: Arranging, filled: tuple[int, int]) -> None:
    ticket, (cause, other) = arranging.desk.ticket, filled
    for name, right, wrong in (
        ("impact", "site", "company"), ("source", "api", "teams"), ("product_family", "Zebra", "zebr"),
        ("root_cause", cause, cause + 1), ("contract", "rundum", "%"), ("contract", "v_9", "vx9"),
        ("order", "a-7788", "A-77"), ("f-halle", "Süd", "Nord"), ("f-gepruft", "yes", "no"), ("f-menge", "12.5", "12"),
        ("f-menge", "12,50", "1,25"), ("c-zettel", "schrank", "7_"), ("f-frist", "2026-12-24", "2026-12-25"),
    ):  # fmt: skip
        assert numbers(arranging, **{name: right}) == [ticket], (name, right)
        assert numbers(arranging, **{name: wrong}) == [], (name, wrong)
    today = clock.now().date()
    near, far = (today - timedelta(days=1)).isoformat(), (today + timedelta(days=2)).isoformat()
    for name in ("created", "updated"):
        assert set(numbers(arranging, **{f"{name}_from": near})) == {ticket, other}
        assert set(numbers(arranging, **{f"{name}_from": near, f"{name}_to": far})) == {ticket, other}
        assert numbers(arranging, **{f"{name}_from": far}) == []
        assert numbers(arranging, **{f"{name}_to": (today - timedelta(days=2)).isoformat()}) == []
    # A ticket opened out of such a list has its neighbours.
    page = arranging.desk.page(f"/tickets/{ticket}?view=all&f-halle=S%C3%BCd")
    assert not page.select("a[data-key='j ArrowDown'], a[data-key='k ArrowUp']")


def test_the_menu_of_further_filters_leads_to_the_list_and_back(arranging: Arranging, filled: tuple[int, int]) -> None:
    desk, (cause, _other) = arranging.desk, filled
    menu = desk.page("/tickets/filters?view=all&priority=medium&q=Etikettendrucker&f-halle=S%C3%BCd")
    asked = {str(one["name"]) for one in menu.select("select, input:not([type=hidden])")}
    assert asked == {"impact", "source", "product_family", "root_cause", "contract", "order", "created_from",
                     "created_to", "updated_from", "updated_to", "f-halle", "f-gepruft", "f-menge", "c-zettel",
                     "f-frist"}  # fmt: skip
    assert [one.text for one in menu.select("[name=product_family] option")] == ["any", "Zebra"]
    assert menu.select_one("[name=f-halle] option[selected]").text == "Süd"  # type: ignore[union-attr]
    kept = {str(one["name"]): str(one["value"]) for one in menu.select("input[type=hidden]")}
    assert kept == {"go": "1", "view": "all", "q": "Etikettendrucker", "priority": "medium"}
    chosen = {**kept, "root_cause": cause, "impact": "", "created_from": "2020-01-02", "f-gepruft": "yes"}
    answer = desk.browser.get(f"/tickets/filters?{urlencode(chosen)}")
    assert answer.status_code == 303
    assert "impact" not in answer.headers["Location"]
    page = desk.page(answer.headers["Location"])
    assert [int(str(row["id"])[1:]) for row in page.select("tr[data-row]")] == [desk.ticket]
    chips = {" ".join(one.get_text(" ").split()): str(one["href"]) for one in page.select(".filters > a.filterchip")}
    assert list(chips) == ["Root cause Kabelbruch", "Opened from Jan 2, 2020", "Geprüft yes"]
    assert "gepruft" not in chips["Geprüft yes"]
    assert f"root_cause={cause}" in chips["Geprüft yes"]
    assert page.select_one(".filters a[href='/tickets?view=all']"), "all of them can be cleared"


def test_a_saved_view_keeps_further_filters(arranging: Arranging, filled: tuple[int, int]) -> None:
    desk = arranging.desk
    query = urlencode({"view": "all", "f-halle": "Süd", "c-zettel": "schrank", "updated_from": "2020-01-02"})
    form = {"name": "Halle Süd", "query": query, "columns": "number field-halle impact field-weg"}
    answer = desk.browser.post("/list/views", data=form)
    page = desk.page(str(answer.headers["Location"]))
    assert [one.text.strip() for one in page.select("thead th")][1:] == ["No.", "Title", "Impact", "Halle"]
    assert [int(str(row["id"])[1:]) for row in page.select("tr[data-row]")] == [desk.ticket]
    assert page.select_one(".views a[aria-current] .n").text == "1"  # type: ignore[union-attr]
    with desk.world.rows():
        assert session.scalars(select(SavedView.query)).one().count("=") == 4


def test_columns_of_each_property_are_shown_and_exported(arranging: Arranging, filled: tuple[int, int]) -> None:
    desk = arranging.desk
    menu = desk.page(ALL).select_one("#list-columns")
    offered = [str(one["value"]) for one in menu.select("input[type=checkbox]")]  # type: ignore[union-attr]
    wanted = ["impact", "root_cause", "order", "contract", "source", "field-halle", "field-gepruft", "field-menge",
              "field-zettel", "field-frist"]  # fmt: skip
    assert [key for key in offered if key in wanted] == wanted
    form = {"column": ["number", *reversed(wanted)], "sort": "number", "query": "view=all"}
    assert desk.browser.post("/list/columns", data=form).status_code == 303
    page = desk.page(ALL)
    heads = ["No.", "Title", "Impact", "Root cause", "Order", "Contract", "Came by", "Halle", "Geprüft", "Menge",
             "Zettel", "Frist"]  # fmt: skip
    assert [one.text.strip() for one in page.select("thead th")][1:] == heads
    row = [one.text.strip() for one in page.select(f"#t{desk.ticket} td")][3:]
    said = ["Site", "Kabelbruch", "A-7788", "Rundumwartung", "Another system", "Süd", "yes", "12.5", "Schrank 7b"]
    assert row[:-1] == said
    assert "2026" in row[-1]
    answer = desk.browser.get("/tickets/export.csv?view=all&f-halle=S%C3%BCd")
    table = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert table[0] == heads
    assert [line[2:-1] for line in table[1:]] == [row[:-1]]
    assert date.fromisoformat(table[1][-1]).year == 2026
    book = load_workbook(io.BytesIO(desk.browser.get("/tickets/export.xlsx?view=all&f-halle=S%C3%BCd").data))
    cells = [[cell.value for cell in line][2:] for line in book.active.iter_rows(min_row=2)]
    assert [[str(cell) for cell in line][:-1] for line in cells] == [row[:-1]]
    assert cells[0][7] == 12.5, "a spreadsheet reckons with it"
    assert cells[0][9].date() == date.fromisoformat(table[1][-1])
    with desk.world.rows():
        for field in session.scalars(select(CustomField)):
            field.removed = True
    assert [one.text.strip() for one in desk.page(ALL).select("thead th")][1:] == heads[:7]


def test_who_may_not_see_contracts_finds_none_in_list_file_or_ticket(
    arranging: Arranging, filled: tuple[int, int]
) -> None:
    desk = arranging.desk
    warehouse = desk.world.browser(desk.world.staff("Uwe Lager", "warehouse"))
    menu = BeautifulSoup(warehouse.get("/tickets/filters?view=all").text, "lxml")
    assert not menu.select("[name=contract]")
    assert menu.select("[name=order]")
    form = {"column": ["number", "contract", "order"], "sort": "number", "query": "view=all"}
    assert warehouse.post("/list/columns", data=form).status_code == 303
    page = BeautifulSoup(warehouse.get(ALL).text, "lxml")
    assert [one.text.strip() for one in page.select("thead th")] == ["", "No.", "Title", "Order"]
    assert page.select(f"#t{desk.ticket}")
    assert not page.select("#list-columns input[value=contract]")
    for address in (ALL, "/tickets/export.csv?view=all", f"/tickets/{desk.ticket}", f"/tickets/{desk.ticket}/activity"):
        answer = warehouse.get(address)
        assert (answer.status_code, "Rundumwartung" in answer.text) == (200, False), address
    for words in ("rundum", "v_99"):
        found = BeautifulSoup(warehouse.get(f"{ALL}&contract={words}").text, "lxml")
        assert not found.select("tr[data-row]"), "nor can it be guessed"
        assert numbers(arranging, contract=words) == [desk.ticket]


def test_no_further_filter_breaks_the_list(arranging: Arranging) -> None:
    for query in (
        "impact=none&source=none&root_cause=x&created_from=2026-02-30&updated_to=0001-01-01&created_to=9999-12-31",
        "root_cause=999999999&contract=%25%5C_&order=%00&product_family=%27",
        "f-=1&f-x=%00&f-nowhere=1e400&c-nowhere=%25&f-A=1&c-x=%5C&f-n=999999999999.999",
        "&".join(f"f-x{number}=1" for number in range(60)),
    ):
        for path in ("/tickets", "/tickets/filters", "/tickets/export.csv", f"/tickets/{arranging.desk.ticket}"):
            assert arranging.desk.browser.get(f"{path}?view=all&{query}").status_code == 200, (path, query)
    page = BeautifulSoup(arranging.desk.browser.get(f"{ALL}&f-x=<script>").text, "lxml")
    assert "<script>" not in str(page.select_one(".filters"))
