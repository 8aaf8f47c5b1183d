"""Time entries and items: noted, changed, deleted, taken back, summed; what is billed stays."""

import io
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup

from backend import clock
from backend.db import session
from backend.i18n import in_language
from backend.orders.values import Unreadable
from backend.tickets.models import Ticket
from backend.worklog.form import minutes_of
from backend.worklog.models import TicketItem, TimeEntry
from tests.worklog.conftest import Bench
from tests.world import Browser

pytestmark = pytest.mark.slow


def _note(bench: Bench, browser: Browser, ticket: Ticket, **fields: str) -> int:
    form = bench.form(browser, f"/tickets/{ticket.number}/time/new")
    answer = browser.post(f"/tickets/{ticket.number}/time", data={**form, **fields})
    assert answer.status_code == 200, answer.text
    return bench.entries()[-1].id


def _wrong(answer: Any) -> set[str]:
    page = BeautifulSoup(answer.text, "lxml")
    assert answer.status_code == 422, answer.status_code
    return {str(one["data-field"]) for one in page.select("[data-field]")}


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("90", 90),
        ("90 min", 90),
        ("1:30", 90),
        ("0:05", 5),
        ("1,5 h", 90),
        ("1.5h", 90),
        ("2 Std.", 120),
        ("1h 30", 90),
    ],
)
def test_a_length_is_typed_as_people_do(typed: str, minutes: int) -> None:
    assert minutes_of(typed) == minutes


@pytest.mark.parametrize("typed", ["-5", "eine Stunde", "1:2:3", "٣", "1e3"])
def test_what_is_no_length_is_refused(world: object, typed: str) -> None:
    with in_language("en"), pytest.raises(Unreadable):
        minutes_of(typed)


def test_by_hand_with_both_ends_or_only_minutes(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    bench.put_under_a_contract()
    _note(bench, piet, bench.first, start="23:30", until="00:15", kind="contract", rate="95.50", text="Nachts")
    _note(bench, piet, bench.first, minutes="1:30", worked_on="2026-11-20", kind="internal")
    one, two = bench.entries()
    assert (one.minutes, one.start, one.end, one.kind) == (45, time(23, 30), time(0, 15), "contract")
    assert (one.rate, one.currency, one.amount) == (Decimal("95.50"), "EUR", Decimal("71.63"))
    assert (two.minutes, two.start, two.worked_on, two.kind) == (90, None, date(2026, 11, 20), "internal")
    assert "noted 0:45 h of work" in " ".join(piet.get(f"/tickets/{bench.first.number}?tab=activity").text.split())
    rail = piet.get(f"/tickets/{bench.first.number}").text
    assert "45 min not billed" in rail
    assert "2 h 15 min" in rail


def test_the_currency_of_new_entries_is_chosen_on_the_page(bench: Bench) -> None:
    marek, piet = bench.world.browser(bench.marek), bench.world.browser(bench.piet)
    currency = {"key": "time_currency", "value": "CHF"}
    _note(bench, piet, bench.first, minutes="30", rate="90")
    assert marek.post("/settings/about/time", data={**currency, "value": "Taler"}).status_code == 422
    assert marek.post("/settings/about/time", data=currency).status_code == 200
    assert "CHF" in piet.get(f"/tickets/{bench.first.number}/time/new").text
    _note(bench, piet, bench.first, minutes="30", rate="90")
    assert [one.currency for one in bench.entries()] == ["EUR", "CHF"]
    address = f"/tickets/{bench.first.number}/items"
    form = {**bench.form(piet, f"{address}/new"), "name": "Anfahrt", "quantity": "1", "price": "40"}
    assert piet.post(address, data=form).status_code < 300
    assert [one.currency for one in bench.items()] == ["CHF"]
    assert "CHF" in piet.get(f"/tickets/{bench.first.number}").text


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_noted(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    address = f"/tickets/{bench.first.number}/time"
    form = bench.form(piet, f"{address}/new")
    tomorrow = (clock.now() + timedelta(days=3)).date().isoformat()
    for fields, wrong in [
        ({}, {"minutes"}),
        ({"minutes": "0"}, {"minutes"}),
        ({"minutes": "1441"}, {"minutes"}),
        ({"minutes": "5", "worked_on": tomorrow}, {"worked_on"}),
        ({"minutes": "5", "worked_on": ""}, {"worked_on"}),
        ({"minutes": "5", "rate": "viel"}, {"rate"}),
        ({"minutes": "5", "rate": "-1"}, {"rate"}),
        ({"until": "10:00"}, {"start", "minutes"}),
        ({"start": "10:00", "until": "10:00"}, {"until"}),
        ({"minutes": "5", "kind": "free"}, {"kind"}),
    ]:
        answer = piet.post(address, data={**form, **fields}, headers={"HX-Request": "true"})
        assert wrong <= _wrong(answer), fields
    assert bench.entries() == []


def test_changed_deleted_and_each_taken_back_by_its_toast(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    entry = _note(bench, piet, bench.first, minutes="25", text="Rolle")
    form = bench.form(piet, f"/time/{entry}/edit")
    assert (form["minutes"], form["version"]) == ("25", "1")
    answer = piet.post(f"/time/{entry}", data={**form, "minutes": "35"})
    assert bench.entries()[0].minutes == 35
    undo = BeautifulSoup(answer.text, "lxml").select_one("form")
    assert undo is not None
    piet.post(str(undo["hx-post"]), data={str(one["name"]): str(one["value"]) for one in undo.select("input")})
    assert bench.entries()[0].minutes == 25
    assert f"/time/{entry}/restore" in piet.post(f"/time/{entry}/delete").text
    assert bench.entries() == []
    assert "25 min" not in piet.get(f"/tickets/{bench.first.number}").text
    piet.post(f"/time/{entry}/delete")
    piet.post(f"/time/{entry}/restore")
    assert bench.entries()[0].text == "Rolle"
    assert bench.verbs(bench.first) == ["time_noted", "time_changed", "time_changed", "time_removed", "time_restored"]


def test_two_who_change_the_same_entry_lose_nothing(bench: Bench) -> None:
    piet, marek = bench.world.browser(bench.piet), bench.world.browser(bench.marek)
    entry = _note(bench, piet, bench.first, minutes="25")
    mine, theirs = bench.form(piet, f"/time/{entry}/edit"), bench.form(marek, f"/time/{entry}/edit")
    assert marek.post(f"/time/{entry}", data={**theirs, "text": "Marek"}).status_code == 200
    stale = piet.post(f"/time/{entry}", data={**mine, "text": "Piet"}, headers={"HX-Request": "true"})
    assert stale.status_code == 409
    assert bench.entries()[0].text == "Marek"


def test_own_ones_and_administrators_all(bench: Bench) -> None:
    piet, aylin = bench.world.browser(bench.piet), bench.world.browser(bench.aylin)
    entry = _note(bench, piet, bench.first, minutes="25")
    assert f"/time/{entry}/edit" not in aylin.get(f"/tickets/{bench.first.number}").text
    assert aylin.get(f"/time/{entry}/edit").status_code == 404
    assert aylin.post(f"/time/{entry}", data={"minutes": "5", "worked_on": "2026-11-20"}).status_code == 422
    assert aylin.post(f"/time/{entry}/delete").status_code == 422
    assert bench.world.browser(bench.marek).post(f"/time/{entry}/delete").status_code == 200
    assert bench.entries() == []


def test_what_is_billed_stays_as_it_is(bench: Bench) -> None:
    marek = bench.world.browser(bench.marek)
    entry = _note(bench, marek, bench.first, minutes="25")
    marek.post(f"/tickets/{bench.first.number}/items", data={"name": "Rolle", "quantity": "1"})
    item = bench.items()[0].id
    form = bench.form(marek, f"/time/{entry}/edit")
    with bench.world.rows():
        session.get_one(TimeEntry, entry).billed_at = clock.now()
        session.get_one(TicketItem, item).billed_at = clock.now()
    assert marek.post(f"/time/{entry}", data={**form, "minutes": "5"}).status_code == 409
    assert marek.post(f"/time/{entry}/delete").status_code == 409
    assert marek.post(f"/items/{item}", data={"name": "Band", "quantity": "1"}).status_code == 409
    assert marek.post(f"/items/{item}/delete").status_code == 409
    page = marek.get(f"/tickets/{bench.first.number}").text
    assert f"/time/{entry}/edit" not in page
    assert "Billed" in page
    assert (bench.entries()[0].minutes, bench.items()[0].name) == (25, "Rolle")


def test_the_ticket_is_closed_and_the_timer_saved_in_one_step(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    bench.open(piet, bench.first)
    bench.pass_minutes(12)
    address = f"/tickets/{bench.first.number}/time"
    form = bench.form(piet, f"{address}/new?close=1")
    refused = piet.post(address, data={**form, "close": "1", "minutes": "0"}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    with bench.world.rows():
        assert not session.get_one(Ticket, bench.first.id).closed, "one step: neither or both"
    assert piet.post(address, data={**form, "close": "1", "text": "Fertig"}).status_code == 200
    with bench.world.rows():
        assert session.get_one(Ticket, bench.first.id).closed
    assert [(entry.minutes, entry.text) for entry in bench.entries()] == [(12, "Fertig")]
    assert bench.bar(piet) is None


def test_the_sums_of_the_page_are_right(bench: Bench) -> None:
    piet, aylin = bench.world.browser(bench.piet), bench.world.browser(bench.aylin)
    today = clock.now().date()
    day, before = today.isoformat(), (today - timedelta(days=1)).isoformat()
    _note(bench, piet, bench.first, minutes="50", worked_on=day)
    _note(bench, piet, bench.second, minutes="25", worked_on=day, kind="goodwill")
    _note(bench, piet, bench.second, minutes="20", worked_on=before)
    piet.post(f"/time/{_note(bench, piet, bench.second, minutes='59', worked_on=day)}/delete")
    _note(bench, aylin, bench.first, minutes="7", worked_on=day)

    def shown(query: str) -> tuple[str, list[str]]:
        page = BeautifulSoup(piet.get(f"/time?from={before}&to={day}{query}").text, "lxml")
        found = page.select_one("[data-sum]")
        return found.text if found else "", [one.text for one in page.select("[data-day-sum]")]

    assert shown("") == ("1 h 35 min", ["1 h 15 min", "20 min"])
    assert shown("&person=all") == ("1 h 42 min", ["1 h 22 min", "20 min"])
    assert shown(f"&person={bench.aylin.id}") == ("7 min", ["7 min"])
    assert shown(f"&person=all&customer={bench.customer.id}")[0] == "1 h 42 min"
    assert shown("&person=all&customer=999999")[0] == ""
    assert piet.get("/time?from=x&to=0001-01-01&person=%00&customer=-1").status_code == 200


def test_items_with_discount_and_receipt(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    address = f"/tickets/{bench.first.number}/items"
    form = bench.form(piet, f"{address}/new")
    parked = {"kind": "expense", "name": "Parken", "quantity": "1", "price": "4.50"}
    receipt = (io.BytesIO(b"Quittung"), "../Beleg 1.txt")
    answer = piet.post(address, data={**form, **parked, "file": receipt}, content_type="multipart/form-data")
    assert answer.status_code == 200
    cable = {"kind": "product", "name": "Patchkabel", "quantity": "2.5", "price": "19.99", "discount": "10"}
    assert piet.post(address, data={**bench.form(piet, f"{address}/new"), **cable}).status_code == 200
    one, two = bench.items()
    assert (one.total, one.file_name, one.file_size) == (Decimal("4.50"), "Beleg 1.txt", 8)
    assert two.total == Decimal("44.98")
    assert piet.get(f"/items/{one.id}/file").data == b"Quittung"
    rail = piet.get(f"/tickets/{bench.first.number}").text
    assert "€49.48" in rail
    form = bench.form(piet, f"/items/{two.id}/edit")
    assert (form["price"], form["discount"]) == ("19.99", "10")
    assert piet.post(f"/items/{two.id}", data={**form, "quantity": "1"}).status_code == 200
    stale = piet.post(f"/items/{two.id}", data={**form, "quantity": "3"}, headers={"HX-Request": "true"})
    assert stale.status_code == 409
    assert bench.items()[1].total == Decimal("17.99")
    assert f"/items/{one.id}/restore" in piet.post(f"/items/{one.id}/delete").text
    assert piet.get(f"/items/{one.id}/file").status_code == 404
    piet.post(f"/items/{one.id}/restore")
    assert len(bench.items()) == 2
    assert bench.verbs(bench.first) == ["item_added", "item_added", "item_changed", "item_removed", "item_restored"]


def test_an_item_that_makes_no_sense_is_refused(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    address = f"/tickets/{bench.first.number}/items"
    for fields, wrong in [
        ({"name": "", "quantity": "1"}, {"name"}),
        ({"name": "Rolle", "quantity": "0"}, {"quantity"}),
        ({"name": "Rolle", "quantity": "1", "discount": "101"}, {"discount"}),
        ({"name": "Rolle", "quantity": "1", "price": "99999999999"}, {"price"}),
    ]:
        answer = piet.post(address, data=fields, headers={"HX-Request": "true"})
        assert wrong <= _wrong(answer), fields
    assert bench.items() == []


def test_amounts_are_typed_in_the_readers_language(bench: Bench) -> None:
    tomma = bench.world.staff("Tomma Kielhorn")
    browser = bench.world.browser(tomma)
    with bench.world.rows():
        session.merge(tomma).language = "de"
    answer = browser.post(
        f"/tickets/{bench.first.number}/items", data={"name": "Rolle", "quantity": "1,5", "price": "1.234,50"}
    )
    assert answer.status_code == 200
    assert bench.items()[0].total == Decimal("1851.75")


def test_customers_see_nothing_of_it(bench: Bench) -> None:
    piet, jana = bench.world.browser(bench.piet), bench.world.browser(bench.jana)
    entry = _note(bench, piet, bench.first, minutes="25")
    for address in ("/time", "/timer", f"/time/{entry}/edit", f"/tickets/{bench.first.number}/time/new"):
        assert jana.get(address).status_code == 403, address
