"""Worked time, items and timers over the REST API."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from backend import clock
from backend.db import session
from backend.people.models import EmailAddress, Person
from backend.tickets.models import Activity, Ticket
from backend.worklog.actions import start
from backend.worklog.models import TicketItem, TimeEntry
from tests.api.conftest import Program, Programs
from tests.world import World

pytestmark = pytest.mark.slow
PIET = "piet.hagenauer@nordlicht-it.example"


@pytest.fixture
def ticket(world: World, admin: Program, tressow: str) -> int:
    """The number of a ticket; Piet is there to work on it."""
    world.staff("Piet Hagenauer")
    assert tressow
    return int(admin.post("/tickets", {"subject": "Drucker", "text": "Hallo", "contact": "jana"})["number"])


def _day() -> str:
    return datetime.now(UTC).date().isoformat()


def _time(**more: Any) -> dict[str, Any]:
    return {"person": PIET, "date": _day(), "minutes": 25, **more}


def test_time_is_noted_changed_listed_and_deleted(admin: Program, ticket: int) -> None:
    admin.put("/contracts/V-1", {"customer": "K1", "name": "Wartung", "starts_on": _day()}, 201)
    admin.patch(f"/tickets/{ticket}", {"contract": "V-1"})
    made = admin.post(f"/tickets/{ticket}/time", _time(start="09:30", rate="95.5", kind="contract", text="Rolle"))
    assert (made["minutes"], made["start"], made["kind"], made["amount"]) == (25, "09:30", "contract", 39.79)
    assert (made["currency"], made["person"]["email"], made["customer"]["key"]) == ("EUR", PIET, "K1")
    assert admin.get(f"/time/{made['id']}") == made
    changed = admin.patch(f"/time/{made['id']}", {"minutes": 35, "start": None})
    assert (changed["minutes"], changed["start"], changed["text"]) == (35, None, "Rolle")
    assert [one["id"] for one in admin.get("/time", person=PIET, customer="K1", **{"from": _day(), "to": _day()})] == [
        made["id"]
    ]
    assert admin.get("/time", person="nobody@example.com") == []
    for _again in range(2):
        assert admin.ask("DELETE", f"/time/{made['id']}").status_code == 200
    assert admin.get(f"/tickets/{ticket}/time") == []
    assert admin.ask("GET", f"/time/{made['id']}").status_code == 404


def test_the_list_goes_on_where_it_ended(admin: Program, ticket: int) -> None:
    made = [admin.post(f"/tickets/{ticket}/time", _time(minutes=n))["id"] for n in (5, 6, 7)]
    first = admin.ask("GET", f"/tickets/{ticket}/time", query_string={"limit": "2"})
    following = first.headers["Link"].partition(">")[0].lstrip("<")
    path = following[following.index("/api/") :]
    rest = admin.ask("GET", path)
    assert rest.status_code == 200, rest.text
    assert [one["id"] for one in [*(first.json or []), *(rest.json or [])]] == made


def test_the_same_request_twice_notes_once(world: World, admin: Program, ticket: int) -> None:
    one = admin.post(f"/tickets/{ticket}/time", _time(), Idempotency_Key="a")
    two = admin.post(f"/tickets/{ticket}/time", _time(), Idempotency_Key="a")
    assert one == two
    admin.post(f"/tickets/{ticket}/items", {"name": "Rolle", "quantity": 1}, Idempotency_Key="b")
    admin.post(f"/tickets/{ticket}/items", {"name": "Rolle", "quantity": 1}, Idempotency_Key="b")
    with world.rows():
        verbs = session.scalars(select(Activity.verb).where(Activity.verb.in_(("time_noted", "item_added")))).all()
    assert sorted(verbs) == ["item_added", "time_noted"]


def test_what_is_billed_cannot_be_changed(world: World, admin: Program, ticket: int) -> None:
    entry = admin.post(f"/tickets/{ticket}/time", _time())["id"]
    item = admin.post(f"/tickets/{ticket}/items", {"name": "Rolle", "quantity": 1})["id"]
    with world.rows():
        session.get_one(TimeEntry, entry).billed_at = session.get_one(TicketItem, item).billed_at = clock.now()
    admin.patch(f"/time/{entry}", {"minutes": 5}, 409)
    admin.patch(f"/items/{item}", {"price": 5}, 409)
    assert admin.ask("DELETE", f"/time/{entry}").status_code == 409
    assert admin.ask("DELETE", f"/items/{item}").status_code == 409


def test_items_with_a_file(admin: Program, ticket: int) -> None:
    file = {"name": "Beleg.txt", "content_type": "text/plain", "content": "QmVsZWc="}
    made = admin.post(
        f"/tickets/{ticket}/items",
        {"kind": "expense", "name": "Parken", "quantity": 2.5, "price": "19.99", "discount": 10, "file": file},
    )
    assert (made["total"], made["kind"]) == (44.98, "expense")
    assert admin.ask("GET", made["file"][made["file"].index("/api/") :]).data == b"Beleg"
    assert admin.patch(f"/items/{made['id']}", {"quantity": 1})["total"] == 17.99
    assert [one["id"] for one in admin.get(f"/tickets/{ticket}/items")] == [made["id"]]
    assert admin.ask("DELETE", f"/items/{made['id']}").status_code == 200
    assert admin.get(f"/tickets/{ticket}/items") == []


def test_what_cannot_be_is_named(admin: Program, ticket: int) -> None:
    for path, body, field in [
        ("time", _time(minutes=0), "minutes"),
        ("time", _time(person="nobody@example.com"), "person"),
        ("time", _time(date="2200-01-01"), "date"),
        ("time", _time(date="1999-01-01"), "date"),
        ("time", _time(start="25:00"), "start"),
        ("items", {"name": " ", "quantity": 1}, "name"),
        ("items", {"name": "Rolle", "quantity": 0}, "quantity"),
    ]:
        answer = admin._send("POST", f"/tickets/{ticket}/{path}", body, 422)
        assert field in answer["fields"], answer


def test_timers_are_seen_and_sales_write_nothing(world: World, program: Programs, admin: Program, ticket: int) -> None:
    with world.rows():
        person = session.scalars(
            select(Person).join(EmailAddress, EmailAddress.person_id == Person.id).where(EmailAddress.address == PIET)
        ).one()
        start(person.who(), session.scalars(select(Ticket).where(Ticket.number == ticket)).one())
    (timer,) = admin.get("/timers", person=PIET)
    assert (timer["ticket"], timer["running"]) == (ticket, True)
    sales = program("sales")
    assert sales.get(f"/tickets/{ticket}/time") == []
    sales.post(f"/tickets/{ticket}/time", _time(), 403)
