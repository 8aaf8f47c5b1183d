"""The desk's little company with a visit, an order and a few text modules."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from sqlalchemy import select

from backend.db import session
from backend.orders.actions import put_order
from backend.people.models import Customer, Person
from backend.textmodules.models import TextModule
from backend.tickets.models import Ticket
from backend.visits import actions as visits
from tests.browser.test_desk import sign_in
from tests.desk.conftest import Desk, desk
from tests.world import Browser

__all__ = ["desk", "rich", "selected", "signed_in", "written"]
HX = {"HX-Request": "true"}


def written(browser: Browser, name: str, text: str, **fields: Any) -> int:
    """A text module written by whoever `browser` is; its id."""
    answer = browser.post("/text-modules", data={"name": name, "text": text, "kind": "reply", **fields}, headers=HX)
    assert answer.status_code == 204, answer.text
    found = session.scalars(select(TextModule.id).where(TextModule.name == name).order_by(TextModule.id.desc())).first()
    session.rollback()
    assert found is not None
    return found


def put(browser: Browser, module: int, query: str) -> str:
    """The text of `module` as it is put in."""
    answer = browser.get(f"/text-modules/{module}/filled?{query}")
    assert answer.status_code == 200, answer.text
    return "".join(part["text"] for part in answer.get_json()["parts"])


@pytest.fixture
def rich(desk: Desk) -> Desk:
    """Jana's ticket with everything a placeholder asks for."""
    with desk.world.app.test_request_context(), desk.world.rows():
        customer = session.get_one(Customer, desk.customer.id)
        customer.phone = "+49 30 5550 1200"
        jana = session.get_one(Person, desk.jana.id)
        jana.phone, jana.salutation = "+49 30 5550 1204", "ms"
        piet = session.get_one(Person, desk.piet.id)
        piet.phone = "+49 40 5550 2017"
        order, _new = put_order(
            "A-20417", customer=customer, ordered_on=date(2026, 11, 9), title="12 Notebooks", total=Decimal("14812.50")
        )
        ticket = session.query(Ticket).filter_by(number=desk.ticket).one()
        ticket.assignee_id, ticket.order_id, ticket.category = piet.id, order.id, "Drucker"
        ticket.created_at = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
        visits.schedule(
            piet.who(), ticket=ticket, technician=piet, start=datetime.fromisoformat("2030-12-03T09:00"),
            end=datetime.fromisoformat("2030-12-03T11:00"), timezone="Europe/Berlin", place="Am Sägegraben 17",
        )  # fmt: skip
    return desk


@pytest.fixture
def signed_in(rich: Desk, chromium: Chromium) -> Iterator[Page]:
    """Piet's browser; a script that fails on a page fails the test."""
    with rich.world.rows():
        session.get_one(Person, rich.jana.id).language = "en"
    opened = sign_in(rich, chromium, rich.piet, locale="en-GB")
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.context.close()
    assert complaints == []


def selected(page: Page) -> str:
    """What is selected in the field that has the focus."""
    return str(page.evaluate("(f => f.value.slice(f.selectionStart, f.selectionEnd))(document.activeElement)"))
