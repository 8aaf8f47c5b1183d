"""Machines that answer machines: where others' desks went round in circles, ours stops. Nothing is sent here, and all
that is taken in stays."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from backend import config
from backend.auth import Who
from backend.db import scope, session
from backend.mail.actions import desk_mailboxes, installation, notify, retry, take_in, write_invitation, write_reply
from backend.mail.models import Delivery, InboundMail, Mailbox, OutboundMail, Outcome
from backend.mentions.actions import mention
from backend.people.models import Person
from backend.tickets.actions import Said, note, reply
from backend.tickets.models import Activity, ActivityStatus, Kind, Message, Ticket
from tests.world import JANA, SALES, SERVICE, World, mail

pytestmark = pytest.mark.slow
ROBOT = "robot@shop.example"


@pytest.fixture
def jana(world: World) -> Person:
    """A contact who asks."""
    customer = world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    return world.contact("Jana Wiedekind", JANA, customer)


@pytest.fixture
def piet(world: World) -> Person:
    """A technician."""
    return world.staff("Piet Hagenauer")


def arrives(world: World, raw: bytes, to: str = SERVICE) -> InboundMail:
    """`raw` is taken in as its mailbox's job does it."""
    with world.rows():
        box = session.scalar(select(Mailbox).where(Mailbox.address == to))
        return take_in(box or next(one for one in desk_mailboxes() if one.address == to), raw)


def written(world: World, **where: Any) -> list[OutboundMail]:
    """The desk's mails, oldest first."""
    with world.rows():
        return list(session.scalars(select(OutboundMail).filter_by(**where).order_by(OutboundMail.id)))


def said_so(world: World) -> list[tuple[int, str]]:
    """(ticket, reason) of each time a ticket said that something was held back."""
    with world.rows():
        rows = session.scalars(select(Activity).where(Activity.verb == "mail_held").order_by(Activity.id))
        return [(row.ticket_id or 0, str(row.data["reason"])) for row in rows]


def settings(world: World, **changes: Any) -> None:
    """The installation has other settings until the end of the test."""
    config.use(replace(world.settings, **changes))


def replied(world: World, piet: Person, ticket_id: int, cc: str = "") -> OutboundMail:
    """Piet's answer on the ticket, as it goes out."""
    with world.rows():
        copies = [{"name": "", "address": cc}] if cc else []
        message = reply(session.get_one(Ticket, ticket_id), piet.who(), Said(text="Geht er jetzt?", cc=copies))
        made = write_reply(message)
        assert made is not None
        made.state = message.delivery = Delivery.SENT
        return made


def report(about: OutboundMail, to: str = JANA, action: str = "failed", status: str = "5.1.1") -> bytes:
    """A mail server's word that a mail of ours did not arrive (RFC 3464)."""
    return (
        f"From: Mail Delivery System <mailer-daemon@kunde.example>\r\nTo: {SERVICE}\r\nReturn-Path: <>\r\n"
        f"Subject: Undelivered: {about.subject}\r\nMessage-ID: <{about.id}-{status}-{to}>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n'
        "Content-Type: text/plain\r\n\r\nNobody of that name lives here.\r\n--b\r\n"
        f"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.kunde.example\r\n\r\n"
        f"Final-Recipient: rfc822;{to}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 User unknown\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {about.internet_message_id}\r\n\r\n--b--\r\n"
    ).encode()


def test_a_robot_with_a_new_subject_each_time_is_stopped_by_the_brake(world: World, piet: Person) -> None:
    senders = [ROBOT, "Robot <robot+1@shop.example>", "robot+2@shop.example"]
    came = [arrives(world, mail(sender=senders[n % 3], subject=f"Automated: {n}")) for n in range(9)]
    assert [one.state for one in written(world)] == ["waiting"] * 5 + ["held"] * 4
    assert said_so(world) == [(one.ticket_id, "answers") for one in came[5:]]
    page = world.browser(piet).get(f"/tickets/{_number(world, came[5])}?tab=activity")
    assert "no confirmation to robot+2@shop.example" in BeautifulSoup(page.text, "lxml").get_text()
    arrives(world, mail(subject="Somebody else"))
    assert written(world)[-1].state == "waiting"


def _number(world: World, row: InboundMail) -> int:
    with world.rows():
        return session.get_one(Ticket, row.ticket_id).number


def test_a_flood_from_one_sender_becomes_tickets_all_the_same(world: World) -> None:
    settings(world, brake_answers=1)
    came = [arrives(world, mail(sender=ROBOT, subject=f"Alarm {n}")) for n in range(4)]
    assert {one.outcome for one in came} == {Outcome.TICKET}
    assert len({one.ticket_id for one in came}) == 4
    assert [one.state for one in written(world)] == ["waiting", "held", "held", "held"]


def test_the_brake_stays_on_until_the_robot_is_quiet_and_counts_a_whole_day(world: World) -> None:
    settings(world, brake_answers=1)
    for _hour in range(4):
        arrives(world, mail(sender=ROBOT))
        world.pass_time(timedelta(hours=2))
    assert [one.state for one in written(world)] == ["waiting", "held", "held", "held"], "it never was quiet"
    for _try in range(4):
        world.pass_time(timedelta(hours=3))
        arrives(world, mail(sender=ROBOT))
    assert [one.state for one in written(world)][4:] == ["waiting", "waiting", "waiting", "held"], "four in a day"


def test_two_at_once_do_not_both_pass_the_brake(world: World) -> None:
    settings(world, brake_answers=1)
    world.contact("Robot", ROBOT, None)
    arrives(world, mail(sender="other@shop.example"))
    taken, finish = threading.Event(), threading.Event()

    def first() -> None:
        with scope():
            take_in(next(one for one in desk_mailboxes() if one.address == SERVICE), mail(sender=ROBOT))
            taken.set()
            finish.wait(20)
            session.commit()

    slow, quick = (threading.Thread(target=work) for work in (first, lambda: arrives(world, mail(sender=ROBOT))))
    slow.start()
    assert taken.wait(20)
    quick.start()
    try:
        world.until(lambda: not quick.is_alive() or _waits(world))
    finally:
        finish.set()
        slow.join(20)
        quick.join(20)
    assert [one.state for one in written(world, counted_as=ROBOT)] == ["waiting", "held"]


def _waits(world: World) -> bool:
    with world.rows():
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        return bool(session.connection().exec_driver_sql(waiting).scalar_one())


@pytest.mark.parametrize(("name", "reason"), [("brake_address", "address"), ("brake_mailbox", "mailbox")])
def test_notices_and_invitations_have_brakes_too(
    world: World, jana: Person, piet: Person, name: str, reason: str
) -> None:
    settings(world, **{name: 2})
    row = arrives(world, mail())
    number = _number(world, row)
    to = JANA if name == "brake_address" else "elif@moebelwerk-tressow.example"
    with world.rows():
        assert notify("Jana", to, subject="Code", paragraphs=["123456"]) is not None
        ticket = session.get_one(Ticket, row.ticket_id)
        for _change in range(2):
            letter = write_invitation(
                ticket, {"name": "Jana", "address": JANA}, "Termin", "Morgen", "", method="REQUEST", calendar=_none
            )
            assert letter is None
        assert notify("Jana", JANA, subject="Code", paragraphs=["654321"]) is None
    assert said_so(world) == [(row.ticket_id, reason)], "once, not for each mail"
    page = world.browser(piet).get(f"/tickets/{number}").text
    assert "no word of the visit to" in page
    assert [one.state for one in written(world)] == ["waiting", "waiting", "held", "held", "held"]


def _none(_name: str, _address: str) -> str:
    return ""


def test_what_was_held_back_goes_when_somebody_says_so(world: World) -> None:
    settings(world, brake_answers=1)
    for _mail in range(2):
        arrives(world, mail(sender=ROBOT))
    held = written(world)[1]
    with world.rows():
        retry(session.get_one(OutboundMail, held.id), Who(person_id=None, name="Piet"))
    world.work()
    assert [one.state for one in written(world)] == ["sent", "sent"]
    sent = world.sent_mime(world.sent()[-1])
    assert b"Auto-Submitted: auto-replied" in sent
    assert b"X-Deskside-Loop: " in sent


@pytest.mark.parametrize("address", ["noreply@shop.example", "MAILER-DAEMON@x.example", SALES])
def test_nothing_automatic_goes_to_robots_nor_to_ourselves(world: World, address: str) -> None:
    with world.rows():
        desk_mailboxes()
        assert notify("", address, subject="Code", paragraphs=["123456"]) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"return_path": "<>"},
        {"list_id": "<news.example>"},
        {"auto_submitted": "auto-generated"},
        {"precedence": "bulk"},
        {"x_auto_response_suppress": "All"},
        {"sender": "No Reply <no-reply@shop.example>"},
        {"subject": "Automatic reply: away"},
        {"sender": f"Vertrieb <{SALES}>", "cc": SERVICE},
    ],
    ids=str,
)
def test_who_must_not_be_answered_by_a_machine_is_not(world: World, headers: dict[str, Any]) -> None:
    came = arrives(world, mail(**headers))
    assert came.outcome in (Outcome.TICKET, Outcome.MACHINE)
    assert written(world) == []


def test_an_out_of_office_reply_to_our_confirmation_is_kept_and_not_answered(world: World, jana: Person) -> None:
    row = arrives(world, mail(subject="Drucker"))
    (confirmation,) = written(world)
    for subject, word in (("Abwesend", "auto-replied"), ("Automatic reply: x", "no")):
        away = mail(subject=subject, in_reply_to=confirmation.internet_message_id, auto_submitted=word)
        assert arrives(world, away).ticket_id == row.ticket_id
    with world.rows():
        ticket = session.get_one(Ticket, row.ticket_id)
        assert (ticket.messages_count, ticket.activity_status) == (3, ActivityStatus.UNREAD)
        assert session.scalar(select(func.count()).select_from(Activity).where(Activity.verb == "status")) == 0
    assert len(written(world)) == 1


def test_a_technicians_out_of_office_reply_never_reaches_the_customer(world: World, jana: Person, piet: Person) -> None:
    row = arrives(world, mail(subject="Drucker"))
    away = mail(
        sender=f"Piet Hagenauer <{piet.mail}>",
        subject=f"Automatische Antwort: [#{_number(world, row)}] Drucker",
        auto_submitted="auto-replied",
    )
    assert arrives(world, away).ticket_id == row.ticket_id
    with world.rows():
        said = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        assert (said.kind, said.author_id) == (Kind.NOTE, piet.id)
    assert len(written(world)) == 1


def test_a_bounce_is_shown_on_the_mail_that_bounced_and_tells_nobody(world: World, jana: Person, piet: Person) -> None:
    row = arrives(world, mail(subject="Drucker"))
    number = _number(world, row)
    answer = replied(world, piet, row.ticket_id or 0)
    late = arrives(world, report(answer, action="delayed", status="4.4.1"))
    before = len(written(world))
    came = [arrives(world, report(answer)), arrives(world, report(answer))]
    for one in (late, *came):
        assert (one.outcome, one.kind, one.message_id) == (Outcome.MACHINE, "bounce", answer.message_id)
    with world.rows():
        message = session.get_one(Message, answer.message_id)
        ticket = session.get_one(Ticket, row.ticket_id)
        assert (message.delivery, ticket.activity_status) == ("bounced", ActivityStatus.WAITING_TECHNICIAN)
        assert (ticket.messages_count, len(session.get_one(OutboundMail, answer.id).bounces)) == (2, 2)
    assert len(written(world)) == before, "nobody is written to"
    page = BeautifulSoup(world.browser(piet).get(f"/tickets/{number}").text, "lxml")
    shown = page.get_text(" ", strip=True)
    assert f"Not delivered to {JANA}. 550 User unknown" in shown
    assert f"Not yet delivered to {JANA}." in shown
    assert "Nobody of that name lives here." in shown
    to = [str(one["value"]) for one in page.select(".composer [data-recipients] input[name=to]")]
    assert JANA in to[0], "the mail server is not answered"


def test_a_bounce_of_a_notice_to_four_colleagues_is_told_to_none_of_them(world: World, jana: Person) -> None:
    row, piet = arrives(world, mail(subject="Drucker")), world.staff("Piet Hagenauer")
    four = [world.staff(f"Kollegin {letter}") for letter in "ABCD"]
    with world.rows():
        said = note(session.get_one(Ticket, row.ticket_id), piet.who(), Said(text="Bitte ansehen"))
        mention(said, piet.who(), [session.get_one(Person, one.id) for one in four])
    notices = written(world, purpose="colleague")
    for one in notices:
        came = arrives(world, report(one, to=str(one.to[0]["address"])))
        assert (came.outcome, came.ticket_id) == (Outcome.MACHINE, None)
    assert len(notices) == len(written(world, purpose="colleague")) == 4
    page = world.browser(piet).get(f"/tickets/{_number(world, row)}").text
    assert page.count("not notified") == 4


def test_a_delivery_report_opens_no_ticket_and_is_never_confirmed(world: World, jana: Person, piet: Person) -> None:
    row = arrives(world, mail(subject="Drucker"))
    answer = replied(world, piet, row.ticket_id or 0, cc="gone@moebelwerk-tressow.example")
    before = len(written(world))
    for to in (JANA, "gone@moebelwerk-tressow.example"):  # of the confirmation, of a copy
        about = written(world)[0] if to == JANA else answer
        assert arrives(world, report(about, to)).ticket_id == row.ticket_id
    stranger = replace_id(report(answer))
    assert arrives(world, stranger).ticket_id is None
    with world.rows():
        assert session.scalar(select(func.count()).select_from(Ticket)) == 1
        verbs = list(session.scalars(select(Activity.after).where(Activity.verb == "mail_bounced")))
        assert verbs == [JANA, "gone@moebelwerk-tressow.example"]
    assert len(written(world)) == before


def replace_id(raw: bytes) -> bytes:
    """The report of a mail that we never sent."""
    return raw.replace(b"\r\nMessage-ID: <ds.", b"\r\nMessage-ID: <xx.").replace(b"Message-ID: <2", b"Message-ID: <9")


def test_our_own_mail_that_comes_back_is_never_taken_in(world: World, jana: Person, piet: Person) -> None:
    row = arrives(world, mail(subject="Drucker"))
    answer = replied(world, piet, row.ticket_id or 0, cc=SALES)
    by_id = mail(sender=f"Service <{SERVICE}>", cc=SALES, message_id=answer.internet_message_id)
    by_header = mail(sender=f"Service <{SERVICE}>", cc=SALES, x_deskside_loop=installation())
    with world.rows():
        session.get_one(OutboundMail, answer.id).exchange_message_id = "<AM0PR@exchange.example>"
    by_exchange = mail(sender=f"Service <{SERVICE}>", cc=SALES, message_id="<AM0PR@exchange.example>")
    for raw in (by_id, by_header, by_exchange):
        assert arrives(world, raw, to=SALES).outcome == Outcome.IGNORED
    with world.rows():
        assert session.scalar(select(func.count()).select_from(Message)) == 2
