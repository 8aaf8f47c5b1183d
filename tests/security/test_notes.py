"""What is said among colleagues stays there: no customer sees a note, nor who was notified of it."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend.db import session
from backend.people.models import Person
from backend.tickets.models import Attachment, Kind, Message, messages_visible_to, seen_by
from backend.tickets.models import Ticket as TicketRow
from backend.tickets.search import matches
from tests.world import JANA, World, mail

pytestmark = pytest.mark.slow
MAREK = "marek.ostwald@nordlicht-it.example"


def test_a_note_that_notifies_colleagues_shows_the_customer_neither_it_nor_their_addresses(world: World) -> None:
    customer = world.customer("K1", "Möbelwerk Tressow GmbH")
    jana = world.contact("Jana Wiedekind", JANA, customer)
    world.staff("Marek Ostwald")
    piet = world.browser(world.staff("Piet Hagenauer"))
    world.deliver(mail())
    world.run("mail.sweep")
    world.work()
    told = {"kind": "note", "text": "Marek, die Zirbelkammer bitte", "mentions": MAREK}
    assert piet.post("/tickets/10001/messages", data=told).status_code == 204
    world.work()
    assert any(MAREK in map(str, one["to"]) for one in world.sent()), "the colleague was notified, by mail"

    page = BeautifulSoup(piet.get("/tickets/10001").data, "lxml")
    offered = [str(one["value"]) for one in page.select(".composer [data-recipients] input")]
    assert offered
    assert not [one for one in offered if MAREK in one]
    answer = {"kind": "reply", "text": "Wir kümmern uns.", "to": offered}
    assert piet.post("/tickets/10001/messages", data=answer).status_code == 204
    world.work()
    for one in world.sent():
        raw = world.sent_mime(one)
        if JANA.encode() in raw.partition(b"\r\n\r\n")[0]:
            assert MAREK.encode() not in raw
            assert b"Zirbelkammer" not in raw

    with world.app.test_request_context(), world.rows():
        who = session.scalars(select(Person).where(Person.id == jana.id)).one().who()
        seen = list(session.scalars(messages_visible_to(who)))
        assert {one.kind for one in seen} == {Kind.REPLY}
        assert "Zirbelkammer" not in str([(one.text, one.html, one.to, one.cc) for one in seen])
        for words, found in (("Drucker", 1), ("Zirbelkammer", 0), ("Marek", 0), (MAREK, 0)):
            query = seen_by(select(TicketRow.number), who).where(matches(who, words))
            assert len(session.scalars(query).all()) == found, words


def test_a_file_of_a_note_is_nobodys_outside(world: World) -> None:
    customer = world.customer("K1", "Möbelwerk Tressow GmbH")
    jana = world.contact("Jana Wiedekind", JANA, customer)
    world.deliver(mail(files=[("plan.txt", "text/plain", b"x")]))
    world.run("mail.sweep")
    world.work()
    with world.rows():
        who = session.scalars(select(Person).where(Person.id == jana.id)).one().who()
        files = messages_visible_to(who).join(Attachment, Attachment.message_id == Message.id)
        assert len(session.scalars(files.with_only_columns(Attachment.id)).all()) == 1
        session.scalars(select(Message)).one().kind = Kind.NOTE
        session.flush()
        assert session.scalars(files.with_only_columns(Attachment.id)).all() == []
