"""Chats for tests: people of the sandbox who are known to us, and control calls as the people would press and write."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from backend.chat.models import Chat
from backend.db import session
from backend.people.models import Customer, Identity, Person
from backend.tickets.actions import Said, open_ticket, receive
from backend.tickets.models import Activity, Message, Ticket
from tests.world import JANA, World

PIET = "piet.hagenauer@nordlicht-it.example"
AYLIN = "aylin.demirsoy@nordlicht-it.example"


@dataclass
class Desk:
    """A desk in Teams: Jana is a customer's contact, Piet and Aylin are technicians."""

    world: World
    customer: Customer
    jana: Person
    piet: Person
    aylin: Person
    people: dict[str, dict[str, Any]] = field(default_factory=dict)

    def control(self, method: str, path: str, status: int = 0, **given: Any) -> Any:
        """A control call of the sandbox below /_sandbox/teams."""
        answer = self.world.sandbox.request(method, f"/_sandbox/teams{path}", **given)
        assert answer.status_code == status if status else answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    def write(self, mail: str, text: str, **more: Any) -> dict[str, Any]:
        """That person writes to the bot."""
        found: dict[str, Any] = self.control("POST", "/messages", json={"from": mail, "text": text, **more})
        return found

    def says(self, mail: str, text: str, **more: Any) -> dict[str, Any]:
        """The same, and everything that follows from it is done."""
        found = self.write(mail, text, **more)
        self.world.work()
        return found

    def talk(self, mail: str) -> list[dict[str, Any]]:
        """What stands in that person's chat with the bot, since the test began."""
        place = self.people[mail]["conversation"]
        answer = self.world.sandbox.get(f"/_sandbox/teams/conversations/{place}")
        if answer.status_code == 404:
            return []
        return list(answer.json()["activities"])[self.people[mail]["before"] :]

    def texts(self, mail: str) -> list[str]:
        """The lines of text there, the bot's and the person's."""
        return [one["text"] for one in self.talk(mail) if one.get("text")]

    def cards(self, mail: str) -> list[dict[str, Any]]:
        """The cards there, each with the activity it belongs to as `activity`."""
        return [
            {**one["content"], "activity": said["id"]}
            for said in self.talk(mail)
            for one in said.get("attachments") or []
            if str(one.get("contentType")).endswith("card.adaptive")
        ]

    def press(self, mail: str, activity: str, verb: str, **data: Any) -> dict[str, Any]:
        """That person presses the button with this verb on a card."""
        asked = {"from": mail, "activity": activity, "verb": verb, "data": data}
        found: dict[str, Any] = self.control("POST", "/actions", json=asked)
        return found

    def also_known(self, mail: str, name: str) -> str:
        """Another customer's contact who has this account; returns the address."""
        other = self.world.customer(f"K-{name}", f"{name} & Co")
        known(self.world, self.people[mail], self.world.contact(name, mail, other))
        return mail

    def ticket(self, subject: str, *, of: str = JANA) -> int:
        """An open ticket that came by mail from the contact with that address; its number."""
        with self.world.app.test_request_context(), self.world.rows():
            contact = session.scalars(select(Person).where(Person.mail == of)).one()
            ticket = open_ticket(contact.who(), subject, contact=contact, source="mail")
            receive(ticket, contact.who(), Said(text=f"{subject}: bitte ansehen"))
            return ticket.number

    def chat(self, number: int = -1) -> Chat:
        """A chat's row as it stands; the newest unless another is asked for."""
        with self.world.rows():
            return list(session.scalars(select(Chat).order_by(Chat.id)))[number]

    def answered(self, first: str = "Der Drucker druckt nicht") -> Chat:
        """A chat that Jana has begun and Piet has answered."""
        self.says(JANA, first)
        self.press(PIET, self.cards(PIET)[-1]["activity"], "chat.answer")
        self.world.work()
        return self.chat()

    def lines(self) -> list[tuple[str, str]]:
        """(author, text) of everything said on tickets, in order."""
        with self.world.rows():
            rows = session.execute(select(Message.author_name, Message.text).order_by(Message.id))
            return [(row.author_name, row.text) for row in rows]

    def verbs(self) -> list[str]:
        """What the log says happened, in order."""
        with self.world.rows():
            return list(session.scalars(select(Activity.verb).order_by(Activity.id)))

    def tickets(self) -> list[Ticket]:
        """All tickets."""
        with self.world.rows():
            return list(session.scalars(select(Ticket).order_by(Ticket.id)))


def heading(card: dict[str, Any]) -> str:
    """A card's first words."""
    return str(card["body"][0]["inlines"][0]["text"])


def verbs_of(card: dict[str, Any]) -> list[str]:
    """The verbs of a card's buttons."""
    return [one["verb"] for one in card.get("actions", []) if one["type"] == "Action.Execute"]


def known(world: World, talker: dict[str, Any], person: Person) -> None:
    """`person` is who uses that account of the sandbox; a guest has another one in the tenant they are guest of."""
    with world.rows():
        account = Identity(tenant_id=talker["tenantId"], object_id=talker["aadObjectId"], person_id=person.id)
        session.merge(account)


@pytest.fixture
def desk(world: World) -> Desk:
    """The desk, with the bot known to everybody in it."""
    customer = world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    jana = world.contact("Jana Wiedekind", JANA, customer)
    made = Desk(world, customer, jana, world.staff("Piet Hagenauer"), world.staff("Aylin Demirsoy"))
    made.people = {one["mail"]: dict(one) for one in made.control("GET", "/people")}
    known(world, made.people[JANA], jana)
    for one in made.people.values():
        answer = world.sandbox.get(f"/_sandbox/teams/conversations/{one['conversation']}")
        one["before"] = len(answer.json()["activities"]) if answer.status_code == 200 else 0
    for mail in (PIET, AYLIN):
        made.control("POST", f"/people/{mail}/install")
    world.work()
    return made
