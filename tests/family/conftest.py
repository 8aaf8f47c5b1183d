"""A ticket of Jana's that Tomma owns, with a sub-ticket of Piet's and one of Aylin's."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from backend.db import session
from backend.people.models import Customer, Person
from backend.tickets.actions import Said, change, note, open_subticket, open_ticket, receive
from backend.tickets.models import Ticket
from tests.world import JANA, Browser, World

SECRET = "Birkenlack"  # stands only in what belongs to Aylin's sub-ticket


@dataclass
class Kin:
    """`parent` is Tomma's, `pieces[0]` Piet's, `pieces[1]` Aylin's; Lena has none of them, Marek administers."""

    world: World
    customer: Customer
    jana: Person
    people: dict[str, Person]
    parent: int = 0
    piets: int = 0
    aylins: int = 0

    def browser(self, name: str) -> Browser:
        """A browser in which that person is signed in."""
        return self.world.browser(self.people[name])

    def row(self, number: int) -> Ticket:
        """The ticket as it stands."""
        with self.world.rows():
            return session.scalars(select(Ticket).where(Ticket.number == number)).one()


@pytest.fixture
def kin(world: World) -> Kin:
    """See `Kin`."""
    customer = world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    jana = world.contact("Jana Wiedekind", JANA, customer)
    named = {"tomma": "Tomma Kielhorn", "piet": "Piet Hagenauer", "aylin": "Aylin Demirsoy", "lena": "Lena Brandis"}
    people = {key: world.staff(name, "dispatcher" if key == "lena" else "technician") for key, name in named.items()}
    people["marek"] = world.staff("Marek Ostwald", "administrator")
    with world.rows():
        for person in people.values():
            session.get_one(Person, person.id).language = "en"
    made = Kin(world, customer, jana, people)
    with world.app.test_request_context(), world.rows():
        parent = open_ticket(jana.who(), "Netz in Halle 2", contact=jana, source="mail")
        receive(parent, jana.who(), Said(text="Es geht nichts mehr", author_mail=JANA))
        change(parent, people["marek"].who(), assignee=people["tomma"])
        first = open_subticket(parent, people["tomma"].who(), "Kabel prüfen", assignee=people["piet"])
        second = open_subticket(parent, people["tomma"].who(), f"{SECRET} bestellen", assignee=people["aylin"])
        note(second, people["aylin"].who(), Said(text=f"Der {SECRET} ist teuer"))
        session.flush()
        made.parent, made.piets, made.aylins = parent.number, first.number, second.number
    world.work()
    return made
