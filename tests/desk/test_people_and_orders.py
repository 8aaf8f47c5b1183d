"""Customers, contacts and orders on the desk: seen and put right."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from backend.db import session
from backend.orders.actions import put_order
from backend.people.models import Customer, CustomerDomain, EmailAddress, Person
from tests.desk.conftest import Desk, stranger

pytestmark = pytest.mark.slow


@pytest.fixture
def order(desk: Desk) -> str:
    """Order A-1 of the customer, half delivered, with a PDF."""
    with desk.world.rows():
        put_order(
            "A-1",
            customer=session.get_one(Customer, desk.customer.id),
            ordered_on=date(2026, 11, 12),
            status="partially-delivered",
            title="12 Notebooks",
            lines=[
                {"position": 1, "description": "Notebook", "quantity": Decimal(12), "price": Decimal("1049.5"),
                 "delivered": Decimal(4), "due_on": date(2026, 11, 25)},
            ],
            documents=[{"name": "Bestätigung.pdf", "content_type": "application/pdf", "content": b"%PDF-1.4"}],
        )  # fmt: skip
    return "A-1"


def test_orders_are_found_by_number_title_and_customer(desk: Desk, order: str) -> None:
    for words in ("a-1", "notebooks", "möbelwerk"):
        assert [row.select_one("a").text for row in desk.page(f"/orders?q={words}").select("tr[data-row]")] == [order]  # type: ignore[union-attr]  # fmt: skip
    assert "Nothing found" in desk.page("/orders?q=zahn").text
    assert desk.page("/orders?after=none&status=none").select("tr[data-row]")


def test_an_order_shows_lines_documents_and_tickets(desk: Desk, order: str) -> None:
    with desk.world.rows():
        number = session.execute(select(Customer.id)).scalar_one()
    assert number == desk.customer.id
    chosen = desk.page(f"/tickets/{desk.ticket}/choices/order").select("button[value]")[-1]
    desk.browser.post(f"/tickets/{desk.ticket}/order", data={"value": str(chosen["value"])})
    page = desk.page(f"/orders/{order}")
    text = " ".join(page.text.split())
    for words in ("12 Notebooks", "8 open", "€12,594.00", "Bestätigung.pdf", "Etikettendrucker"):
        assert words in text
    document = desk.browser.get(str(page.select_one("a.file")["href"]))  # type: ignore[index]
    assert (document.status_code, document.headers["Content-Type"]) == (200, "application/pdf")
    assert desk.browser.get("/orders/A-404").status_code == 404


def test_customers_are_found_by_name_domain_and_contact(desk: Desk) -> None:
    stranger(desk.world)
    for words in ("tressow", "jana", "k1"):
        names = [row.select_one("a").text for row in desk.page(f"/customers?q={words}").select("tr[data-row]")]  # type: ignore[union-attr]  # fmt: skip
        assert names == ["Möbelwerk Tressow GmbH"], words
    assert len(desk.page("/customers").select("tr[data-row]")) == 2


def test_the_cost_of_the_customers_does_not_grow_with_them(desk: Desk) -> None:
    with desk.counted() as few:
        desk.page("/customers")
    for number in range(10):
        desk.world.customer(f"N{number}", f"Kunde {number}", domains=[f"kunde{number}.example"])
    with desk.counted() as many:
        desk.page("/customers")
    assert len(many) == len(few) <= 3


def test_a_customer_is_put_right(desk: Desk) -> None:
    form = {"name": "Möbelwerk Tressow AG", "phone": "030 1", "domains": "moebelwerk-tressow.example\ntressow.example"}
    assert desk.browser.post("/customers/K1", data=form).headers["Location"] == "/customers/K1"
    page = desk.page("/customers/K1")
    assert page.select_one("h1").text == "Möbelwerk Tressow AG"  # type: ignore[union-attr]
    assert "tressow.example" in page.text
    refused = desk.browser.post("/customers/K1", data={**form, "domains": "gmail.com"}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert 'data-field="domains"' in refused.text
    with desk.world.rows():
        assert set(session.scalars(select(CustomerDomain.domain))) == {"moebelwerk-tressow.example", "tressow.example"}


def test_a_contact_is_made_and_put_right(desk: Desk) -> None:
    form = {"name": "Elif Mertoglu", "mail": "Elif.Mertoglu@moebelwerk-tressow.example", "job_title": "Personal"}
    desk.browser.post("/customers/K1/contacts", data=form)
    with desk.world.rows():
        elif_ = session.scalars(select(Person).where(Person.name == "Elif Mertoglu")).one()
        assert elif_.customer_id == desk.customer.id
    taken = {**form, "mail": desk.jana.mail or ""}
    refused = desk.browser.post(f"/contacts/{elif_.id}", data=taken, headers={"HX-Request": "true"})
    assert (refused.status_code, 'data-field="mail"' in refused.text) == (409, True)
    desk.browser.post(
        f"/contacts/{elif_.id}", data={**form, "name": "Elif Mertoglu-Voss", "mail": "elif@tressow.example"}
    )
    page = desk.page(f"/contacts/{elif_.id}")
    assert page.select_one("h1").text == "Elif Mertoglu-Voss"  # type: ignore[union-attr]
    with desk.world.rows():
        addresses = set(session.scalars(select(EmailAddress.address).where(EmailAddress.person_id == elif_.id)))
    assert addresses == {"elif.mertoglu@moebelwerk-tressow.example", "elif@tressow.example"}


def test_people_are_offered_with_those_of_the_ticket_first(desk: Desk) -> None:
    stranger(desk.world)
    offered = desk.page(f"/people/find?for=mail&ticket={desk.ticket}&q=a").select("[role=option]")
    assert offered[0]["data-value"] == "Jana Wiedekind <jana.wiedekind@moebelwerk-tressow.example>"
    ours = [option["data-shown"] for option in desk.page("/people/find?for=assignee&q=").select("[role=option]")]
    assert "Piet Hagenauer" in ours
    assert "Jana Wiedekind" not in ours
    assert not desk.page("/customers/find?q=%25").select("[role=option]")  # no wildcard of the database's own


def test_theme_and_language_are_chosen_and_lead_back_to_our_own_pages_only(desk: Desk) -> None:
    origin = desk.world.settings.url
    answer = desk.browser.post("/me/theme", data={"theme": "dark"}, headers={"Referer": f"{origin}/orders?q=a"})
    assert answer.headers["Location"] in ("/", "/orders?q=a")
    html = desk.page("/orders").select_one("html")
    assert html is not None
    assert html["data-theme"] == "dark"
    away = desk.browser.post("/me/theme", data={"theme": ""}, headers={"Referer": "https://evil.example/x"})
    assert away.headers["Location"] == "/"
    assert desk.browser.post("/me/theme", data={"theme": "pink"}).status_code == 422
    desk.browser.post("/me/language", data={"language": "fr"})
    html = desk.page("/orders").select_one("html")
    assert html is not None
    assert html["lang"] == "fr"


def test_a_live_line_needs_topics_that_can_be_told(desk: Desk) -> None:
    for query in ("", "topic=", "topic=../x", "&".join(f"topic=ticket:{number}" for number in range(51))):
        assert desk.browser.get(f"/live?{query}").status_code == 422, query
