"""Orders by REST."""

import base64
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.db import session
from backend.orders.models import Order, OrderLine
from tests.api.conftest import Program
from tests.world import World

pytestmark = pytest.mark.slow

PDF = b"%PDF-1.4 an order confirmation"


def order(**change: Any) -> dict[str, Any]:
    """An order as an ERP system writes it."""
    body: dict[str, Any] = {
        "customer": "K1",
        "date": "2026-11-20",
        "status": "open",
        "currency": "EUR",
        "lines": [
            {"position": 10, "sku": "NB-14", "description": "Notebook", "quantity": 3, "unit": "pcs", "price": 899.5},
            {"position": 20, "sku": "DOCK", "description": "Dock", "quantity": "2.5", "unit": "pcs", "price": "120.00"},
        ],
        "documents": [{"name": "AB.pdf", "content_type": "application/pdf", "content": base64.b64encode(PDF).decode()}],
    }
    return {**body, **change}


def with_line(**change: Any) -> dict[str, Any]:
    """An order whose first line is changed."""
    body = order()
    body["lines"][0].update(change)
    return body


def test_order_put_twice_is_one(world: World, admin: Program, tressow: str) -> None:
    first = admin.put("/orders/AB-2026%2F118", order(), 201)
    second = admin.put("/orders/AB-2026%2F118", order(), 200)
    assert first == second == admin.get("/orders/AB-2026/118")
    assert first["number"] == "AB-2026/118"
    assert first["customer"] == {"key": "K1", "name": "Möbelwerk Tressow GmbH"}
    assert (first["date"], first["status"], first["currency"]) == ("2026-11-20", "open", "EUR")
    assert [line["quantity"] for line in first["lines"]] == [3, 2.5]
    assert first["total"] == 2998.5
    with world.rows():
        assert session.scalar(select(func.count()).select_from(Order)) == 1
        assert session.scalar(select(func.count()).select_from(OrderLine)) == 2


def test_lines_follow_the_last_word(admin: Program, tressow: str) -> None:
    first = admin.put("/orders/1", order(), 201)
    body = order(lines=[{"description": "Dock", "quantity": 2, "price": 100}], status="delivered", documents=[])
    after = admin.put("/orders/1", body)
    assert [(line["position"], line["quantity"]) for line in after["lines"]] == [(1, 2)]
    assert (after["total"], after["status"]) == (200, "delivered")
    assert [document["name"] for document in after["documents"]] == ["AB.pdf"]
    assert after["updated_at"] > first["updated_at"]


def test_a_line_alone_makes_the_order_new(admin: Program, tressow: str) -> None:
    first = admin.put("/orders/1", order(), 201)
    after = admin.put("/orders/1", with_line(description="Notebook 14 inch"))
    assert after["updated_at"] > first["updated_at"]


def test_documents_come_back_harmless(admin: Program, program: Any, tressow: str) -> None:
    name = 'AB "<script>.pdf'
    body = order(documents=[{"name": name, "content_type": "text/html", "content": base64.b64encode(PDF).decode()}])
    document = admin.put("/orders/1", body, 201)["documents"][0]
    assert (document["name"], document["size"]) == (name, len(PDF))
    answer = admin.ask("GET", document["url"])
    assert answer.data == PDF
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert program(None).ask("GET", document["url"]).status_code == 401


BROKEN_ORDERS: list[tuple[dict[str, Any], str]] = [
    (order(customer="K404"), "customer"),
    (order(date="20.11.2026"), "date"),
    (order(date=None), "date"),
    (order(status="lost"), "status"),
    (order(currency="euro"), "currency"),
    (order(contact="nobody"), "contact"),
    (order(site="X"), "site"),
    (order(colour="red"), "colour"),
    (with_line(quantity="many"), "lines.0.quantity"),
    (with_line(quantity=-1), "lines.0.quantity"),
    (with_line(quantity=1e300), "lines.0.quantity"),
    (with_line(quantity=None), "lines.0.quantity"),
    (with_line(price=[]), "lines.0.price"),
    (with_line(position=20), "lines.1.position"),
    (with_line(description=None), "lines.0.description"),
    (with_line(colour="red"), "lines.0.colour"),
    (with_line(quantity=9e6, price=9e6), "lines"),
    (order(documents=[{"name": "a.pdf", "content": "§§"}]), "documents.0.content"),
    (order(documents=[{"name": "a.pdf", "content": "", "content_type": "x\r\ny/z"}]), "documents.0.content_type"),
    ({"customer": "K1", "date": "2026-11-20"}, "lines"),
]


def test_a_broken_order_names_the_field(admin: Program, tressow: str) -> None:
    for body, field in BROKEN_ORDERS:
        problem = admin.put("/orders/1", body, 422)
        assert list(problem["fields"]) == [field]
        assert admin.ask("GET", "/orders/1").status_code == 404


def test_an_unknown_customer_is_named(admin: Program, tressow: str) -> None:
    problem = admin.ask("PUT", "/orders/1", json=order(customer="K404"), headers={"Accept-Language": "en"}).get_json()
    assert problem["fields"]["customer"] == "There is no customer with the key K404."


def test_all_that_is_wrong_is_said_at_once(admin: Program, tressow: str) -> None:
    body = order(status="lost", date="soon")
    body["lines"][1]["quantity"] = "x"
    assert set(admin.put("/orders/1", body, 422)["fields"]) == {"status", "date", "lines.1.quantity"}


def test_lists_are_filtered(admin: Program, tressow: str) -> None:
    admin.put("/customers/K2", {"name": "Other"}, 201)
    admin.put("/orders/1", order(), 201)
    admin.put("/orders/2", order(customer="K2", status="invoiced"), 201)
    assert [each["number"] for each in admin.get("/orders")] == ["2", "1"]
    assert [each["number"] for each in admin.get("/orders", customer="K1")] == ["1"]
    assert [each["number"] for each in admin.get("/orders", status="invoiced")] == ["2"]
    assert admin.get("/orders", customer="K9") == []
