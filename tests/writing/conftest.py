"""A ticket of Jana's, for everything that is written on it."""

from dataclasses import dataclass
from typing import Any

import pytest

from backend.auth import Who
from backend.db import session
from backend.people.models import Person
from backend.settings.actions import choose
from backend.tickets.actions import Said, open_ticket, receive
from backend.tickets.models import Activity, Message, Ticket
from tests.world import JANA, Browser, World


@dataclass
class Desk:
    """One ticket, number 10001, and who works on it."""

    world: World
    piet: Person
    aylin: Person
    jana: Person
    browser: Browser

    def say(self, text: str, kind: str = "note", **more: Any) -> int:
        """Piet says something by the desk's form; the id of the newest message."""
        answer = self.browser.post("/tickets/10001/messages", data={"kind": kind, "text": text, **more})
        assert answer.status_code < 300, answer.text
        return self.newest().id

    def newest(self) -> Message:
        """The newest message."""
        with self.world.rows():
            return session.query(Message).order_by(Message.id.desc()).first()  # type: ignore[return-value]

    def message(self, message_id: int) -> Message | None:
        """That message as it is now."""
        with self.world.rows():
            return session.get(Message, message_id)

    def ticket(self) -> Ticket:
        """The ticket as it is now."""
        with self.world.rows():
            return session.query(Ticket).filter_by(number=10001).one()

    def log(self, verb: str) -> list[Activity]:
        """What happened under that name, oldest first."""
        with self.world.rows():
            return list(session.query(Activity).filter_by(verb=verb).order_by(Activity.id))

    def hold(self, seconds: int) -> None:
        """Replies wait so long from now on."""
        with self.world.app.test_request_context(), self.world.rows():
            choose(Who(person_id=None, name="Renate"), "undo_send_seconds", seconds)


@pytest.fixture
def desk(world: World) -> Desk:
    """Jana's ticket about a printer, and Piet at the desk."""
    piet, aylin = world.staff("Piet Hagenauer"), world.staff("Aylin Demirsoy", "technician")
    jana = world.contact("Jana Wiedekind", JANA, world.customer("K1", "Möbelwerk Tressow GmbH"))
    with world.rows():
        ticket = open_ticket(jana.who(), "Drucker druckt nicht", contact=jana, source="mail")
        receive(ticket, jana.who(), Said(text="Er blinkt rot."))
    return Desk(world, piet, aylin, jana, world.browser(piet))
