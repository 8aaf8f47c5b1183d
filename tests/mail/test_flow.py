"""From a customer's mail to the answer in the thread, over the sandbox tenant."""

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage
from typing import cast

import pytest
from sqlalchemy import func, select

from backend import config, files
from backend.db import session
from backend.mail.models import InboundMail, Mailbox, OutboundMail, Outcome
from backend.microsoft import graph
from backend.people.models import Person
from backend.tickets.actions import Said, reply
from backend.tickets.models import ActivityStatus, Attachment, Kind, Message, Status, StatusKind, Ticket
from tests.world import JANA, SALES, SERVICE, World, mail

pytestmark = pytest.mark.slow


def count(model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def look(world: World) -> None:
    """All the desk's mailboxes are looked into, and everything that follows from it is done."""
    world.run("mail.sweep")
    world.work()


def mime(world: World, number: int = -1) -> EmailMessage:
    return email.message_from_bytes(world.sent_mime(world.sent()[number]), policy=email.policy.default)


def answer_as(world: World, name: str, text: str) -> None:
    """A colleague answers the only ticket."""
    person = world.staff(name)
    with world.rows():
        ticket = session.scalars(select(Ticket)).one()
        reply(ticket, session.get_one(Person, person.id).who(), Said(text=text))
    world.work()


@pytest.fixture
def tressow(world: World) -> None:
    world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])


def test_a_mail_becomes_a_ticket_of_its_customer(world: World, tressow: None) -> None:
    world.deliver(mail(subject="Drucker druckt nicht", files=[("foto.png", "image/png", b"\x89PNG")]))
    look(world)
    with world.rows():
        ticket = session.scalars(select(Ticket)).one()
        assert ticket.subject == "Drucker druckt nicht"
        assert ticket.customer_id is not None
        assert ticket.activity_status == ActivityStatus.UNREAD
        contact = session.get_one(Person, ticket.contact_id)
        assert (contact.name, contact.mail, contact.roles) == ("Jana Wiedekind", JANA, [])
        message = session.scalars(select(Message)).one()
        assert "der Drucker im Einkauf druckt nicht mehr" in message.text
        assert (message.channel, message.by_staff, message.kind) == ("mail", False, Kind.REPLY)
        attached = session.scalars(select(Attachment)).one()
        assert (attached.name, files.read(attached.sha256)) == ("foto.png", b"\x89PNG")
        inbound = session.scalars(select(InboundMail)).one()
        assert (inbound.outcome, inbound.ticket_id, inbound.message_id) == (Outcome.TICKET, ticket.id, message.id)
        assert b"Drucker druckt nicht" in files.read(inbound.original)


def test_the_new_ticket_is_acknowledged_once_in_the_customers_thread(world: World, tressow: None) -> None:
    message_id = world.deliver(mail(subject="Drucker"))
    look(world)
    look(world)
    (sent,) = world.sent()
    assert (sent["mailbox"], sent["inReplyTo"]) == (SERVICE, message_id)
    ack = mime(world)
    with world.rows():
        assert ack["Subject"] == f"AW: [#{session.scalars(select(Ticket.number)).one()}] Drucker"
    assert ack["Auto-Submitted"] == "auto-replied"
    assert ack["References"] == message_id


def test_the_same_mail_three_times_and_five_notices_are_one_ticket(world: World, tressow: None) -> None:
    world.run("mail.subscribe")
    world.work()
    raw = mail(message_id="<same@mail.example>")
    world.deliver(raw)
    world.deliver(raw)
    world.deliver(raw)
    world.sandbox.post("/_sandbox/notify", json={"mailbox": SERVICE, "times": 5})
    world.until(world.all_told)
    with world.rows():
        asked = session.connection().exec_driver_sql(
            "select count(*) from procrastinate_jobs where task_name = 'mail.fetch' and status = 'todo'"
        )
        assert asked.scalar_one() == 1, "many notices ask for one look"
    world.work()
    with world.rows():
        assert (count(Ticket), count(Message), count(InboundMail), count(OutboundMail)) == (1, 1, 1, 1)
    assert len(world.sent()) == 1


def test_a_used_message_id_with_other_words_is_another_mail(world: World, tressow: None) -> None:
    world.deliver(mail(message_id="<same@mail.example>", subject="Drucker", text="Er druckt nicht."))
    world.deliver(mail(message_id="<same@mail.example>", subject="Scanner", text="Er scannt nicht."))
    look(world)
    with world.rows():
        assert set(session.scalars(select(Ticket.subject))) == {"Drucker", "Scanner"}


def test_a_reply_stands_in_the_thread_and_its_answer_on_the_ticket(world: World, tressow: None) -> None:
    asked = world.deliver(mail(subject="Drucker", references="<before@mail.example>"))
    look(world)
    answer_as(world, "Piet Hagenauer", "Bitte einmal aus- und einschalten.\n\nPiet")
    sent, out = world.sent()[-1], mime(world)
    assert sent["inReplyTo"] == asked
    assert out["References"].split() == ["<before@mail.example>", asked]
    assert [one["address"] for one in sent["to"]] == [JANA] if isinstance(sent["to"][0], dict) else sent["to"] == [JANA]
    body = cast(EmailMessage, out.get_body(("plain",))).get_content()
    assert "Bitte einmal aus- und einschalten." in body
    assert "> der Drucker im Einkauf druckt nicht mehr." in body
    assert out["Auto-Submitted"] is None
    with world.rows():
        said = session.scalars(select(Message).where(Message.by_staff)).one()
        assert said.delivery == "sent"
        assert said.internet_message_id == sent["internetMessageId"]
        assert session.scalars(select(Ticket)).one().activity_status == ActivityStatus.WAITING_CONTACT
    world.deliver(mail(subject="Etwas ganz anderes", text="Jetzt geht er.", in_reply_to=sent["internetMessageId"]))
    look(world)
    with world.rows():
        assert (count(Ticket), count(Message)) == (1, 3)
        assert session.scalars(select(Ticket)).one().activity_status == ActivityStatus.WAITING_TECHNICIAN
    assert len(world.sent()) == 2


@pytest.mark.parametrize(
    "switches",
    [{"sent_copy": "new"}, {"message_id": "replaced"}, {"sent_copy": "new", "message_id": "replaced"}],
    ids=str,
)
def test_however_exchange_names_the_sent_copy_its_answer_finds_the_ticket(
    world: World, tressow: None, switches: dict[str, str]
) -> None:
    assert world.sandbox.post("/_sandbox/switches", json=switches).is_success
    world.deliver(mail(subject="Drucker"))
    look(world)
    answer_as(world, "Piet Hagenauer", "Geht er jetzt?")
    assert len(world.sent()) == 2
    world.deliver(mail(subject="AW", text="Ja.", in_reply_to=world.sent()[-1]["internetMessageId"]))
    look(world)
    with world.rows():
        assert count(Ticket) == 1
        assert set(session.scalars(select(OutboundMail.state))) == {"sent"}


def test_the_number_in_the_subject_counts_only_from_those_who_take_part(world: World, tressow: None) -> None:
    world.deliver(mail(subject="Drucker"))
    look(world)
    with world.rows():
        number = session.scalars(select(Ticket.number)).one()
    world.deliver(mail(sender="Fremder <eve@evil.example>", subject=f"Re: [#{number}] Drucker", text="Rufen Sie an."))
    world.deliver(mail(subject=f"AW: [#{number}] Drucker", text="Noch etwas."))
    elif_ = "Elif Mertoglu <elif.mertoglu@moebelwerk-tressow.example>"
    world.deliver(mail(sender=elif_, subject=f"AW: [#{number}] Drucker", text="Bei mir auch."))
    look(world)
    with world.rows():
        first = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        assert first.messages_count == 3
        assert count(Ticket) == 2


def test_a_guessed_message_id_of_ours_leads_nowhere(world: World, tressow: None) -> None:
    world.deliver(mail(subject="Drucker"))
    look(world)
    guessed = "<ds.ack.1.aaaaaaaaaaaaaaaaaaaaaaaa@nordlicht-it.example>"
    world.deliver(mail(sender="eve@evil.example", subject="Re: Drucker", in_reply_to=guessed))
    look(world)
    with world.rows():
        assert count(Ticket) == 2


def test_a_reaction_neither_reopens_a_ticket_nor_unreads_it(world: World, tressow: None) -> None:
    world.deliver(mail(subject="Drucker"))
    look(world)
    answer_as(world, "Piet Hagenauer", "Geht er jetzt?")
    with world.rows():
        resolved = select(Status.id).where(Status.kind == StatusKind.RESOLVED)
        session.scalars(select(Ticket)).one().status_id = session.scalars(resolved.limit(1)).one()
    config.use(replace(world.settings, inbound_reopens="on"))
    parent = world.sent()[-1]["internetMessageId"]
    said = "Jana Wiedekind hat auf Ihre Nachricht reagiert: 👍"
    world.deliver(mail(subject="Re: Drucker", text=said, in_reply_to=parent))
    look(world)
    with world.rows():
        ticket = session.scalars(select(Ticket)).one()
        assert (ticket.messages_count, ticket.activity_status) == (3, ActivityStatus.WAITING_CONTACT)
        assert session.get_one(Status, ticket.status_id).kind == StatusKind.RESOLVED
        newest = session.scalars(select(InboundMail).order_by(InboundMail.id.desc())).first()
        assert newest is not None
        assert (newest.outcome, newest.kind) == (Outcome.MACHINE, "notification")
    assert len(world.sent()) == 2


def test_an_out_of_office_reply_changes_nobodys_turn_and_is_not_answered(world: World, tressow: None) -> None:
    world.deliver(mail(subject="Drucker"))
    look(world)
    answer_as(world, "Piet Hagenauer", "Geht er jetzt?")
    away = mail(
        subject="Automatische Antwort: Drucker",
        text="Ich bin nicht da.",
        in_reply_to=world.sent()[-1]["internetMessageId"],
        auto_submitted="auto-replied",
    )
    world.deliver(away)
    world.deliver(mail(subject="Newsletter", list_unsubscribe="<mailto:x@y.example>", sender="news@shop.example"))
    look(world)
    with world.rows():
        ticket = session.scalars(select(Ticket)).one()
        assert (ticket.messages_count, ticket.activity_status) == (3, ActivityStatus.WAITING_CONTACT)
        robots = session.scalars(select(InboundMail).where(InboundMail.outcome == Outcome.MACHINE)).all()
        assert {(one.kind, one.ticket_id) for one in robots} == {("auto-reply", ticket.id), ("list", None)}
        assert session.scalar(select(Person).where(Person.mail == "news@shop.example")) is None
    assert len(world.sent()) == 2


def test_the_desks_own_mail_is_never_taken_in(world: World, tressow: None) -> None:
    world.deliver(mail(subject="Drucker"))
    look(world)
    world.deliver(world.sent_mime(world.sent()[0]), to=SALES)
    world.deliver(mail(sender=f"Service <{SERVICE}>", to=SALES, subject="Von Hand weitergegeben"), to=SALES)
    look(world)
    with world.rows():
        outcomes = sorted(session.scalars(select(InboundMail.outcome)))
        assert outcomes == [Outcome.IGNORED, Outcome.TICKET, Outcome.TICKET]
    assert len(world.sent()) == 1


def test_what_claims_to_come_from_staff_is_a_note(world: World, tressow: None) -> None:
    piet = world.staff("Piet Hagenauer")
    world.deliver(mail(subject="Drucker"))
    look(world)
    with world.rows():
        number = session.scalars(select(Ticket.number)).one()
    world.deliver(mail(sender=f"Piet <{piet.mail}>", subject=f"[#{number}] Drucker", text="Kunde droht mit Kündigung."))
    look(world)
    with world.rows():
        said = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        assert (said.kind, said.author_id) == (Kind.NOTE, piet.id)
        assert session.scalars(select(Ticket)).one().activity_status == ActivityStatus.UNREAD


def test_an_unknown_sender_is_a_contact_without_customer_and_freemail_tells_nothing(
    world: World, tressow: None
) -> None:
    world.deliver(mail(sender="Bernd Quastner <buero@quastner.example>"))
    world.deliver(mail(sender="B. Q. <bq@gmx.de>"))
    look(world)
    with world.rows():
        assert session.scalars(select(Ticket.customer_id)).all() == [None, None]
        assert session.scalars(select(Person.customer_id).where(Person.mail == "bq@gmx.de")).one() is None


def test_html_is_harmless_and_its_pictures_are_ours(world: World, tressow: None) -> None:
    raw = (
        b"From: Jana <jana.wiedekind@moebelwerk-tressow.example>\r\nSubject: Bild\r\nMessage-ID: <h@x.example>\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: text/html\r\n\r\n<p onclick=x()>Hier</p><script>evil()</script><img src='cid:p1'>"
        b"<img src='https://track.example/x.png'>\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <p1>\r\n"
        b"Content-Disposition: inline; filename=p.png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        b"iVBORw0KGgo=\r\n--b--\r\n"
    )
    world.deliver(raw)
    look(world)
    with world.rows():
        html = session.scalars(select(Message.html)).one()
        picture = session.scalars(select(Attachment)).one()
    assert f'src="/attachments/{picture.id}"' in html
    assert "script" not in html
    assert "onclick" not in html
    assert ' src="https://track' not in html


def test_a_mailbox_that_is_not_there_stops_no_other(world: World, tressow: None) -> None:
    with world.rows():
        gone = Mailbox(address="gone@nordlicht-it.example", import_mode="ticket")
        session.add(gone)
    world.deliver(mail())
    look(world)
    with world.rows():
        assert count(Ticket) == 1
        assert session.scalars(select(Mailbox.error).where(Mailbox.address == gone.address)).one()


def test_a_delta_link_that_microsoft_forgot_lists_everything_again(world: World, tressow: None) -> None:
    world.deliver(mail(subject="Eins"))
    look(world)
    world.misbehave("GET .*delta", status=410, times=1)
    world.deliver(mail(subject="Zwei"))
    look(world)
    with world.rows():
        assert set(session.scalars(select(Ticket.subject))) == {"Eins", "Zwei"}
        assert count(InboundMail) == 2


def test_a_mail_that_was_only_read_is_not_fetched_again(world: World, tressow: None) -> None:
    world.deliver(mail(subject="Drucker"))
    look(world)
    seen = len(world.sandbox.get("/_sandbox/requests").json())
    with world.rows():
        graph_id = session.scalars(select(InboundMail.graph_id)).one()
    builder = graph.client().users.by_user_id(SERVICE).messages.by_message_id(graph_id)
    graph.call(graph.request(builder, "PATCH", body={"isRead": True}))
    look(world)
    later = world.sandbox.get("/_sandbox/requests").json()[seen:]
    assert any("delta" in one["path"] for one in later)
    assert not [one for one in later if "$value" in one["path"]]


def test_the_original_is_for_staff_only(world: World, tressow: None) -> None:
    world.deliver(mail(subject="Drucker"))
    look(world)
    with world.rows():
        inbound = session.scalars(select(InboundMail)).one()
        jana = session.scalars(select(Person)).one()
    path = f"/mails/{inbound.id}/original"
    answer = world.browser(world.staff("Piet Hagenauer")).get(path)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert b"Subject: Drucker" in answer.data
    assert world.browser(jana).get(path).status_code == 403
    assert world.browser().get(path, headers={"Accept": "application/json"}).status_code == 401
