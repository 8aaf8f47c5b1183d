"""Two tickets of Möbelwerk Tressow, two technicians, an administrator, and what stands in the tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend import clock
from backend.contracts.models import Contract
from backend.data_rules import RULES
from backend.db import plain_url, session
from backend.people.models import Customer, Person
from backend.tickets.actions import open_ticket
from backend.tickets.models import Activity, Ticket
from backend.worklog.models import TicketItem, TimeEntry
from tests.world import JANA, Browser, World


@dataclass
class Bench:
    """Everything a test of worked time needs."""

    world: World
    piet: Person
    aylin: Person
    marek: Person
    jana: Person
    customer: Customer
    first: Ticket
    second: Ticket

    def pass_minutes(self, minutes: float) -> None:
        """Time passes."""
        self.world.pass_time(timedelta(minutes=minutes))

    def bar(self, browser: Browser) -> Any:
        """The timer's bar as it stands; None where nothing is counted."""
        answer = browser.get("/timer", headers={"HX-Request": "true"})
        assert answer.status_code == 200
        found = BeautifulSoup(answer.text, "lxml").select_one("#timer")
        assert found is not None
        return found if found.get("data-timer") else None

    def minutes(self, browser: Browser) -> int:
        """Whole minutes that the bar shows."""
        return int(self.bar(browser)["data-seconds"]) // 60

    def open(self, browser: Browser, ticket: Ticket) -> None:
        """The page of that ticket is opened: it posts what its script does."""
        assert browser.get(f"/tickets/{ticket.number}").status_code == 200
        answer = browser.post(f"/tickets/{ticket.number}/timer/start", data={"opening": "1"})
        assert answer.status_code == 204

    def form(self, browser: Browser, address: str) -> dict[str, str]:
        """The fields of a form as a browser would post them unchanged."""
        answer = browser.get(address)
        assert answer.status_code == 200, address
        page = BeautifulSoup(answer.text, "lxml")
        fields = {str(one["name"]): str(one.get("value", "")) for one in page.select("input[name]:not([type=file])")}
        for one in page.select("textarea[name]"):
            fields[str(one["name"])] = one.text.strip()
        for chosen in page.select("select[name]"):
            option = chosen.select_one("option[selected]") or chosen.select_one("option")
            fields[str(chosen["name"])] = str(option["value"]) if option is not None else ""
        return fields

    def entries(self) -> list[TimeEntry]:
        """The time entries that are there, oldest first."""
        with self.world.rows():
            query = select(TimeEntry).where(TimeEntry.deleted_at.is_(None)).order_by(TimeEntry.id)
            return list(session.scalars(query))

    def items(self) -> list[TicketItem]:
        """The items that are there, oldest first."""
        with self.world.rows():
            return list(
                session.scalars(select(TicketItem).where(TicketItem.deleted_at.is_(None)).order_by(TicketItem.id))
            )

    def put_under_a_contract(self) -> None:
        """The first ticket is worked under a contract that names no prices."""
        now = clock.now()
        with self.world.rows():
            contract = Contract(
                number="V-0", customer_id=self.customer.id, name="Wartung", starts_on=now.date(), created_at=now,
                updated_at=now,
            )  # fmt: skip
            session.add(contract)
            session.flush()
            session.get_one(Ticket, self.first.id).contract_id = contract.id

    def verbs(self, ticket: Ticket) -> list[str]:
        """What happened on the ticket with time and items, oldest first."""
        with self.world.rows():
            rows = session.scalars(
                select(Activity.verb).where(Activity.ticket_id == ticket.id).order_by(Activity.id)
            ).all()
            return [verb for verb in rows if verb.startswith(("time_", "item_", "timer_"))]

    def offences(self) -> list[str]:
        """Which rules of the data about timers are broken."""
        rules = [rule for rule in RULES if rule.table in ("timer_segments", "timers", "time_entries")]
        assert len(rules) >= 4
        with psycopg.connect(plain_url(self.world.settings.database_url)) as connection:
            return [rule.says for rule in rules if connection.execute(rule.wrong).fetchall()]


@pytest.fixture
def bench(world: World) -> Iterator[Bench]:
    """A world with two tickets; at the end no minute was counted twice."""
    piet, aylin, marek = world.staff("Piet Hagenauer"), world.staff("Aylin Demirsoy"), world.staff("Marek Ostwald")
    customer = world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    jana = world.contact("Jana Wiedekind", JANA, customer)
    with world.rows():
        for person in (piet, aylin, marek):
            session.get_one(Person, person.id).language = "en"
        first = open_ticket(piet.who(), "Drucker druckt nicht", contact=jana)
        second = open_ticket(piet.who(), "VPN trennt", contact=jana)
    made = Bench(world, piet, aylin, marek, jana, customer, first, second)
    yield made
    assert made.offences() == []
