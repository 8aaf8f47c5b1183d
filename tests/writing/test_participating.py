"""Whoever is in the Cc of a reply takes part from then on; and who of us is a contact is documented as that."""

from typing import Any

import pytest
from sqlalchemy import select

from backend.db import session
from backend.people.models import Person
from backend.tickets.actions import Said, assign, open_ticket, receive, reply
from backend.tickets.models import ActivityStatus, Kind, Message, Ticket
from backend.writing.models import participants_of
from tests.world import JANA, World, mail
from tests.writing.conftest import Desk

pytestmark = pytest.mark.slow
OLE, ELSEWHERE = "ole@moebelwerk-tressow.example", "max@anderer-kunde.example"


def say(desk: Desk, text: str, cc: list[str], **more: Any) -> int:
    """Piet answers Jana with that Cc; the answer's status code."""
    data = {"kind": "reply", "text": text, "chosen": "yes", "to": JANA, "cc": cc, **more}
    return desk.browser.post("/tickets/10001/messages", data=data).status_code


def drawn_in(desk: Desk) -> list[str]:
    with desk.world.rows():
        return [one["address"] for one in participants_of(session.scalars(select(Ticket.id)).first() or 0)]


def test_every_later_update_goes_to_whom_was_drawn_in(world: World, desk: Desk) -> None:
    assert say(desk, "Wir kommen.", [f"Ole Brandt <{OLE}>"]) < 300
    assert drawn_in(desk) == [OLE]
    assert [one.after for one in desk.log("drawn_in")] == ["Ole Brandt"]
    world.work()
    world.deliver(mail(sender=f"Jana <{JANA}>", subject="Re: [#10001] Drucker", text="Gut."))
    world.run("mail.sweep")
    world.work()
    assert OLE in desk.browser.get("/tickets/10001").text
    with world.rows():  # by another system, which names nobody
        ticket = session.query(Ticket).one()
        reply(ticket, session.get_one(Person, desk.piet.id).who(), Said(text="Bis gleich."))
    assert [one["address"] for one in desk.newest().cc] == [OLE]
    world.work()
    world.deliver(mail(sender=f"Ole Brandt <{OLE}>", subject="Re: [#10001] Drucker", text="Ich bin da."))
    world.run("mail.sweep")
    world.work()
    assert desk.newest().text == "Ich bin da."


def test_who_is_taken_out_gets_nothing_more(desk: Desk) -> None:
    say(desk, "Wir kommen.", [OLE])
    say(desk, "Wir kommen morgen.", [])
    assert drawn_in(desk) == []
    assert desk.newest().cc == []
    assert [one.before for one in desk.log("left_out")] == [OLE]


def test_another_customers_contact_only_when_somebody_is_sure(world: World, desk: Desk) -> None:
    world.contact("Max Fremd", ELSEWHERE, world.customer("K2", "Anderer Kunde AG"))
    found = desk.browser.get("/people/find?for=mail&ticket=10001&q=max").text
    assert 'data-foreign="Anderer Kunde AG"' in found
    assert "data-foreign" not in desk.browser.get("/people/find?for=mail&ticket=10001&q=jana").text
    assert "data-foreign" not in desk.browser.get("/people/find?for=mail&ticket=10001&q=aylin").text
    assert say(desk, "Hallo.", [ELSEWHERE]) == 422
    assert drawn_in(desk) == []
    assert say(desk, "Hallo.", [ELSEWHERE], sure=[ELSEWHERE]) < 300
    assert drawn_in(desk) == [ELSEWHERE]
    assert say(desk, "Noch einmal.", [ELSEWHERE]) < 300


@pytest.fixture
def own(world: World) -> Desk:
    """Aylin asks for help herself."""
    piet, aylin = world.staff("Piet Hagenauer"), world.staff("Aylin Demirsoy", "technician")
    with world.rows():
        ticket = open_ticket(aylin.who(), "Mein Notebook", contact=aylin, source="mail")
        receive(ticket, aylin.who(), Said(text="Es startet nicht."))
        ticket.activity_status = ActivityStatus.WAITING_CONTACT
    return Desk(world, piet, aylin, aylin, world.browser(aylin))


def answer_by_mail(world: World, desk: Desk, text: str) -> None:
    world.deliver(mail(sender=f"Aylin <{desk.aylin.mail}>", subject="Re: [#10001] Mein Notebook", text=text))
    world.run("mail.sweep")
    world.work()


def test_one_of_us_who_asks_is_the_contact_at_the_desk_and_by_mail(world: World, own: Desk) -> None:
    own.say("Jetzt piept es.", kind="reply")
    world.work()
    said = own.newest()
    assert (said.by_staff, said.delivery, said.to) == (False, "", [])
    assert own.ticket().activity_status == ActivityStatus.WAITING_TECHNICIAN
    assert world.sent() == []
    answer_by_mail(world, own, "Und blinkt.")
    assert (own.newest().text, own.newest().by_staff, own.newest().kind) == ("Und blinkt.", False, Kind.REPLY)


def test_who_solves_the_ticket_is_its_technician_although_they_asked(world: World, own: Desk) -> None:
    with world.rows():
        aylin = session.get_one(Person, own.aylin.id)
        assign(session.query(Ticket).one(), aylin.who(), aylin)
    answer_by_mail(world, own, "Selbst behoben.")
    assert (own.newest().text, own.newest().kind) == ("Selbst behoben.", Kind.NOTE)
    own.say("Netzteil getauscht.", kind="reply")
    assert own.newest().by_staff


def test_a_technician_who_did_not_ask_is_never_the_contact(world: World, own: Desk) -> None:
    browser = world.browser(own.piet)
    browser.post("/tickets/10001/messages", data={"kind": "reply", "text": "Ich sehe nach."})
    with world.rows():
        last = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
    assert (last.by_staff, [one["address"] for one in last.to]) == (True, [own.aylin.mail])
