"""A table of orders: looked at first, then imported once, all or nothing."""

import io
from datetime import date
from decimal import Decimal

import pytest

from backend.db import session
from backend.orders.actions import put_order
from backend.orders.models import OrderImport, OrderOrigin
from backend.people.models import Customer, Person
from tests.orders.conftest import HEAD, TWO, Sales, workbook
from tests.world import JANA

pytestmark = pytest.mark.slow

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
    assert [(line.position, line.description, int(line.quantity)) for line in first.lines] == [
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


def test_one_wrong_row_and_nothing_is_imported(sales: Sales) -> None:
    address = sales.upload(WRONG)
    assert sales.counts(address) == [2, 0, 0, 2]
    said = [[cell.text for cell in row.select("td")] for row in sales.page(address).select(".table-wrap tbody tr")]
    assert said == [
        ["5", "A-3", "Kundennummer", "There is no customer “K9”."],
        ["6", "A-4", "Datum", "“31.2.2026” is a day that does not exist."],
        ["6", "A-4", "Menge", "“viele” is not a number."],
    ]
    refused = sales.browser.post(address, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert "Nothing was imported" in refused.text
    assert sales.orders() == {}
    assert sales.counts(address) == [2, 0, 0, 2], "it can still be imported"


def test_the_right_rows_are_imported_when_the_person_says_so(sales: Sales) -> None:
    address = sales.bring(WRONG, skip_wrong="1")
    assert set(sales.orders()) == {"A-1", "A-2"}
    assert sales.counts(address) == [2, 0, 0, 2]
    answer = sales.browser.get(f"{address}/refused")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    table = answer.get_data().decode("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in table] == ["Row", "5", "6"]
    assert "Kundennummer: There is no customer “K9”." in table[1]


def test_refused_rows_hold_no_formulas(sales: Sales) -> None:
    address = sales.upload(f"{HEAD}\nA-1;K9;12.11.2026;1;=HYPERLINK(1);2;@1\n")
    table = sales.browser.get(f"{address}/refused").get_data().decode("utf-8-sig")
    assert ";'=HYPERLINK(1);" in table
    assert ";'@1" in table


def test_a_preview_says_which_fields_change(sales: Sales) -> None:
    sales.bring(TWO)
    changed = TWO.replace("Notebook;2", "Notebook;3").replace("A-1;K1;12.11.2026;2;Maus;2;9,90\n", "")
    address = sales.upload(changed)
    assert sales.counts(address) == [0, 1, 1, 0]
    differences = [" ".join(each.text.split()) for each in sales.page(address).select(".import-differences li")]
    assert differences == [
        "Total: €2,118.80 → €3,148.50",
        "Line 1, Quantity: 2 → 3",
        "Line 2: 2 × Maus removed",
    ]
    sales.browser.post(address)
    assert [line.quantity for line in sales.orders()["A-1"].lines] == [Decimal(3)]


def test_what_the_table_does_not_speak_of_stays(sales: Sales) -> None:
    with sales.world.rows():
        customer, jana = session.get_one(Customer, sales.customer.id), session.get_one(Person, sales.jana.id)
        line = {"position": 1, "description": "Kabel", "quantity": Decimal(10), "price": Decimal(2), "unit": "m"}
        put_order(
            "A-1", customer=customer, ordered_on=date(2026, 11, 1), title="Halle 2", contact=jana, lines=[line],
            total=Decimal(18), status="partially-delivered",
        )  # fmt: skip
    sales.bring("Order number,Pos,Delivered\nA-1,1,4\n")
    order = sales.orders()["A-1"]
    assert (order.title, order.status, order.total, order.contact_id) == (
        "Halle 2", "partially-delivered", Decimal("20.00"), sales.jana.id,
    )  # fmt: skip
    assert [(line.description, int(line.quantity), line.unit, int(line.delivered)) for line in order.lines] == [
        ("Kabel", 10, "m", 4)
    ]
    sales.bring("Order number,Status\nA-1,delivered\n")
    assert [sales.orders()["A-1"].status, len(sales.orders()["A-1"].lines)] == ["delivered", 1]


def test_contact_and_site_are_found_at_the_customer(sales: Sales) -> None:
    other = sales.world.customer("K2", "Kanzlei Lindhagen")
    sales.world.contact("Svea Grootmann", "svea@lindhagen.example", other)
    head = "Order number,Customer name,Date,Contact e-mail,Site\n"
    sales.bring(f"{head}A-1,Möbelwerk Tressow GmbH,2026-11-12,{JANA},Werk Tressow\n")
    order = sales.orders()["A-1"]
    assert (order.contact_id, order.site is not None and order.site.key) == (sales.jana.id, "T1")
    wrong = sales.page(
        sales.upload(f"{head}A-2,kanzlei lindhagen,2026-11-12,{JANA},\nA-3,K2,2026-11-12,,Werk Tressow\n")
    )
    assert f"Nobody at Kanzlei Lindhagen has the address {JANA}." in wrong.text
    assert "Kanzlei Lindhagen has no site “Werk Tressow”." in wrong.text


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (";K1;12.11.2026;1;Kabel;1;1", "The order number is missing."),
        ("new;K1;12.11.2026;1;Kabel;1;1", "cannot be an order number"),
        ("A-1;;12.11.2026;1;Kabel;1;1", "The customer is missing."),
        ("A-1;K1;;1;Kabel;1;1", "The date is missing."),
        ("A-1;K1;12.11.2026;;Kabel;1;1", "The position is missing."),
        ("A-1;K1;12.11.2026;1;Kabel;;1", "The quantity is missing."),
        ("A-1;K1;12.11.2026;1;;1;1", "The description is missing."),
        ("A-1;K1;12.11.2026;1;Kabel;-1;1", "is not between 0 and"),
        ("A-1;K1;12.11.2026;1;Kabel;1;1.234", "two ways"),
        ("A-1;K1;12.11.2026;1;Kabel;1;$ 1", "An amount is in USD, the order in EUR."),
        ("A-1;K1;12.11.2026;1;" + "x" * 201 + ";1;1", "too long"),
        ("A-1;K1;12.11.2026;1;Kabel;1;1\nA-1;K1;12.11.2026;1;Kabel;1;1", "Position 1 stands twice."),
        ("A-1;K1;12.11.2026;1;Kabel;1;1\nA-1;K1;13.11.2026;2;Kabel;1;1", "Another value stands in row 2"),
    ],
)
def test_each_mistake_is_said_in_a_sentence(sales: Sales, row: str, said: str) -> None:
    address = sales.upload(f"{HEAD}\n{row}\n")
    assert said in sales.page(address).text
    assert sales.counts(address) == [0, 0, 0, 1]


def test_a_person_says_which_column_is_what(sales: Sales) -> None:
    rows: list[list[object]] = [
        ["Vorgang Alpha", "Wer", "Wann", "Was", "Wieviel", "Preis"],
        ["A-1", "K1", "03/04/2026", "Kabel", "1.234", 2],
    ]
    address = sales.upload(workbook(["Export of today"], [], *rows))
    assert sales.counts(address) == [0, 0, 0, 1]
    columns = {"column-0": "number", "column-1": "customer", "column-2": "ordered_on", "column-3": "description"}
    columns |= {"column-4": "quantity", "column-5": "price", "sheet": "Orders"}
    twice = sales.browser.post(
        f"{address}/choices", data={**columns, "column-5": "number"}, headers={"HX-Request": "true"}
    )
    assert (twice.status_code, 'data-field="column-5"' in twice.text) == (422, True)
    sales.browser.post(f"{address}/choices", data={"heading": "1", "sheet": "Orders"})
    sales.browser.post(f"{address}/choices", data={"heading": "1", **columns})
    page = sales.page(address)
    assert page.text.count("two ways") == 2, "nothing is guessed"
    sales.browser.post(f"{address}/choices", data={"heading": "1", **columns, "decimal": ",", "dates": "dmy"})
    assert sales.counts(address) == [1, 0, 0, 0]
    sales.browser.post(address)
    order = sales.orders()["A-1"]
    assert (order.ordered_on, int(order.lines[0].quantity)) == (date(2026, 4, 3), 1234)


def test_another_sheet_is_looked_at_anew(sales: Sales) -> None:
    address = sales.upload(
        workbook(["Order number", "Customer", "Date"], ["A-1", "Möbelwerk Tressow GmbH", date(2026, 11, 1)])
    )
    assert sales.counts(address) == [1, 0, 0, 0]
    answer = sales.browser.post(f"{address}/choices", data={"sheet": "None"}, headers={"HX-Request": "true"})
    assert (answer.status_code, "no sheet named" in answer.text) == (422, True)


def test_an_upload_is_its_persons_alone(sales: Sales) -> None:
    address = sales.upload(TWO)
    marek = sales.world.browser(sales.world.staff("Marek Ostwald", "administrator"))
    for answer in (
        marek.get(address),
        marek.post(address),
        marek.get(f"{address}/refused"),
        marek.post(f"{address}/choices"),
    ):
        assert answer.status_code == 404
    assert sales.orders() == {}


def test_only_those_who_may_write_orders_get_there(sales: Sales) -> None:
    piet = sales.world.browser(sales.world.staff("Piet Hagenauer"))
    assert piet.get("/orders/import").status_code == 403
    assert piet.post("/orders/import", data={"file": (io.BytesIO(TWO.encode()), "o.csv")}).status_code == 403
    assert "/orders/import" not in piet.get("/orders").text
    assert "/orders/import" in sales.browser.get("/orders").text


@pytest.mark.parametrize(("content", "said"), [(b"", "This file is empty."), (b"PK\x03\x04", "damaged")])
def test_what_is_no_table_is_said_beside_the_field(sales: Sales, content: bytes, said: str) -> None:
    answer = sales.browser.post(
        "/orders/import", data={"file": (io.BytesIO(content), "x.csv")}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 422
    assert 'data-field="file"' in answer.text
    assert said in answer.text
    none = sales.browser.post("/orders/import", data={}, headers={"HX-Request": "true"})
    assert "Choose a file." in none.text
    with sales.world.rows():
        assert session.query(OrderImport).count() == 0


def test_the_file_that_was_previewed_is_the_one_imported(sales: Sales) -> None:
    address = sales.upload(TWO)
    other = {"sha256": "0" * 64, "file": (io.BytesIO(b"Order number\nB-1\n"), "other.csv")}
    sales.browser.post(address, data=other)
    assert set(sales.orders()) == {"A-1", "A-2"}


def test_names_and_cells_of_strangers_do_nothing(sales: Sales) -> None:
    sent = {"file": (io.BytesIO(f"{HEAD}\n<script>1</script>;<b>;x;1;y;1;1\n".encode()), "<img src=x>.csv")}
    address = sales.browser.post("/orders/import", data=sent).headers["Location"]
    page = sales.page(address)
    assert page.select("main script, main b, main img") == []
    assert "<img src=x>.csv" in page.text


def test_a_table_of_several_hundred_orders_is_taken_whole(sales: Sales) -> None:
    rows = "".join(f"B-{number};K1;12.11.2026;1;Kabel;1;1\n" for number in range(400))
    address = sales.bring(f"{HEAD}\n{rows}")
    assert sales.counts(address) == [400, 0, 0, 0]
    assert sales.counts(sales.upload(f"{HEAD}\n{rows}")) == [0, 0, 400, 0]
