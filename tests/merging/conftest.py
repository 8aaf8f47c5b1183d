"""Tickets that came by mail through the sandbox's mailbox, and the doors by which they are merged."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from backend.data_rules import RULES
from backend.db import plain_url, session
from backend.people.models import Customer, Person
from backend.tickets.models import Activity, Message, Ticket
from tests.world import JANA, Browser, World, mail


@dataclass
class Desk:
    """Jana writes, Piet merges."""

    world: World
    customer: Customer
    jana: Person
    piet: Person
    browser: Browser
    mails: dict[int, str] = field(default_factory=dict)  # by ticket, the Message-ID of its first mail

    def asks(self, subject: str, **given: Any) -> int:
        """A new ticket of Jana's, by mail; its number."""
        message_id = f"<{subject.lower().replace(' ', '-')}@moebelwerk-tressow.example>"
        self.arrives(mail(subject=subject, text=f"{subject}: bitte", message_id=message_id, **given))
        with self.world.rows():
            number = session.scalars(select(Ticket.number).where(Ticket.subject == subject)).one()
        self.mails[number] = message_id
        return number

    def arrives(self, raw: bytes) -> None:
        """A mail comes into the sandbox's mailbox and is taken in by the jobs."""
        self.world.deliver(raw)
        self.world.run("mail.sweep")
        self.world.work()

    def merge(self, source: int, into: int, **form: str) -> Any:
        """Piet merges by the page's form."""
        return self.browser.post(
            f"/tickets/{source}/merge", data={"into": str(into), **form}, headers={"HX-Request": "true"}
        )

    def unmerge(self, number: int) -> None:
        """Piet takes it back."""
        assert self.browser.post(f"/tickets/{number}/unmerge", headers={"HX-Request": "true"}).status_code == 200

    def row(self, number: int) -> Ticket:
        """The ticket as it stands."""
        with self.world.rows():
            return session.scalars(select(Ticket).where(Ticket.number == number)).one()

    def texts(self, number: int) -> list[str]:
        """What stands on the ticket, in order; only the first words."""
        with self.world.rows():
            query = select(Message.text).join(Ticket, Ticket.id == Message.ticket_id).where(Ticket.number == number)
            return [text.split(":")[0] for text in session.scalars(query.order_by(Message.id))]

    def verbs(self, number: int) -> list[str]:
        """What happened to the ticket."""
        with self.world.rows():
            query = select(Activity.verb).join(Ticket, Ticket.id == Activity.ticket_id).where(Ticket.number == number)
            return list(session.scalars(query.order_by(Activity.id)))

    def finds(self, words: str) -> list[int]:
        """The numbers of the tickets that a search finds."""
        answer = self.browser.get("/tickets", query_string={"view": "all", "q": words}).text
        with self.world.rows():
            return [number for number in session.scalars(select(Ticket.number)) if f'id="t{number}"' in answer]

    def sound(self) -> None:
        """Every rule of `deskside doctor --data` holds."""
        with psycopg.connect(plain_url(self.world.settings.database_url)) as connection:
            broken = [rule.says for rule in RULES if not rule.hint and connection.execute(rule.wrong).fetchall()]
        assert not broken


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    """See `Desk`; whatever the test did, the data is sound afterwards."""
    customer = world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    jana = world.contact("Jana Wiedekind", JANA, customer)
    piet = world.staff("Piet Hagenauer")
    with world.rows():
        session.get_one(Person, piet.id).language = "en"
    made = Desk(world, customer, jana, piet, world.browser(piet))
    yield made
    made.sound()
