"""What a contract includes and costs: written down, shown where work is done, and taken over by worked time."""

import re
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend import auth, clock
from backend.contracts.models import Contract
from backend.db import session
from backend.people.models import Person
from backend.tickets.models import Activity, Ticket
from tests.worklog.conftest import Bench
from tests.world import JANA, Browser

pytestmark = pytest.mark.slow

AGREED = {
    "name": "Wartung Gold", "number": "V-1", "service_level": "8x5, answer in 4 h", "included_hours": "10",
    "included_per": "month", "hourly_rate": "95", "hourly_rate_in_contract": "80.50", "travel_flat_rate": "45",
    "currency": "EUR",
}  # fmt: skip


@pytest.fixture
def sales(bench: Bench) -> Browser:
    person = bench.world.staff("Rike Sommer", "sales")
    with bench.world.rows():
        session.get_one(Person, person.id).language = "en"
    return bench.world.browser(person)


def agree(sales: Browser, **said: str) -> int:
    """The contract of the bench's customer, as it is sold."""
    form = {**AGREED, "starts_on": clock.now().date().isoformat(), **said}
    assert sales.post("/customers/K1/contracts", data=form).status_code in (204, 303)
    with_id = select(Contract.id).where(Contract.number == form["number"])
    found: int = session.scalars(with_id).one()
    return found


def put_under(bench: Bench, browser: Browser, contract: int) -> None:
    assert browser.post(f"/tickets/{bench.first.number}/contract", data={"value": str(contract)}).status_code == 200


def words(page: Any) -> str:
    return " ".join(page.get_text(" ").split())


def note(bench: Bench, browser: Browser, **fields: str) -> Any:
    address = f"/tickets/{bench.first.number}/time"
    form = {**bench.form(browser, f"{address}/new"), "minutes": "60", **fields}
    return browser.post(address, data=form, headers={"HX-Request": "true"})


def test_what_was_agreed_is_shown_where_work_is_done(bench: Bench, sales: Browser) -> None:
    with bench.world.rows():
        contract = agree(sales)
    piet = bench.world.browser(bench.piet)
    put_under(bench, piet, contract)
    terms = "10 h per month · €95.00 an hour · in the contract €80.50 an hour · travel €45.00"
    rail = BeautifulSoup(piet.get(f"/tickets/{bench.first.number}").text, "lxml").select_one(".agreed")
    assert rail is not None
    assert words(rail) == f"8x5, answer in 4 h · {terms}"
    pane = BeautifulSoup(piet.get(f"/addin/item?address={JANA}&message_id=x@y&subject=Hallo").text, "lxml")
    shown = pane.select_one(".contract li")
    assert shown is not None
    assert words(shown) == f"Wartung Gold 8x5, answer in 4 h {terms}"
    assert terms in words(BeautifulSoup(piet.get("/customers/K1").text, "lxml").select_one("#contracts"))
    warehouse = bench.world.browser(bench.world.staff("Uwe Lager", "warehouse"))
    for address in ("/customers/K1", f"/tickets/{bench.first.number}", f"/addin/item?address={JANA}&message_id=x@y"):
        assert not re.search("95[.,]00", warehouse.get(address).text), address


def test_each_change_is_in_its_log_and_wrong_ones_are_refused(bench: Bench, sales: Browser) -> None:
    with bench.world.rows():
        contract = agree(sales)
    address, form = f"/customers/K1/contracts/{contract}", bench.form(sales, f"/customers/K1/contracts/{contract}/edit")
    assert (form["included_hours"], form["hourly_rate_in_contract"], form["currency"]) == ("10", "80.5", "EUR")
    for wrong in ({"hourly_rate": "viel"}, {"hourly_rate": "-1"}, {"included_hours": "100000"}, {"currency": "E1"},
                  {"included_per": "decade"}):  # fmt: skip
        answer = sales.post(address, data={**form, **wrong}, headers={"HX-Request": "true"})
        page = BeautifulSoup(answer.text, "lxml")
        assert {str(one["data-field"]) for one in page.select("[data-field]")} == set(wrong), wrong
    assert sales.post(address, data={**form, "hourly_rate": "99", "included_per": "year"}).status_code in (204, 303)
    log = BeautifulSoup(sales.get(f"{address}/edit").text, "lxml").select_one(".change-log")
    assert log is not None
    assert "Rike Sommer changed “Hourly rate”: 95.00 → 99.00" in words(log)
    assert "changed “Period”: per month → per year" in words(log)
    technician = bench.world.browser(bench.piet)
    assert technician.post(address, data={**form, "hourly_rate": "1"}).status_code == 403


def test_time_in_the_contract_needs_one_and_the_form_offers_it(bench: Bench, sales: Browser) -> None:
    piet = bench.world.browser(bench.piet)
    refused = note(bench, piet, kind="contract")
    assert refused.status_code == 422
    assert "This ticket has no contract. Choose one, or say otherwise who pays." in refused.text
    assert bench.entries() == []
    assert "No contract of the customer runs" in piet.get(f"/tickets/{bench.first.number}/time/new").text
    with bench.world.rows():
        contract = agree(sales)
    form = bench.form(piet, f"/tickets/{bench.first.number}/time/new")
    assert form["contract"] == str(contract)
    assert note(bench, piet, kind="contract", contract="").status_code == 422
    assert note(bench, piet, kind="billable").status_code == 200, "which leaves the ticket as it is"
    assert note(bench, piet, kind="contract").status_code == 200
    with bench.world.rows():
        ticket = session.get_one(Ticket, bench.first.id)
        assert ticket.contract_id == contract
        logged = session.scalars(select(Activity).where(Activity.verb == "contract")).one()
        assert (logged.actor_name, logged.after) == ("Piet Hagenauer", "Wartung Gold")
    assert "contract" not in bench.form(piet, f"/tickets/{bench.first.number}/time/new")


def test_an_entry_is_moved_into_the_contract_only_where_there_is_one(bench: Bench, sales: Browser) -> None:
    piet = bench.world.browser(bench.piet)
    assert note(bench, piet).status_code == 200
    entry = bench.entries()[0].id
    form = bench.form(piet, f"/time/{entry}/edit")
    answer = piet.post(f"/time/{entry}", data={**form, "kind": "contract"}, headers={"HX-Request": "true"})
    assert (answer.status_code, bench.entries()[0].kind) == (422, "billable")
    with bench.world.rows():
        contract = agree(sales)
    form = bench.form(piet, f"/time/{entry}/edit")
    assert piet.post(f"/time/{entry}", data={**form, "kind": "contract", "contract": str(contract)}).status_code == 200
    assert bench.entries()[0].kind == "contract"


def test_the_rate_is_the_contracts_unless_another_is_typed(bench: Bench, sales: Browser) -> None:
    piet = bench.world.browser(bench.piet)
    with bench.world.rows():
        contract = agree(sales, currency="CHF")
    put_under(bench, piet, contract)
    page = piet.get(f"/tickets/{bench.first.number}/time/new").text
    assert "Rate per hour (CHF)" in page
    assert "Without a rate, as Wartung Gold says: Billable CHF" in page
    for fields in ({"kind": "billable"}, {"kind": "contract"}, {"kind": "goodwill"}, {"rate": "50"}, {"rate": "0"}):
        assert note(bench, piet, **fields).status_code == 200
    rates = [(one.rate, one.currency) for one in bench.entries()]
    assert rates == [
        (Decimal("95.00"), "CHF"), (Decimal("80.50"), "CHF"), (None, "CHF"), (Decimal(50), "CHF"), (Decimal(0), "CHF"),
    ]  # fmt: skip
    first, typed = bench.entries()[0].id, bench.entries()[3].id
    for entry in (first, typed):
        form = bench.form(piet, f"/time/{entry}/edit")
        answer = piet.post(f"/time/{entry}", data={**form, "kind": "contract"})
    assert [bench.entries()[0].rate, bench.entries()[3].rate] == [Decimal("80.50"), Decimal(50)]
    undo = BeautifulSoup(answer.text, "lxml").select_one("form")
    assert undo is not None
    back = {str(one["name"]): str(one.get("value", "")) for one in undo.select("input[name]")}
    assert piet.post(f"/time/{typed}", data=back).status_code == 200
    assert (bench.entries()[3].kind, bench.entries()[3].rate) == ("billable", Decimal(50))


def test_a_rate_is_saved_in_the_currency_it_was_asked_in_or_not_at_all(bench: Bench, sales: Browser) -> None:
    piet, address = bench.world.browser(bench.piet), f"/tickets/{bench.first.number}/time"
    form = bench.form(piet, f"{address}/new")
    assert form["currency"] == "EUR"
    with bench.world.rows():
        contract = agree(sales, currency="CHF")
    typed = {**form, "minutes": "30", "rate": "95", "kind": "contract", "contract": str(contract)}
    refused = piet.post(address, data=typed, headers={"HX-Request": "true"})
    assert refused.status_code == 422, "the contract that the form chooses has another currency"
    assert "This is counted in CHF, not in EUR. Leave the rate out here" in refused.text
    assert [str(one["data-field"]) for one in BeautifulSoup(refused.text, "lxml").select("[data-field]")] == ["rate"]
    with bench.world.rows():
        assert session.get_one(Ticket, bench.first.id).contract_id is None
    assert piet.post(address, data={**typed, "rate": ""}).status_code == 200
    assert piet.post(address, data={**typed, "token": "another"}).status_code == 422, "it has come under it meanwhile"
    assert [(one.rate, one.currency) for one in bench.entries()] == [(Decimal("80.50"), "CHF")]
    again = bench.form(piet, f"/time/{bench.entries()[0].id}/edit")
    assert again["currency"] == "CHF"
    assert piet.post(f"/time/{bench.entries()[0].id}", data={**again, "rate": "70"}).status_code == 200
    assert note(bench, piet, rate="60").status_code == 200
    assert [(one.rate, one.currency) for one in bench.entries()] == [(Decimal(70), "CHF"), (Decimal(60), "CHF")]


def test_travel_without_a_price_costs_the_flat_rate(bench: Bench, sales: Browser) -> None:
    piet, address = bench.world.browser(bench.piet), f"/tickets/{bench.first.number}/items"
    with bench.world.rows():
        contract = agree(sales)
    put_under(bench, piet, contract)
    assert "Travel without a price costs €45.00" in piet.get(f"{address}/new").text
    for fields in ({"kind": "travel"}, {"kind": "travel", "price": "0"}, {"kind": "product"}):
        form = {**bench.form(piet, f"{address}/new"), "name": "Anfahrt", **fields}
        assert piet.post(address, data=form).status_code < 300
    assert [one.price for one in bench.items()] == [Decimal(45), Decimal(0), Decimal(0)]


def test_the_same_over_the_api(bench: Bench) -> None:
    with bench.world.rows():
        token = auth.create_api_token("erp", "admin")
    api, headers = bench.world.browser(), {"Authorization": f"Bearer {token}"}
    said = {"customer": "K1", "name": "Wartung", "starts_on": clock.now().date().isoformat()}
    prices = {"included_hours": 10.5, "included_per": "quarter", "hourly_rate": 95, "hourly_rate_in_contract": 80.5,
              "travel_flat_rate": 45, "currency": "CHF"}  # fmt: skip
    made = api.put("/api/v1/contracts/V-1", json=said | prices, headers=headers)
    assert made.status_code == 201
    assert {name: made.get_json()[name] for name in prices} == prices
    kept = api.put("/api/v1/contracts/V-1", json=said, headers=headers).get_json()
    assert {name: kept[name] for name in prices} == prices, "what is left out stays"
    gone = api.put("/api/v1/contracts/V-1", json=said | {"included_hours": None}, headers=headers).get_json()
    assert gone["included_hours"] is None
    assert api.put("/api/v1/contracts/V-1", json=said | {"hourly_rate": -1}, headers=headers).status_code == 422
    address = f"/api/v1/tickets/{bench.first.number}"
    worked = {"person": bench.piet.mail, "date": clock.now().date().isoformat(), "minutes": 60, "kind": "contract"}
    refused = api.post(f"{address}/time", json=worked, headers=headers)
    assert refused.status_code == 422
    assert "kind" in refused.get_json()["fields"]
    assert api.patch(address, json={"contract": "V-1"}, headers=headers).status_code == 200
    noted = [api.post(f"{address}/time", json=worked | more, headers=headers).get_json()
             for more in ({}, {"rate": None}, {"rate": 50}, {"currency": "EUR"})]  # fmt: skip
    assert [(one["rate"], one["currency"]) for one in noted] == [
        (80.5, "CHF"), (None, "CHF"), (50, "CHF"), (None, "EUR"),
    ]  # fmt: skip
    travel = {"kind": "travel", "name": "Anfahrt", "quantity": 1}
    assert api.post(f"{address}/items", json=travel, headers=headers).get_json()["price"] == 45
