"""A little company for the desk's tests: one customer, two technicians, a ticket with a past."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event

from backend import db
from backend.db import session
from backend.people.models import Customer, Person, Team, TeamMember
from backend.tickets.actions import Enclosure, Said, note, open_ticket, receive
from backend.tickets.models import Channel, Ticket
from tests.world import JANA, Browser, World


@dataclass
class Desk:
    """What a test of the desk begins with; `browser` is Piet's."""

    world: World
    customer: Customer
    jana: Person
    piet: Person
    aylin: Person
    team: int
    browser: Browser
    ticket: int = 0

    def open(self, subject: str, **properties: Any) -> int:
        """A new ticket of Jana's with one mail; returns its number."""
        return self.open_all([subject], **properties)[0]

    def open_all(self, subjects: list[str], **properties: Any) -> list[int]:
        """The same for several at once, each a moment after the one before."""
        numbers = []
        with self.world.app.test_request_context(), self.world.rows():
            for subject in subjects:
                ticket = open_ticket(self.jana.who(), subject, contact=self.jana, source="mail", **properties)
                said = Said(text=f"{subject}: bitte ansehen", channel=Channel.MAIL, author_mail=JANA)
                receive(ticket, self.jana.who(), said)
                numbers.append(ticket.number)
        return numbers

    def note_all(self, texts: list[str]) -> None:
        """Notes of Piet's on the first ticket."""
        with self.world.app.test_request_context(), self.world.rows():
            ticket = session.query(Ticket).filter_by(number=self.ticket).one()
            for text in texts:
                note(ticket, self.piet.who(), Said(text=text))

    def page(self, path: str, **headers: str) -> BeautifulSoup:
        """The page at `path` as Piet sees it."""
        answer = self.browser.get(path, headers=headers)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return BeautifulSoup(answer.text, "lxml")

    def numbers(self, path: str) -> list[int]:
        """The numbers of the tickets in the list at `path`, in order."""
        return [int(str(row["id"])[1:]) for row in self.page(path).select("tr[data-row]")]

    def row(self, number: int) -> Ticket:
        """The ticket's row as it stands."""
        with self.world.rows():
            return session.query(Ticket).filter_by(number=number).one()

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The statements sent to the database inside, by this thread: a late word of an open page is none of them."""
        sent: list[str] = []
        here = threading.get_ident()

        def note_down(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
            if threading.get_ident() == here:
                sent.append(statement)

        event.listen(db.engine(), "before_cursor_execute", note_down)
        try:
            yield sent
        finally:
            event.remove(db.engine(), "before_cursor_execute", note_down)


@pytest.fixture
def desk(world: World) -> Desk:
    """See `Desk`."""
    customer = world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    jana = world.contact("Jana Wiedekind", JANA, customer)
    piet, aylin = world.staff("Piet Hagenauer"), world.staff("Aylin Demirsoy")
    with world.rows():
        team = Team(name="Hotline")
        session.add(team)
        session.flush()
        session.add(TeamMember(team_id=team.id, person_id=piet.id))
        for person in (piet, aylin):
            session.get_one(Person, person.id).language = "en"
    made = Desk(world, customer, jana, piet, aylin, team.id, world.browser(piet))
    made.ticket = made.open("Etikettendrucker in Halle 2")
    with world.app.test_request_context(), world.rows():
        ticket = session.query(Ticket).filter_by(number=made.ticket).one()
        note(ticket, aylin.who(), Said(text="Ersatzkopf liegt im Lager"))
        shown = '<p style="color:red">Auf dem Display steht <b>Kopf prüfen</b></p><table><tr><td>1</td></tr></table>'
        files = (
            Enclosure("bild.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
            Enclosure("protokoll <b>.txt", "text/plain", b"x" * 6000),
        )
        said = Said(
            text="Auf dem Display steht Kopf prüfen",
            html=shown,
            quoted="> bitte neue Rolle",
            channel=Channel.MAIL,
            author_mail=JANA,
            to=[{"name": "Service", "address": "service@nordlicht-it.example"}],
            cc=[{"name": "Torben Lasch", "address": "torben.lasch@moebelwerk-tressow.example"}],
            enclosures=files,
        )
        receive(ticket, jana.who(), said)
    return made


def stranger(world: World) -> Person:
    """A contact of another customer."""
    other = world.customer("K2", "Kanzlei Lindhagen", domains=["kanzlei-lindhagen.example"])
    return world.contact("Svea Grootmann", "svea.grootmann@kanzlei-lindhagen.example", other)
