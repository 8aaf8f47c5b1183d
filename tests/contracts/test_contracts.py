"""Contracts: written by another system or by hand, offered on the tickets of their customer alone."""

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend import auth, clock
from backend.contracts.models import Contract
from backend.db import session
from backend.people.models import Customer, Person
from backend.tickets.models import Activity, Ticket
from tests.world import Browser, World, mail

pytestmark = pytest.mark.slow


@pytest.fixture
def ticket(world: World) -> int:
    world.customer("tressow", "Möbelwerk Tressow", domains=["moebelwerk-tressow.example"])
    world.deliver(mail())
    world.run("mail.sweep")
    world.work()
    with world.rows():
        return session.scalars(select(Ticket.number)).one()


@pytest.fixture
def sales(world: World) -> Browser:
    person = world.staff("Marek Ostwald")
    with world.rows():
        session.get_one(Person, person.id).language = "en"
    return world.browser(person)


def _day(distance: int) -> str:
    return (clock.now() + timedelta(days=distance)).date().isoformat()


def _key(world: World, ticket: int) -> str:
    with world.rows():
        wanted = select(Customer.key).join(Ticket, Ticket.customer_id == Customer.id).where(Ticket.number == ticket)
        return session.scalars(wanted).one()


def _write(browser: Browser, customer: str, number: str, **said: Any) -> Any:
    values = {"number": number, "name": f"Wartung {number}", "starts_on": _day(-30), **said}
    return browser.post(f"/customers/{customer}/contracts", data=values, headers={"HX-Request": "true"})


def _offered(browser: Browser, ticket: int) -> list[str]:
    page = BeautifulSoup(browser.get(f"/tickets/{ticket}/choices/contract").text, "lxml")
    return [" ".join(one.get_text(" ").split()) for one in page.select("button[name=value]")]


def test_running_contracts_of_the_customer_are_offered_and_chosen(world: World, sales: Browser, ticket: int) -> None:
    customer = _key(world, ticket)
    world.customer("fremd", "Fremd GmbH")
    assert _write(sales, customer, "V-1").status_code in (204, 303)
    assert _write(sales, customer, "V-2", ends_on=_day(-2)).status_code in (204, 303)
    assert _write(sales, customer, "V-3", starts_on=_day(5)).status_code in (204, 303)
    assert _write(sales, "fremd", "V-4").status_code in (204, 303)
    offered = _offered(sales, ticket)
    assert any("V-1" in one for one in offered)
    assert not any(number in one for one in offered for number in ("V-2", "V-3", "V-4"))
    with world.rows():
        ids = {row.number: row.id for row in session.scalars(select(Contract))}
    assert sales.post(f"/tickets/{ticket}/contract", data={"value": str(ids["V-1"])}).status_code == 200
    assert "Wartung V-1" in sales.get(f"/tickets/{ticket}").text
    assert sales.post(f"/tickets/{ticket}/contract", data={"value": str(ids["V-4"])}).status_code == 422
    with world.rows():
        logged = session.scalars(select(Activity).where(Activity.verb == "contract")).one()
        assert (logged.before, logged.after) == ("", "Wartung V-1")


def test_a_ticket_that_goes_to_another_customer_leaves_the_contract_behind(
    world: World, sales: Browser, ticket: int
) -> None:
    other = world.customer("fremd", "Fremd GmbH")
    _write(sales, _key(world, ticket), "V-1")
    with world.rows():
        contract = session.scalars(select(Contract.id)).one()
    sales.post(f"/tickets/{ticket}/contract", data={"value": str(contract)})
    assert sales.post(f"/tickets/{ticket}/customer", data={"value": str(other.id)}).status_code == 200
    with world.rows():
        assert session.scalars(select(Ticket.contract_id)).one() is None


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_written(
    world: World, sales: Browser, ticket: int
) -> None:
    customer = _key(world, ticket)
    answer = _write(sales, customer, "V-1", starts_on=_day(5), ends_on=_day(1))
    assert answer.status_code == 422
    assert "It cannot end before it begins" in answer.text
    assert _write(sales, customer, "V-1", starts_on="tomorrow").status_code == 422
    assert _write(sales, customer, "V-1", name=" ").status_code == 422
    _write(sales, customer, "V-1")
    assert "There is a contract of this number already" in _write(sales, customer, "V-1", name="Andere").text
    with world.rows():
        assert [row.name for row in session.scalars(select(Contract))] == ["Wartung V-1"]


def test_it_is_corrected_on_the_customers_page(world: World, sales: Browser, ticket: int) -> None:
    customer = _key(world, ticket)
    _write(sales, customer, "V-1")
    page = sales.get(f"/customers/{customer}")
    link = BeautifulSoup(page.text, "lxml").select_one("#contracts a[href$='/edit']")
    assert link is not None
    address = str(link["href"])
    assert "Wartung V-1" in sales.get(address).text
    said = {"name": "Wartung Gold", "starts_on": _day(-30), "ends_on": _day(-1)}
    assert sales.post(address.removesuffix("/edit"), data=said).status_code in (204, 303)
    assert "does not run" in sales.get(f"/customers/{customer}").text


def test_other_systems_write_them_and_put_tickets_under_them(world: World, ticket: int) -> None:
    with world.rows():
        token = auth.create_api_token("erp", "admin")
    api, headers = world.browser(), {"Authorization": f"Bearer {token}"}
    customer = _key(world, ticket)
    said = {"customer": customer, "name": "Wartung", "starts_on": _day(-1), "service_level": "8x5"}
    assert api.put("/api/v1/contracts/V%2F1", json=said, headers=headers).status_code == 201
    assert api.put("/api/v1/contracts/V%2F1", json=said, headers=headers).status_code == 200
    world.customer("fremd", "Fremd GmbH")
    moved = api.put("/api/v1/contracts/V%2F1", json=said | {"customer": "fremd"}, headers=headers)
    assert moved.status_code == 409
    listed = api.get(f"/api/v1/contracts?customer={customer}", headers=headers).get_json()
    assert [one["number"] for one in listed] == ["V/1"]
    changed = api.patch(f"/api/v1/tickets/{ticket}", json={"contract": "V/1"}, headers=headers)
    assert changed.get_json()["contract"] == "V/1"
    assert api.patch(f"/api/v1/tickets/{ticket}", json={"contract": "V/9"}, headers=headers).status_code == 422
    assert (
        api.patch(f"/api/v1/tickets/{ticket}", json={"contract": None}, headers=headers).get_json()["contract"] is None
    )
