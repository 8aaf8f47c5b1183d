"""A chat goes on where its ticket goes on."""

import pytest
from sqlalchemy import select

from backend.db import session
from backend.merging.actions import merge, undo
from backend.tickets.models import Message, Ticket
from tests.chat.conftest import PIET, Desk, desk
from tests.world import JANA

pytestmark = pytest.mark.slow
__all__ = ["desk"]


def merged(desk: Desk, source: int, into: int) -> None:
    """Piet merges the one ticket into the other."""
    with desk.world.app.test_request_context(), desk.world.rows():
        ids = {
            number: session.scalars(select(Ticket.id).where(Ticket.number == number)).one() for number in (source, into)
        }
        merge(ids[source], ids[into], desk.piet.who())
    desk.world.work()


def said_on(desk: Desk, number: int) -> list[str]:
    """What stands on that ticket."""
    with desk.world.rows():
        query = select(Message.text).join(Ticket, Ticket.id == Message.ticket_id).where(Ticket.number == number)
        return list(session.scalars(query.order_by(Message.id)))


def test_a_running_chat_moves_and_both_sides_go_on_in_it(desk: Desk) -> None:
    other = desk.ticket("Toner leer")
    chat = desk.answered()
    number = next(one.number for one in desk.tickets() if one.id == chat.ticket_id)
    merged(desk, number, other)
    desk.says(JANA, "Und noch etwas")
    desk.says(PIET, "Ich komme vorbei")
    assert said_on(desk, other) == [
        "Toner leer: bitte ansehen",
        "Der Drucker druckt nicht",
        "Und noch etwas",
        "Ich komme vorbei",
    ]
    assert said_on(desk, number) == []
    assert len(desk.tickets()) == 2
    assert desk.texts(JANA).count("Ich komme vorbei") == 1
    assert any(f"#{other}" in str(card) for card in desk.cards(PIET))
    # The line's words changed in Teams are changed where it stands.
    with desk.world.app.test_request_context(), desk.world.rows():
        undo(session.scalars(select(Ticket.id).where(Ticket.number == number)).one(), desk.piet.who())
    desk.world.work()
    desk.says(JANA, "Danach")
    assert said_on(desk, number) == ["Der Drucker druckt nicht", "Danach"]
    assert said_on(desk, other)[1:] == ["Und noch etwas", "Ich komme vorbei"]


def test_a_new_line_after_a_chat_that_ended_lands_on_the_ticket_that_goes_on(desk: Desk) -> None:
    other = desk.ticket("Toner leer")
    chat = desk.answered()
    number = next(one.number for one in desk.tickets() if one.id == chat.ticket_id)
    desk.press(JANA, desk.cards(JANA)[-1]["activity"], "chat.end")
    desk.world.work()
    merged(desk, number, other)
    desk.says(JANA, "Es geht wieder nicht")
    assert said_on(desk, other)[-1] == "Es geht wieder nicht"
    assert len(desk.tickets()) == 2
