"""On which ticket a mail lands: where others' desks put it on a stranger's, on two, or on the wrong one."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from backend.db import session
from backend.mail.actions import desk_mailboxes, take_in, write_reply
from backend.mail.models import InboundMail, OutboundMail, Outcome
from backend.people.models import Person
from backend.tickets.actions import Said, reply
from backend.tickets.models import Ticket
from tests.world import JANA, SALES, SERVICE, World, mail

pytestmark = pytest.mark.slow
ELIF = "elif.mertoglu@moebelwerk-tressow.example"
ASKED = "<asked@moebelwerk-tressow.example>"


@pytest.fixture
def jana(world: World) -> Person:
    """A contact who asks."""
    customer = world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    return world.contact("Jana Wiedekind", JANA, customer)


def arrives(world: World, raw: bytes, to: str = SERVICE) -> InboundMail:
    """`raw` is taken in as its mailbox's job does it."""
    with world.rows():
        (box,) = [one for one in desk_mailboxes() if one.address == to]
        return take_in(box, raw)


def asks(world: World, **given: Any) -> int:
    """Jana's first mail; the id of its ticket."""
    row = arrives(world, mail(**{"subject": "Drucker", "message_id": ASKED, **given}))
    assert row.outcome == Outcome.TICKET
    return row.ticket_id or 0


def answers(world: World, piet: Person, ticket_id: int) -> OutboundMail:
    """Piet's answer, as it goes out."""
    with world.rows():
        made = write_reply(reply(session.get_one(Ticket, ticket_id), piet.who(), Said(text="Geht er jetzt?")))
        assert made is not None
        return made


def tickets(world: World) -> int:
    with world.rows():
        return session.scalar(select(func.count()).select_from(Ticket)) or 0


def test_each_answer_has_an_id_of_its_own_and_the_right_chain(world: World, jana: Person) -> None:
    piet = world.staff("Piet Hagenauer")
    ticket = asks(world, references="<before@mail.example>")
    first, second = answers(world, piet, ticket), answers(world, piet, ticket)
    assert first.internet_message_id != second.internet_message_id
    for one in (first, second):
        assert (one.in_reply_to, one.references) == (ASKED, ["<before@mail.example>", ASKED])
    back = mail(subject="Re: Drucker", in_reply_to=first.internet_message_id, message_id="<back@mail.example>")
    assert arrives(world, back).ticket_id == ticket
    assert answers(world, piet, ticket).in_reply_to == "<back@mail.example>"


def test_an_answer_to_the_first_mail_makes_no_second_ticket_and_who_asked_stays_in_the_thread(
    world: World, jana: Person
) -> None:
    piet, ticket = world.staff("Piet Hagenauer"), asks(world, cc=ELIF)
    came = arrives(world, mail(sender=f"Elif <{ELIF}>", subject="AW: Drucker", in_reply_to=ASKED))
    assert came.ticket_id == ticket
    with world.rows():
        row = session.get_one(Ticket, ticket)
        assert row.contact_id == jana.id
    page = BeautifulSoup(world.browser(piet).get(f"/tickets/{row.number}").text, "lxml")
    chips = [(str(one["name"]), str(one["value"])) for one in page.select(".composer [data-recipients] [type=hidden]")]
    assert chips == [("to", f"Elif <{ELIF}>"), ("cc", f"Jana Wiedekind <{JANA}>")]


def test_an_old_mail_used_for_a_new_matter_is_answered_under_the_new_subject(world: World, jana: Person) -> None:
    piet, ticket = world.staff("Piet Hagenauer"), asks(world)
    sent = answers(world, piet, ticket)
    came = arrives(world, mail(subject="Rechnung fehlt", in_reply_to=sent.internet_message_id))
    assert came.ticket_id == ticket
    with world.rows():
        number = session.get_one(Ticket, ticket).number
    assert answers(world, piet, ticket).subject == f"AW: [#{number}] Rechnung fehlt"
    page = BeautifulSoup(world.browser(piet).get(f"/tickets/{number}").text, "lxml")
    assert "Under another subject: Rechnung fehlt" in page.get_text()
    (form,) = page.select("form[hx-post$='/split']")
    browser = world.browser(piet)
    assert browser.post(str(form["hx-post"])).status_code == 200
    assert browser.post(str(form["hx-post"])).status_code == 422, "it is the only one there"
    with world.rows():
        old, new = session.scalars(select(Ticket).order_by(Ticket.id))
        assert (new.subject, new.contact_id, new.messages_count, old.messages_count) == (
            "Rechnung fehlt",
            jana.id,
            1,
            3,
        )
    assert answers(world, piet, new.id).in_reply_to == came.internet_message_id
    again = mail(sender=f"Elif <{ELIF}>", subject="Re: Rechnung fehlt", in_reply_to=came.internet_message_id)
    assert arrives(world, again).ticket_id == new.id


def test_a_rewritten_subject_stays_in_its_thread_while_mere_references_need_the_same(
    world: World, jana: Person
) -> None:
    piet, ticket = world.staff("Piet Hagenauer"), asks(world)
    sent = answers(world, piet, ticket).internet_message_id
    rewritten = mail(subject="[SPAM?] Antwort", in_reply_to=sent, references=f"{ASKED} {sent}")
    assert arrives(world, rewritten).ticket_id == ticket
    chain = {"in_reply_to": "<elsewhere@mail.example>", "references": f"{ASKED} {sent} <elsewhere@mail.example>"}
    assert arrives(world, mail(subject="AW: Drucker", **chain)).ticket_id == ticket  # type: ignore[arg-type]
    assert arrives(world, mail(subject="Rechnung", **chain)).outcome == Outcome.TICKET  # type: ignore[arg-type]


def test_exchanges_conversation_neither_joins_nor_parts(world: World, jana: Person) -> None:
    piet = world.staff("Piet Hagenauer")
    one = {"thread_topic": "Drucker", "thread_index": "AQHcAAAAAAAAAAAAAAAAAAAAAAAAAA=="}
    ticket = asks(world, **one)
    sent = answers(world, piet, ticket).internet_message_id
    unrelated = arrives(world, mail(subject="Drucker", **one))  # type: ignore[arg-type]
    assert unrelated.outcome == Outcome.TICKET
    other = {"thread_topic": "Etwas", "thread_index": "AQHcBBBBBBBBBBBBBBBBBBBBBBBBBB=="}
    back = arrives(world, mail(subject="AW: Drucker", in_reply_to=sent, **other))  # type: ignore[arg-type]
    assert back.ticket_id == ticket


def test_a_mail_to_two_mailboxes_is_a_ticket_in_each_and_a_blind_copy_is_not_lost(world: World, jana: Person) -> None:
    both = mail(to=f"{SERVICE}, {SALES}", subject="Angebot und Störung", message_id="<both@mail.example>")
    came = [arrives(world, both, to=box) for box in (SERVICE, SALES, SERVICE, SALES)]
    assert [one.outcome for one in came] == [Outcome.TICKET] * 4
    assert (came[0].id, came[1].id) == (came[2].id, came[3].id)
    assert came[0].ticket_id != came[1].ticket_id
    blind = arrives(world, mail(to="somebody@elsewhere.example", subject="Zur Kenntnis"))
    assert blind.outcome == Outcome.TICKET
    assert tickets(world) == 3


def test_a_forged_id_or_a_guessed_number_makes_a_new_ticket(world: World, jana: Person) -> None:
    piet, ticket = world.staff("Piet Hagenauer"), asks(world)
    sent = answers(world, piet, ticket)
    with world.rows():
        number = session.get_one(Ticket, ticket).number
    purpose, identity = sent.internet_message_id.split(".")[1:3]
    forged = f"<ds.{purpose}.{identity}.{'a' * 24}@nordlicht-it.example>"
    eve = "Eve <eve@evil.example>"
    for raw in (
        mail(sender=eve, subject="Re: Drucker", in_reply_to=forged),
        mail(sender=eve, subject=f"Re: [#{number}] Drucker"),
        mail(sender=eve, subject="Re: Drucker", in_reply_to=ASKED),
        mail(sender=f"Service <{SERVICE}>", subject=f"Re: [#{number}] Drucker"),
    ):
        assert arrives(world, raw).ticket_id not in (ticket, None)
    known = mail(sender=eve, subject="x", in_reply_to=sent.internet_message_id)
    assert arrives(world, known).ticket_id == ticket, "who got our mail may answer it, from whatever address"


def test_what_a_customer_forwards_never_speaks_for_somebody_else(world: World, jana: Person) -> None:
    chef = world.contact("Chef", "chef@brauhaus.example", world.customer("K2", "Brauhaus"))
    forwarded = (
        "@fwd\n\nBitte erledigen.\n\n---------- Forwarded message ---------\nVon: Chef <chef@brauhaus.example>\n"
        "Betreff: Zugang\nAn: service@nordlicht-it.example\n\nBitte den Zugang von Jana löschen."
    )
    headers = {"reply_to": "Chef <chef@brauhaus.example>", "x_original_from": "chef@brauhaus.example"}
    came = arrives(world, mail(subject="WG: Zugang", text=forwarded, **headers))  # type: ignore[arg-type]
    with world.rows():
        ticket = session.get_one(Ticket, came.ticket_id)
        assert ticket.contact_id == jana.id
        assert ticket.customer_id == jana.customer_id != chef.customer_id
        sent = list(session.scalars(select(OutboundMail)))
    assert [one.to[0]["address"] for one in sent] == [JANA]
