"""Whatever breaks on the way, a mail goes out once, and what came in is there."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from backend import files, jobs
from backend.db import session
from backend.mail import visible, words
from backend.mail.actions import desk_mailboxes, take_in_by_hand
from backend.mail.incoming.arriving import settle
from backend.mail.models import Delivery, ImportMode, InboundMail, Mailbox, OutboundMail, Outcome
from backend.people.models import Person
from backend.tickets.actions import Enclosure, Said, open_ticket, reply
from backend.tickets.models import Attachment, Message, Ticket
from tests.world import JANA, SERVICE, World, mail

pytestmark = pytest.mark.slow


def count(model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def asked(world: World) -> int:
    """A ticket of Jana's that a colleague may answer; its id."""
    customer = world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    world.contact("Jana Wiedekind", JANA, customer)
    world.staff("Piet Hagenauer")
    with world.rows():
        session.add(Mailbox(address=SERVICE, import_mode=ImportMode.TICKET))
        jana, piet = (session.scalars(select(Person).where(Person.name.startswith(n))).one() for n in ("Jana", "Piet"))
        ticket = open_ticket(piet.who(), "Drucker", contact=jana)
    return ticket.id


def answer(
    world: World, ticket_id: int, said: str = "Bitte neu starten.", enclosed: tuple[Enclosure, ...] = ()
) -> None:
    with world.rows():
        piet = session.scalars(select(Person).where(Person.name == "Piet Hagenauer")).one()
        reply(session.get_one(Ticket, ticket_id), piet.who(), Said(text=said, enclosures=enclosed))


def deliveries(world: World) -> list[str]:
    with world.rows():
        return [str(one) for one in session.scalars(select(Message.delivery).order_by(Message.id))]


@pytest.mark.parametrize(
    "fault",
    [
        {"match": "POST /messages$", "status": 504, "after_effect": True},
        {"match": "POST /messages$", "drop": True, "after_effect": True},
        {"match": "POST /messages$", "status": 503, "retry_after": 1},
        {"match": "POST /send$", "status": 504, "after_effect": True},
        {"match": "POST /send$", "drop": True, "after_effect": True},
        {"match": "POST /send$", "status": 429, "retry_after": 2},
        {"match": "POST /send$", "status": 401},
        {"match": "PATCH /messages/", "status": 500, "after_effect": True},
        {"match": "GET /messages", "status": 503},
        {"match": "POST /oauth2/v2.0/token", "status": 503},
    ],
    ids=str,
)
@pytest.mark.parametrize("sent_copy", ["same", "new"])
def test_a_mail_is_sent_once_whatever_breaks(world: World, asked: int, fault: dict[str, Any], sent_copy: str) -> None:
    world.sandbox.post("/_sandbox/switches", json={"sent_copy": sent_copy})
    world.misbehave(**fault, times=2)
    answer(world, asked)
    world.work()
    assert len(world.sent()) == 1
    assert deliveries(world) == ["sent"]


def test_killed_between_draft_and_send_it_is_sent_once(world: World, asked: int) -> None:
    answer(world, asked)
    with world.rows():
        message = session.scalars(select(Message)).one()
    jobs.run("mail.reply", message_id=message.id)
    with world.rows():
        outbound = session.scalars(select(OutboundMail)).one()
    jobs.run("mail.draft", outbound_id=outbound.id)
    with world.rows():
        assert session.get_one(OutboundMail, outbound.id).state == Delivery.DRAFTED
    assert world.sent() == []
    jobs.run("mail.draft", outbound_id=outbound.id)
    jobs.run("mail.send", outbound_id=outbound.id)
    with world.rows():  # as if the process had died before it could write down that it was sent
        session.get_one(OutboundMail, outbound.id).state = Delivery.DRAFTED
    jobs.run("mail.send", outbound_id=outbound.id)
    world.work()
    assert len(world.sent()) == 1
    assert deliveries(world) == ["sent"]


def test_what_cannot_be_sent_is_shown_and_can_be_tried_again(world: World, asked: int) -> None:
    world.misbehave("POST /messages$", status=503)
    answer(world, asked)
    world.work()
    with world.rows():
        outbound = session.scalars(select(OutboundMail)).one()
        message = session.scalars(select(Message)).one()
        piet = session.scalars(select(Person).where(Person.name == "Piet Hagenauer")).one()
        jana = session.scalars(select(Person).where(Person.mail == JANA)).one()
    assert (outbound.state, message.delivery) == (Delivery.FAILED, "failed")
    assert outbound.error.startswith("Microsoft 365")
    world.sandbox.delete("/_sandbox/faults")
    assert world.browser(jana).post(f"/messages/{message.id}/retry").status_code == 403
    browser = world.browser(piet)
    assert browser.post(f"/messages/{message.id}/retry").status_code == 204
    assert browser.post(f"/messages/{message.id}/retry").status_code == 409
    world.work()
    assert len(world.sent()) == 1
    assert deliveries(world) == ["sent"]
    assert browser.post(f"/messages/{message.id}/retry").status_code == 409


def test_a_refused_mail_fails_at_once(world: World, asked: int) -> None:
    world.misbehave("POST /send$", status=400)
    answer(world, asked)
    world.work()
    with world.rows():
        outbound = session.scalars(select(OutboundMail)).one()
        assert (outbound.state, bool(outbound.error)) == (Delivery.FAILED, True)
        failed = session.connection().exec_driver_sql("select count(*) from procrastinate_jobs where attempts > 1")
        assert failed.scalar_one() == 0


@pytest.mark.parametrize(
    "megabytes", [0.1, 3.1, pytest.param(2.9, marks=pytest.mark.soak), pytest.param(8, marks=pytest.mark.soak)]
)
def test_files_of_any_size_go_out_whole(world: World, asked: int, megabytes: float) -> None:
    content = bytes(range(256)) * int(megabytes * 4096)
    answer(world, asked, enclosed=(Enclosure("Protokoll.bin", "application/octet-stream", content),))
    world.work()
    assert deliveries(world) == ["sent"]
    raw = world.sent_mime(world.sent()[0])
    assert b"Protokoll.bin" in raw
    assert len(raw) > len(content) * 1.33


def test_mail_comes_in_although_graph_stumbles(world: World) -> None:
    world.misbehave("GET /(messages|mailFolders)", status=503, times=4)
    world.misbehave("GET /(messages|mailFolders)", status=429, retry_after=3, times=2)
    world.misbehave("GET /(messages|mailFolders)", drop=True, times=2)
    for number in range(3):
        world.deliver(mail(subject=f"Fall {number}"))
    world.run("mail.sweep")
    world.work()
    with world.rows():
        assert (count(Ticket), count(Message)) == (3, 3)
    assert len(world.sent()) == 3


def test_a_mail_that_breaks_the_reading_becomes_a_ticket_that_says_so_and_holds_up_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = visible.split

    def broken(text: str | None, html: str | None, *, subject: str = "") -> visible.Visible:
        if subject == "Gift":
            raise ValueError("no such letter")
        return split(text, html, subject=subject)

    monkeypatch.setattr("backend.mail.actions.content.visible.split", broken)
    world.deliver(mail(subject="Gift"))
    world.deliver(mail(subject="Drucker"))
    world.run("mail.sweep")
    world.work()
    with world.rows():
        assert sorted(session.scalars(select(Ticket.subject))) == ["Drucker", "Gift"]
        tries = text("select max(attempts) from procrastinate_jobs where task_name = 'mail.take_in'")
        assert session.execute(tries).scalar_one() == 1, "trying again for hours would not make it better"
        inbound = session.scalars(select(InboundMail).where(InboundMail.subject == "Gift")).one()
        assert (inbound.outcome, inbound.reason) == (Outcome.FAILED, "ValueError: no such letter")
        message = session.get_one(Message, inbound.message_id)
        assert (message.text, message.author_mail) == (words.said(words.UNREADABLE, "de"), JANA)
        (original,) = session.scalars(select(Attachment).where(Attachment.message_id == message.id))
        assert (original.name, original.sha256) == ("original.eml", inbound.original)
        assert b"Subject: Gift" in files.read(inbound.original)
    assert [sent["subject"].rpartition(" ")[2] for sent in world.sent()] == ["Drucker"]  # nobody is answered unread


def test_of_a_mail_whose_sender_breaks_us_the_bytes_become_a_ticket(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise ValueError("no such letter")

    for where in ("taking_in", "writing_off"):
        monkeypatch.setattr(f"backend.mail.actions.{where}.contact_for", broken)
    with world.rows():
        row = settle(desk_mailboxes()[0], mail(subject="Gift"), "")
        assert (row.outcome, row.from_address) == (Outcome.FAILED, "")
        assert session.get_one(Ticket, row.ticket_id).subject == words.said(words.NO_SUBJECT, "de")
        assert b"Subject: Gift" in files.read(session.scalars(select(Attachment.sha256)).one())


def test_what_the_database_refuses_for_good_is_not_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_arguments: object, **_named: object) -> None:
        session.execute(text("select 1 / 0"))

    monkeypatch.setattr("backend.mail.actions.content.visible.split", refused)
    with world.rows():
        row = settle(desk_mailboxes()[0], mail(), "")
        assert (row.outcome, row.ticket_id is not None) == (Outcome.FAILED, True)


def test_taken_in_by_hand_twice_is_one_ticket(world: World) -> None:
    world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    piet, aylin = world.staff("Piet Hagenauer"), world.staff("Aylin Demirsoy")
    raw = mail(to="piet.hagenauer@nordlicht-it.example", subject="Laptop")
    numbers = []
    for person in (piet, piet, aylin):
        with world.rows():
            numbers.append(take_in_by_hand(person.who(), raw).number)
    assert len(set(numbers)) == 1
    world.work()
    with world.rows():
        assert (count(Ticket), count(Message)) == (1, 1)
        box = session.scalars(select(Mailbox)).one()
        assert (box.address, box.import_mode) == (piet.mail, ImportMode.HAND)
    assert world.sent() == []


def test_by_hand_finds_what_came_through_the_shared_mailbox(world: World) -> None:
    piet = world.staff("Piet Hagenauer")
    raw = mail(subject="Laptop")
    world.deliver(raw)
    world.run("mail.sweep")
    world.work()
    with world.rows():
        ticket = session.scalars(select(Ticket)).one()
        assert take_in_by_hand(piet.who(), raw.replace(b"\r\n\r\nGuten Tag", b"\r\n\r\n Guten  Tag")).id == ticket.id
        assert count(Ticket) == 1


def test_the_same_mail_in_two_mailboxes_is_one_message_on_its_ticket(world: World, asked: int) -> None:
    answer(world, asked)
    world.work()
    reply_to = world.sent()[0]["internetMessageId"]
    raw = mail(subject="Re: Drucker", text="Geht wieder.", in_reply_to=reply_to)
    world.deliver(raw)
    world.deliver(raw, to="vertrieb@nordlicht-it.example")
    world.run("mail.sweep")
    world.work()
    with world.rows():
        assert (count(Ticket), count(Message), count(InboundMail)) == (1, 2, 2)


def test_subscriptions_live_on_and_equal_ones_are_ended(world: World) -> None:
    def ours() -> list[Mailbox]:
        with world.rows():
            return list(session.scalars(select(Mailbox).order_by(Mailbox.id)))

    world.run("mail.subscribe")
    world.work()
    first = {box.id: box.subscription_id for box in ours()}
    assert len(set(first.values()) - {""}) == 2
    before = [box.subscription_expires_at for box in ours()]
    world.pass_time(timedelta(hours=40))
    world.run("mail.subscribe")
    world.work()
    assert {box.id: box.subscription_id for box in ours()} == first
    assert all(new.subscription_expires_at > old for new, old in zip(ours(), before, strict=True) if old)  # type: ignore[operator]
    with world.rows():
        session.query(Mailbox).update({"subscription_id": ""})
    world.run("mail.subscribe")
    world.work()
    assert {box.id: box.subscription_id for box in ours()} == first
    world.pass_time(timedelta(days=5))
    world.run("mail.subscribe")
    world.work()
    assert not {box.subscription_id for box in ours()} & set(first.values())


def test_many_at_once_are_each_taken_in_once(world: World) -> None:
    """Four jobs at a time, each mail thrice, three unknown senders: nothing doubled, no deadlock left over."""
    world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    raws = [mail(subject=f"Fall {number}", sender=f"Neu <neu{number % 3}@x.example>") for number in range(8)]
    for raw in raws * 3:
        world.deliver(raw)
    world.run("mail.sweep")
    world.work(concurrency=4)
    with world.rows():
        assert (count(Ticket), count(Message), count(InboundMail), count(Person)) == (8, 8, 8, 3)
        assert set(session.scalars(select(OutboundMail.state))) == {"sent"}
        given_up = session.connection().exec_driver_sql(
            "select count(*) from procrastinate_jobs where status in ('failed', 'doing')"
        )
        assert given_up.scalar_one() == 0
    assert len(world.sent()) == 8


def test_a_missing_right_is_said_at_once_and_the_mail_goes_once_it_is_given(world: World) -> None:
    world.deliver(mail(subject="Recht"))
    world.run("mail.sweep")
    world.work()
    piet = world.staff("Piet Hagenauer")
    world.misbehave("POST .*/send$", status=403, times=1)
    with world.app.test_request_context(), world.rows():
        ticket = session.scalars(select(Ticket).where(Ticket.subject == "Recht")).one()
        message_id = reply(ticket, piet.who(), Said(text="Antwort")).id
    world.work()
    with world.rows():
        assert session.get_one(Message, message_id).delivery == "failed"
    assert world.browser(piet).post(f"/messages/{message_id}/retry").status_code == 204
    world.work()
    with world.rows():
        assert session.get_one(Message, message_id).delivery == "sent"
    assert len([one for one in world.sent() if "Recht" in one["subject"] and one["mailbox"] == SERVICE]) == 2
