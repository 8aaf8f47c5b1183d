"""Worked time on a ticket that was merged, that somebody no longer sees, or that others work on at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend import auth, clock
from backend.contracts.models import Contract
from backend.db import plain_url, session
from backend.merging.actions import merge
from backend.people.models import Person
from backend.tickets.actions import change, open_subticket
from backend.tickets.models import Ticket
from backend.worklog.models import Timer
from tests.waiting import eventually
from tests.worklog.conftest import Bench
from tests.world import World

pytestmark = pytest.mark.slow


def _merge(bench: Bench) -> None:
    with bench.world.app.test_request_context(), bench.world.rows():
        merge(bench.first.id, bench.second.id, bench.marek.who())


def test_a_stale_form_of_a_merged_ticket_says_where_it_goes_on(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    form = bench.form(piet, f"/tickets/{bench.first.number}/time/new")
    _merge(bench)
    refusals = [
        piet.post(f"/tickets/{bench.first.number}/time", data={**form, "minutes": "25"}),
        piet.post(f"/tickets/{bench.first.number}/items", data={"name": "Rolle", "quantity": "1"}),
    ]
    for answer in refusals:
        assert answer.status_code == 409
        assert f"#{bench.first.number} is merged into #{bench.second.number}. Please go on there." in answer.text
    assert (bench.entries(), bench.items()) == ([], [])


def test_a_page_that_stood_open_counts_on_the_ticket_that_goes_on(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    _merge(bench)
    assert piet.post(f"/tickets/{bench.first.number}/timer/start").status_code == 204
    assert bench.bar(piet)["data-ticket-number"] == str(bench.second.number)


def _hidden(bench: Bench) -> Ticket:
    """A sub-ticket of Piet's that is Aylin's when this is through; Piet keeps one beside it."""
    with bench.world.app.test_request_context(), bench.world.rows():
        parent = session.get_one(Ticket, bench.first.id)
        change(parent, bench.marek.who(), assignee=session.get_one(Person, bench.marek.id))
        open_subticket(parent, bench.marek.who(), "Kabel", assignee=session.get_one(Person, bench.piet.id))
        return open_subticket(parent, bench.marek.who(), "Birkenlack", assignee=session.get_one(Person, bench.piet.id))


def _give_away(bench: Bench, ticket: Ticket) -> None:
    with bench.world.app.test_request_context(), bench.world.rows():
        row = session.get_one(Ticket, ticket.id)
        change(row, bench.marek.who(), assignee=session.get_one(Person, bench.aylin.id))


def test_what_stands_on_a_ticket_that_is_hidden_now_is_not_read(bench: Bench) -> None:
    piet, ticket = bench.world.browser(bench.piet), _hidden(bench)
    form = bench.form(piet, f"/tickets/{ticket.number}/time/new")
    assert piet.post(f"/tickets/{ticket.number}/time", data={**form, "minutes": "25"}).status_code == 200
    entry = bench.entries()[0].id
    assert piet.get(f"/time/{entry}/edit").status_code == 200
    _give_away(bench, ticket)
    assert piet.get(f"/tickets/{ticket.number}").status_code == 404
    answer = piet.get(f"/time/{entry}/edit")
    assert (answer.status_code, "Birkenlack" in answer.text) == (404, False)


def test_a_timer_on_a_ticket_that_is_hidden_now_can_be_discarded(bench: Bench) -> None:
    piet, ticket = bench.world.browser(bench.piet), _hidden(bench)
    assert piet.post(f"/tickets/{ticket.number}/timer/start").status_code == 204
    timer = bench.bar(piet)["data-timer"]
    bench.pass_minutes(7)
    _give_away(bench, ticket)
    answer = piet.post(f"/timer/{timer}/discard")
    assert (answer.status_code, "Birkenlack" in answer.text) == (200, False)
    with bench.world.rows():
        assert session.scalars(select(Timer.outcome)).all() == ["discarded"]


def test_a_timer_on_a_ticket_that_is_hidden_now_is_listed_without_title_and_becomes_an_entry(bench: Bench) -> None:
    piet, ticket = bench.world.browser(bench.piet), _hidden(bench)
    assert piet.post(f"/tickets/{ticket.number}/timer/start").status_code == 204
    bench.pass_minutes(7)
    _give_away(bench, ticket)
    bar, listed = bench.bar(piet), piet.get("/timers").text
    assert bench.minutes(piet) == 7
    for said in (str(bar), listed, piet.get("/time").text):
        assert "A ticket you no longer see" in said
        assert ("Birkenlack" in said, str(ticket.number) in said) == (False, False)
    timer = bar["data-timer"]
    assert f'hx-get="/timer/{timer}/time/new"' in str(bar)
    assert f'hx-get="/timer/{timer}/time/new"' in listed
    piet.post(f"/timer/{timer}/pause")
    assert bench.bar(piet)["data-state"] == "paused"
    piet.post(f"/tickets/{bench.second.number}/timer/start")
    assert bench.bar(piet)["data-ticket-number"] == str(bench.second.number)
    offered = BeautifulSoup(piet.get(f"/timer/{timer}/time/new").text, "lxml").select("[name=kind] option")
    assert [str(one["value"]) for one in offered] == ["billable", "goodwill", "internal"], "no ticket, no contract"
    form = bench.form(piet, f"/timer/{timer}/time/new")
    assert form["minutes"] == "7"
    aylin = bench.world.browser(bench.aylin)
    assert aylin.get(f"/timer/{timer}/time/new").status_code == 404
    assert aylin.post(f"/timer/{timer}/time", data=form).status_code == 404
    saved = piet.post(f"/timer/{timer}/time", data={**form, "text": "Kabel gezogen"})
    assert (saved.status_code, "Birkenlack" in saved.text) == (200, False)
    (entry,) = bench.entries()
    assert (entry.ticket_id, entry.minutes, entry.text) == (ticket.id, 7, "Kabel gezogen")
    assert "A ticket you no longer see" not in piet.get("/timers").text
    assert piet.post(f"/timer/{timer}/time", data=form).status_code == 409
    assert "Kabel gezogen" in aylin.get(f"/tickets/{ticket.number}").text


def test_a_rate_on_a_ticket_that_is_hidden_now_stays_in_the_currency_it_was_asked_in(bench: Bench) -> None:
    piet, ticket = bench.world.browser(bench.piet), _hidden(bench)
    assert piet.post(f"/tickets/{ticket.number}/timer/start").status_code == 204
    bench.pass_minutes(7)
    with bench.world.rows():
        now = clock.now()
        contract = Contract(
            number="V-1", customer_id=bench.customer.id, name="Wartung", starts_on=now.date(), hourly_rate=95,
            currency="CHF", created_at=now, updated_at=now,
        )  # fmt: skip
        session.add(contract)
        session.flush()
        session.get_one(Ticket, ticket.id).contract_id = contract.id
    _give_away(bench, ticket)
    timer = bench.bar(piet)["data-timer"]
    form = bench.form(piet, f"/timer/{timer}/time/new")
    assert form["currency"] == "EUR"
    assert piet.post(f"/timer/{timer}/time", data={**form, "rate": "50"}).status_code == 200
    assert [(one.rate, one.currency) for one in bench.entries()] == [(Decimal(50), "EUR")]


def _waits(connection: Any) -> bool:
    query = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    return connection.execute(query).fetchone() is not None


@pytest.mark.parametrize("way", ["change", "delete", "take-back", "item", "API time", "API item"])
def test_whoever_changes_what_stands_on_a_ticket_takes_the_ticket_first(bench: Bench, world: World, way: str) -> None:
    piet = bench.world.browser(bench.piet)
    assert piet.post(f"/tickets/{bench.first.number}/timer/start").status_code == 204
    bench.pass_minutes(7)
    form = bench.form(piet, f"/tickets/{bench.first.number}/time/new")
    assert piet.post(f"/tickets/{bench.first.number}/time", data=form).status_code == 200
    piet.post(f"/tickets/{bench.first.number}/items", data={"name": "Rolle", "quantity": "1"})
    entry, item = bench.entries()[0].id, bench.items()[0].id
    with world.rows():
        program = {"Authorization": f"Bearer {auth.create_api_token('Zeiterfassung', 'technician')}"}
    version = bench.form(piet, f"/time/{entry}/edit")
    posts: dict[str, Any] = {
        "change": lambda: piet.post(f"/time/{entry}", data={**version, "minutes": "9"}),
        "delete": lambda: piet.post(f"/time/{entry}/delete"),
        "take-back": lambda: piet.post(f"/time/{entry}/take-back"),
        "item": lambda: piet.post(f"/items/{item}/delete"),
        "API time": lambda: world.app.test_client().patch(
            f"/api/v1/time/{entry}", json={"minutes": 9}, headers=program
        ),
        "API item": lambda: world.app.test_client().delete(f"/api/v1/items/{item}", headers=program),
    }
    address = plain_url(world.settings.database_url)
    with psycopg.connect(address) as other, psycopg.connect(address, autocommit=True) as looks:
        other.execute("select id from tickets where id = %s for no key update", (bench.first.id,))
        with ThreadPoolExecutor(1) as threads:
            answer = threads.submit(posts[way])
            try:
                eventually(lambda: _waits(looks), otherwise=lambda: answer.done() and answer.result().status_code)
            finally:
                other.rollback()
            assert answer.result().status_code == 200
