"""An order written and put right by hand."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from backend.db import session
from backend.orders.actions import put_order
from backend.orders.models import OrderOrigin
from backend.people.models import Customer, Person
from tests.orders.conftest import TWO, Sales

pytestmark = pytest.mark.slow

HTMX = {"HX-Request": "true"}


def form(sales: Sales, **more: Any) -> dict[str, Any]:
    """What the form of a new order sends; `lines__0__quantity` stands for lines.0.quantity."""
    typed = {
        "number": "H-1", "customer": str(sales.customer.id), "contact": str(sales.jana.id), "site": "",
        "ordered_on": "2026-11-12", "status": "open", "currency": "eur", "title": " Zwölf  Notebooks ", "total": "",
        "lines.0.sku": "TP-1", "lines.0.description": "Notebook", "lines.0.quantity": "12", "lines.0.price": "1,049.50",
        "lines.1.position": "", "lines.1.description": "", "lines.7.description": "Maus", "lines.7.quantity": "1.5",
        "lines.7.unit": "Stk", "lines.7.due_on": "2026-11-25",
    }  # fmt: skip
    return {**typed, **{name.replace("__", "."): value for name, value in more.items()}}


def send(sales: Sales, path: str, **more: Any) -> Any:
    return sales.browser.post(path, data=form(sales, **more), headers=HTMX)


def said(answer: Any) -> set[str]:
    """The names of the fields that the answer complains about."""
    assert answer.status_code in (409, 422), answer.status_code
    return {part.split('"')[1] for part in answer.text.split("data-field=")[1:]}


def test_an_order_is_written(sales: Sales) -> None:
    paper = (io.BytesIO(b"%PDF-1.4"), "Bestätigung.pdf", "application/pdf")
    answer = send(sales, "/orders", files=paper)
    assert answer.headers["HX-Redirect"] == "/orders/H-1"
    order = sales.orders()["H-1"]
    assert (order.title, order.currency, order.ordered_on, order.total) == (
        "Zwölf Notebooks", "EUR", date(2026, 11, 12), Decimal("12594.00"),
    )  # fmt: skip
    assert order.origin == OrderOrigin.HAND
    assert [(line.position, line.description, line.unit, line.due_on) for line in order.lines] == [
        (1, "Notebook", "", None),
        (2, "Maus", "Stk", date(2026, 11, 25)),
    ]
    assert [(paper.name, paper.content_type) for paper in order.documents] == [("Bestätigung.pdf", "application/pdf")]
    assert "Bestätigung.pdf" in sales.page("/orders/H-1").text


def test_the_same_form_sent_twice_makes_one_order(sales: Sales) -> None:
    places = {send(sales, "/orders", token="t1").headers["HX-Redirect"] for _again in range(2)}
    assert places == {"/orders/H-1"}
    assert said(send(sales, "/orders", token="t2")) == {"number"}, "another form cannot write over it"


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"number": ""}, {"number"}),
        ({"number": "new"}, {"number"}),
        ({"number": "a?b"}, {"number"}),
        ({"customer": ""}, {"customer"}),
        ({"customer": "999999"}, {"customer"}),
        ({"customer": "9" * 30}, {"customer"}),
        ({"ordered_on": ""}, {"ordered_on"}),
        ({"ordered_on": "2026-02-31"}, {"ordered_on"}),
        ({"status": "lost"}, {"status"}),
        ({"currency": "Euro"}, {"currency"}),
        ({"title": "x" * 201}, {"title"}),
        ({"total": "much"}, {"total"}),
        ({"lines__0__quantity": ""}, {"lines.0.quantity"}),
        ({"lines__0__quantity": "-1"}, {"lines.0.quantity"}),
        ({"lines__0__price": "1e9"}, {"lines.0.price"}),
        ({"lines__7__description": "", "lines__0__position": "0"}, {"lines.7.description", "lines.0.position"}),
        ({"lines__0__position": "2", "lines__7__position": "2"}, {"lines.7.position"}),
        ({"lines__0__quantity": "9999999", "lines__0__price": "9999999"}, {"total"}),
    ],
)
def test_each_mistake_is_said_at_its_field(sales: Sales, wrong: dict[str, str], fields: set[str]) -> None:
    assert said(send(sales, "/orders", **wrong)) == fields
    assert sales.orders() == {}


def test_contact_and_site_must_be_the_customers(sales: Sales) -> None:
    other = sales.world.customer("K2", "Kanzlei Lindhagen")
    assert said(send(sales, "/orders", customer=str(other.id))) == {"contact"}
    offered = sales.browser.get(f"/order-sites?customer={sales.customer.id}&q=tress").text
    assert "Werk Tressow" in offered
    assert "Werk Tressow" not in sales.browser.get(f"/order-sites?customer={other.id}&q=").text


@pytest.fixture
def from_erp(sales: Sales) -> str:
    """Order E-1 as the ERP system has sent it, with a total of its own; returns its version."""
    with sales.world.rows():
        order, _created = put_order(
            "E-1", customer=session.get_one(Customer, sales.customer.id), ordered_on=date(2026, 11, 1),
            contact=session.get_one(Person, sales.jana.id), total=Decimal(90),
            lines=[
                {"position": 10, "description": "Kabel", "quantity": Decimal(10), "price": Decimal("10.1234")},
                {"position": 20, "description": "Maus", "quantity": Decimal(1)},
            ],
            documents=[{"name": "a.txt", "content_type": "text/plain", "content": b"a"}],
        )  # fmt: skip
    return order.updated_at.isoformat()


def edited(sales: Sales) -> dict[str, str]:
    """The form of E-1 as the page gives it, ready to be sent."""
    page = sales.page("/orders/E-1/edit")
    fields = {str(field["name"]): str(field.get("value", "")) for field in page.select("form[hx-post] input[name]")}
    fields["status"] = str(page.select("select[name=status] option[selected]")[0]["value"])
    return {name: value for name, value in fields.items() if "._." not in name and name not in ("gone", "files")}


@pytest.mark.usefixtures("from_erp")
def test_a_form_sent_as_it_came_changes_nothing(sales: Sales) -> None:
    before = sales.orders()["E-1"]
    answer = sales.browser.post("/orders/E-1", data=edited(sales), headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/orders/E-1"
    after = sales.orders()["E-1"]
    assert (after.updated_at, after.total, after.origin) == (before.updated_at, Decimal("90.00"), OrderOrigin.API)
    assert [line.price for line in after.lines] == [Decimal("10.1234"), Decimal(0)]


@pytest.mark.usefixtures("from_erp")
def test_an_order_of_the_erp_system_is_put_right_and_says_so(sales: Sales) -> None:
    assert "The ERP system wrote this order." in sales.page("/orders/E-1/edit").text
    changed = {name: text for name, text in edited(sales).items() if not name.startswith("lines.1.")}
    changed |= {
        "title": "Neu",
        "total": "",
        "contact": "",
        "lines.0.quantity": "3",
        "lines.5.sku": "X",
        "lines.5.quantity": "2",
    }
    paper = sales.orders()["E-1"].documents[0].id
    again = {"gone": str(paper), "files": (io.BytesIO(b"b"), "a.txt")}
    assert sales.browser.post("/orders/E-1", data={**changed, **again}, headers=HTMX).status_code == 204
    order = sales.orders()["E-1"]
    assert (order.title, order.contact_id, order.total) == ("Neu", None, Decimal("30.37"))
    assert [(line.position, line.sku, int(line.quantity)) for line in order.lines] == [(10, "", 3), (11, "X", 2)]
    assert [(each.name, each.size, each.id != paper) for each in order.documents] == [("a.txt", 1, True)]


@pytest.mark.usefixtures("from_erp")
def test_what_somebody_else_changed_meanwhile_is_not_written_over(sales: Sales) -> None:
    mine, theirs = edited(sales), edited(sales)
    assert sales.browser.post("/orders/E-1", data={**theirs, "title": "Ihres"}, headers=HTMX).status_code == 204
    refused = sales.browser.post("/orders/E-1", data={**mine, "title": "Meines"}, headers=HTMX)
    assert (refused.status_code, "changed meanwhile" in refused.text) == (409, True)
    assert sales.orders()["E-1"].title == "Ihres"


def test_an_order_of_a_table_says_so(sales: Sales) -> None:
    sales.bring(TWO)
    assert "This order came from a table." in sales.page("/orders/A-1/edit").text


@pytest.mark.usefixtures("from_erp")
def test_only_those_who_may_write_orders_get_there(sales: Sales) -> None:
    piet = sales.world.browser(sales.world.staff("Piet Hagenauer"))
    for path in ("/orders/new", "/orders/E-1/edit", "/order-sites"):
        assert piet.get(path).status_code == 403
    for path in ("/orders", "/orders/E-1"):
        assert piet.post(path, data=form(sales)).status_code == 403
    assert "/edit" not in piet.get("/orders/E-1").text
    assert "/orders/E-1/edit" in sales.browser.get("/orders/E-1").text
    assert sales.browser.get("/orders/none/edit").status_code == 404


def test_amounts_are_read_as_the_readers_language_writes_them(sales: Sales) -> None:
    with sales.world.rows():
        session.get_one(Person, sales.renate.id).language = "de"
    send(sales, "/orders", lines__0__price="1.049,5", lines__0__quantity="1.000", lines__7__quantity="2.5")
    order = sales.orders()["H-1"]
    assert [(line.quantity, line.price) for line in order.lines] == [
        (Decimal(1000), Decimal("1049.5")),
        (Decimal("2.5"), Decimal(0)),
    ]
    shown = sales.page("/orders/H-1/edit").select_one("input[name='lines.0.price']")
    assert shown is not None
    assert shown["value"] == "1049,5"
