"""Fields of the installation's own: defined, filled in, searched, kept; and what customers may see."""

from typing import Any

import pytest
from flask import g
from sqlalchemy import select

from backend import db
from backend.db import session
from backend.fields.models import CustomField
from backend.tickets.models import Activity, Ticket
from backend.tickets.search import matches
from tests.desk.conftest import Desk
from tests.world import Browser

pytestmark = pytest.mark.slow


def define(admin: Browser, name: str, kind: str = "text", **more: object) -> str:
    """Defines a field; its key."""
    data = {"name": name, "kind": kind, "types": ["incident", "request", "problem", "change"], "customers": "hidden"}
    answer = admin.post("/settings/fields", data={**data, **more})
    assert answer.status_code == 303, answer.text
    page = admin.get("/settings/fields").text
    return page.split(f">{name}</a>")[1].split("<code>")[1].split("</code>")[0]


def fill(desk: Desk, key: str, value: str) -> int:
    return desk.browser.post(f"/tickets/{desk.ticket}/fields/{key}", data={"value": value}).status_code


def shown(desk: Desk, key: str) -> str:
    row = desk.page(f"/tickets/{desk.ticket}").select_one(f"#d-field-{key} summary")
    return row.get_text() if row else ""


@pytest.mark.parametrize(
    ("kind", "good", "kept", "said", "bad"),
    [
        ("text", " Halle  2 ", "Halle 2", "Halle 2", "x" * 1001),
        ("number", "1,5", 1.5, "1.5", "viel"),
        ("number", "12000", 12000, "12,000", "1.2.3"),
        ("date", "2026-11-24", "2026-11-24", "Nov 24, 2026", "2026-02-30"),
        ("choice", "Gold", "Gold", "Gold", "Silver"),
        ("yes-no", "yes", True, "yes", "perhaps"),
    ],
)
def test_each_kind_takes_what_it_can_hold(
    desk: Desk, admin: Browser, kind: str, good: str, kept: object, said: str, bad: str
) -> None:
    key = define(admin, "Matter", kind, options="Gold\nBronze")
    assert fill(desk, key, good) == 200
    assert desk.row(desk.ticket).fields == {key: kept}
    assert shown(desk, key) == said
    assert fill(desk, key, bad) == 422
    assert fill(desk, key, good) == 204
    assert desk.row(desk.ticket).fields == {key: kept}
    assert fill(desk, key, "") == 200
    assert desk.row(desk.ticket).fields == {}
    log = desk.page(f"/tickets/{desk.ticket}?tab=activity").select_one(".activity")
    assert log is not None
    assert f"Piet Hagenauer changed “Matter”: – → {said}" in log.get_text()
    assert f"Piet Hagenauer changed “Matter”: {said} → –" in log.get_text()


def test_a_change_can_be_taken_back(desk: Desk, admin: Browser) -> None:
    key = define(admin, "Location")
    fill(desk, key, "Hall 1")
    answer = desk.browser.post(f"/tickets/{desk.ticket}/fields/{key}", data={"value": "Hall 2"})
    assert f'hx-post="/tickets/{desk.ticket}/fields/{key}"' in answer.text
    assert 'value="Hall 1"' in answer.text


def test_a_field_stands_on_tickets_of_its_types_alone(desk: Desk, admin: Browser) -> None:
    key = define(admin, "Approval", types=["change"])
    assert shown(desk, key) == ""
    assert fill(desk, key, "yes") == 422
    desk.browser.post(f"/tickets/{desk.ticket}/type", data={"value": "change"})
    assert shown(desk, key) == "Not set"
    assert fill(desk, key, "yes") == 200


def test_what_is_filled_in_is_found(desk: Desk, admin: Browser) -> None:
    key = define(admin, "Contract", customers="editable")
    assert desk.numbers("/tickets?view=all&q=VX4711") == []
    fill(desk, key, "VX4711")
    assert desk.numbers("/tickets?view=all&q=VX4711") == [desk.ticket]
    with desk.world.app.test_request_context(), db.scope():
        assert session.scalars(select(Ticket.id).where(matches(desk.jana.who(), "VX4711"))).all() == []
        assert session.scalars(select(Ticket.number).where(matches(desk.piet.who(), "VX4711"))).all() == [desk.ticket]
    fill(desk, key, "")
    assert desk.numbers("/tickets?view=all&q=VX4711") == []


def test_a_removed_field_keeps_its_values_and_brings_them_back(desk: Desk, admin: Browser) -> None:
    key = define(admin, "Location")
    fill(desk, key, "Hall 1")
    with desk.world.rows():
        number = session.scalar(select(CustomField.id))
    admin.post(f"/settings/fields/{number}/remove")
    assert shown(desk, key) == ""
    assert fill(desk, key, "Hall 2") == 422
    admin.post(f"/settings/fields/{number}/restore")
    assert shown(desk, key) == "Hall 1"
    assert define(admin, "location") != key


def test_the_form_of_a_new_ticket_asks_for_what_is_needed(desk: Desk, admin: Browser) -> None:
    key = define(admin, "Cost centre", needed="1")
    other = define(admin, "Approval", needed="1", types=["change"])
    page = desk.browser.get("/tickets/new").text
    assert f'name="field-{key}" required' in page
    form = {
        "subject": "New phone", "customer": desk.customer.id, "contact": desk.jana.id, "category": "Telephony",
        "text": "Please", "type": "request", "kind": "note",
    }  # fmt: skip
    refused = desk.browser.post("/tickets", data=form, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert f'data-field="field-{key}"' in refused.text
    assert other not in refused.text
    made = desk.browser.post("/tickets", data={**form, f"field-{key}": "4711"})
    assert made.status_code == 303
    assert desk.row(int(made.headers["Location"].rpartition("/")[2])).fields == {key: "4711"}


def test_fields_are_put_in_order_and_changed_one_after_the_other(desk: Desk, admin: Browser) -> None:
    define(admin, "First")
    define(admin, "Second")
    with desk.world.rows():
        second = session.scalar(select(CustomField.id).where(CustomField.name == "Second"))
    admin.post(f"/settings/fields/{second}/move", data={"to": "up"})
    page = admin.get("/settings/fields").text
    assert page.index(">Second</a>") < page.index(">First</a>")
    change = {"name": "Other", "customers": "hidden", "version": "1"}
    assert admin.post(f"/settings/fields/{second}", data=change).status_code == 303
    assert admin.post(f"/settings/fields/{second}", data={**change, "name": "Third"}).status_code == 409
    assert admin.post("/settings/fields", data={"name": "C", "kind": "choice", "options": "one"}).status_code == 422
    assert "field Other" in admin.get("/settings/log").text
    assert desk.browser.get("/settings/fields").status_code == 403


def _as_customer(desk: Desk, path: str) -> str:
    """What the ticket's page would tell its contact, past the door that is closed to customers."""
    with desk.world.app.test_request_context(path, headers={"HX-Request": "true"}), db.scope():
        g.who = desk.jana.who()
        view: Any = desk.world.app.view_functions["tickets.ticket"]
        return desk.world.app.make_response(view(number=desk.ticket)).get_data(as_text=True)


def test_customers_see_what_they_may(desk: Desk, admin: Browser) -> None:
    hidden, seen = define(admin, "Our margin"), define(admin, "Your reference", customers="editable")
    fill(desk, hidden, "Zirbelkammer")
    fill(desk, seen, "PO 17")
    page = _as_customer(desk, f"/tickets/{desk.ticket}")
    assert "PO 17" in page
    assert "Zirbelkammer" not in page
    assert 'id="d-priority"' in page
    admin.post("/settings/about/customers", data={"key": "customers_priority", "value": "hidden"})
    assert 'id="d-priority"' not in _as_customer(desk, f"/tickets/{desk.ticket}")
    assert 'id="d-priority"' in desk.browser.get(f"/tickets/{desk.ticket}").text


@pytest.mark.parametrize("name", ["status", "impact", "type", "product_family"])
def test_what_is_built_in_is_shown_to_customers_as_chosen(desk: Desk, admin: Browser, name: str) -> None:
    address, row, path = f"/tickets/{desk.ticket}/{name}", f'id="d-{name}"', f"/tickets/{desk.ticket}"
    for choice in ("hidden", "editable", "hidden", "editable") if name == "product_family" else ("hidden", "view"):
        set_so = admin.post("/settings/about/customers", data={"key": f"customers_{name}", "value": choice})
        assert set_so.status_code == 200, choice
        assert (row in _as_customer(desk, path)) == (choice != "hidden"), choice
        assert row in desk.browser.get(path).text
    refused = admin.post("/settings/about/customers", data={"key": f"customers_{name}", "value": "nonsense"})
    assert refused.status_code == 422
    value = {"status": "pending", "impact": "site", "type": "request"}.get(name, "Kassen")
    assert desk.browser.post(address, data={"value": value}).status_code == 200, "staff may always"


def test_every_change_is_an_event_of_its_ticket(desk: Desk, admin: Browser) -> None:
    key = define(admin, "Location")
    fill(desk, key, "Hall 1")
    with desk.world.rows():
        event = session.scalars(select(Activity).where(Activity.verb == "field")).one()
    assert (event.before, event.after, event.data["field"]) == ("", "Hall 1", key)
