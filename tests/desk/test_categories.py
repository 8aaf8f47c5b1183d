"""Main categories that are offered for a new ticket."""

import pytest

from backend.db import session
from backend.people.models import Customer, Person
from backend.tickets.actions import open_ticket
from tests.desk.conftest import Desk, desk

__all__ = ["desk"]
pytestmark = pytest.mark.slow


def _opened(desk: Desk, contact: Person, *categories: str) -> None:
    with desk.world.app.test_request_context(), desk.world.rows():
        person = session.get_one(Person, contact.id)
        for category in categories:
            customer = session.get_one(Customer, person.customer_id)
            open_ticket(desk.piet.who(), "Anruf", contact=person, customer=customer, category=category)


def test_what_is_used_for_the_customer_stands_first_then_what_is_used_most(desk: Desk) -> None:
    other = desk.world.contact("Svea Lindhagen", "svea@lindhagen.example", desk.world.customer("K9", "Lindhagen"))
    _opened(desk, other, "Notariat", "Notariat", "Telefonanlage")
    _opened(desk, desk.jana, "Etiketten")

    def offered(query: str) -> list[str]:
        page = desk.page(f"/tickets/new/categories?{query}")
        return [str(row["data-value"]) for row in page.select("[role=option]")]

    assert offered(f"customer={desk.customer.id}")[:3] == ["Etiketten", "Notariat", "Telefonanlage"]
    assert offered(f"customer={other.customer_id}")[:3] == ["Notariat", "Telefonanlage", "Etiketten"]
    assert offered("")[0] == "Notariat"
    assert "Hardware" in offered(""), "what nobody has used yet is offered too"
    assert offered("q=NOTAR") == ["Notariat"]
    assert offered("q=gibt+es+nicht&customer=x") == []
    assert desk.world.browser(desk.jana).get("/tickets/new/categories").status_code in (403, 404)
    field = desk.page("/tickets/new").select_one("input[name=category][role=combobox][required]")
    assert field is not None
