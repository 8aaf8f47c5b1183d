"""A ticket of Möbelwerk Tressow, a technician, and what stands in calendars and mails."""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any, cast

import pytest
from icalendar import Calendar
from sqlalchemy import select

from backend.db import session
from backend.people.models import Customer, Person
from backend.tickets.actions import open_ticket
from backend.tickets.models import Activity, Ticket
from backend.visits import actions
from backend.visits.models import Visit, VisitEvent
from tests.sandbox import contract
from tests.world import JANA, World

PIET = "piet.hagenauer@nordlicht-it.example"
AYLIN = "aylin.demirsoy@nordlicht-it.example"


@dataclass
class Case:
    """Everything a test of visits needs."""

    world: World
    piet: Person
    aylin: Person
    jana: Person
    customer: Customer
    ticket: Ticket

    def plan(self, start: str = "2031-12-01T09:00", end: str = "2031-12-01T11:00", **more: Any) -> int:
        """Plans a visit; returns its id. `start`, `end`: ISO wall times."""
        given = {
            "ticket": self.ticket,
            "technician": self.piet,
            "timezone": "Europe/Berlin",
            "place": "Halle 2",
            **more,
        }
        with self.world.rows():
            visit = actions.schedule(
                self.piet.who(), start=datetime.fromisoformat(start), end=datetime.fromisoformat(end), **given
            )
        return visit.id

    def move(self, visit_id: int, actor: Person | None = None, **properties: Any) -> None:
        """Moves it; `start`, `end` as ISO wall times."""
        named: dict[str, Any] = {
            name: datetime.fromisoformat(value) if name in ("start", "end") else value
            for name, value in properties.items()
        }
        with self.world.rows():
            actions.move(session.get_one(Visit, visit_id), (actor or self.aylin).who(), **named)

    def cancel(self, visit_id: int) -> None:
        """Calls it off."""
        with self.world.rows():
            actions.cancel(session.get_one(Visit, visit_id), self.aylin.who())

    def visit(self, visit_id: int) -> Visit:
        """It as it stands."""
        with self.world.rows():
            return session.get_one(Visit, visit_id)

    def calendar(self, mail: str = PIET) -> list[dict[str, Any]]:
        """The events in somebody's calendar."""
        return cast(list[dict[str, Any]], self.world.sandbox.get(f"/_sandbox/calendars/{mail}").json())

    def in_outlook(self, event: dict[str, Any], mail: str = PIET, **changes: Any) -> None:
        """Somebody changes an event in Outlook."""
        path = f"/_sandbox/calendars/{mail}/events/{event['id']}"
        answer = self.world.sandbox.patch(path, json=changes)
        assert answer.is_success, answer.text

    def out_of_outlook(self, event: dict[str, Any], mail: str = PIET) -> None:
        """Somebody deletes an event in Outlook."""
        assert self.world.sandbox.delete(f"/_sandbox/calendars/{mail}/events/{event['id']}").is_success

    def settle(self) -> None:
        """Waits for all notifications and does all work, until nothing is left."""
        self.world.work()
        self.world.until(self.world.all_told)
        self.world.work()

    def look(self) -> None:
        """Looks at every event of ours, as a notification lets it be looked at, and does all work."""
        with self.world.rows():
            events = session.scalars(select(VisitEvent.id).where(VisitEvent.wanted)).all()
        for event_id in events:
            self.world.run("visits.look", visit_event_id=event_id, again=False)
        self.settle()

    def verbs(self) -> list[str]:
        """What happened on the ticket with its visits, oldest first."""
        with self.world.rows():
            rows = session.scalars(
                select(Activity.verb).where(Activity.ticket_id == self.ticket.id).order_by(Activity.id)
            )
            return [verb for verb in rows if verb.startswith("visit_")]

    def letters(self) -> list[tuple[EmailMessage, Any]]:
        """The mails about visits that left, each with its calendar object (an icalendar.Calendar)."""
        found = []
        for one in self.world.sent():
            mail: EmailMessage = email.message_from_bytes(self.world.sent_mime(one), policy=email.policy.default)
            part = next((part for part in mail.walk() if part.get_content_type() == "text/calendar"), None)
            if part is not None:
                found.append((mail, Calendar.from_ical(part.get_content())))
        return found

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """What Deskside asked of Microsoft's calendars from that request on."""
        rows = self.world.sandbox.get("/_sandbox/requests", params={"since": since}).json()
        rows = rows["value"] if isinstance(rows, dict) else rows
        return [row for row in rows if "/events" in row["path"] or "/calendar" in row["path"]]


@pytest.fixture
def case(world: World) -> Iterator[Case]:
    """A world with a ticket; at the end every request is held against Microsoft's description."""
    piet, aylin = world.staff("Piet Hagenauer"), world.staff("Aylin Demirsoy")
    customer = world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    jana = world.contact("Jana Wiedekind", JANA, customer)
    with world.rows():
        ticket = open_ticket(piet.who(), "Drucker druckt nicht", contact=jana)
    yield Case(world, piet, aylin, jana, customer, ticket)
    if contract.missing() is None:
        entries = world.sandbox.get("/_sandbox/requests").json()
        found = [offence for entry in entries if contract.whole(entry) for offence in contract.offences(entry)]
        assert not found, "\n".join(found)
