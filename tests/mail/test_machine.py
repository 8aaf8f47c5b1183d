"""Machines are told from people, bounces say what failed, and people are never taken for machines."""

import base64
import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from backend.mail import machine
from backend.mail.parse import parse

FIXTURES = Path(__file__).parent / "fixtures"
REFERENCE = Path(os.environ.get("DESKSIDE_REFERENCE", Path(__file__).parents[2].parent / "shared" / "reference"))
KEY = "installation-1"


def kind(headers: str = "", body: str = "Hallo", sender: str = "jana@kunde.example") -> machine.Kind:
    head = f"From: {sender}\nTo: service@nordlicht-it.example\nMessage-ID: <1@kunde.example>\n"
    return machine.kind(parse(f"{head}{headers}\n\n{body}".encode()), installation=KEY)


def test_a_person_is_a_person_and_may_be_answered() -> None:
    found = kind("Subject: Drucker kaputt")
    assert (found.name, found.answerable, found.bounced) == ("normal", True, None)


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ("Auto-Submitted: auto-replied", "auto-reply"),
        ("Auto-Submitted: Auto-Replied; owner-email=x", "auto-reply"),
        ("X-Autoreply: yes", "auto-reply"),
        ("X-Autorespond: x", "auto-reply"),
        ("X-Mail-Autoreply: x", "auto-reply"),
        ("Precedence: auto_reply", "auto-reply"),
        ("X-MS-Exchange-Inbox-Rules-Loop: x@y.example", "auto-reply"),
        ("Subject: Automatische Antwort: Drucker", "auto-reply"),
        ("Subject: Automatic reply: Printer", "auto-reply"),
        ("Subject: Réponse automatique : Imprimante", "auto-reply"),
        ("Subject: Respuesta automática: Impresora", "auto-reply"),
        ("Subject: Risposta automatica: Stampante", "auto-reply"),
        ("Subject: Out of Office: Printer", "auto-reply"),
        ("Subject: Automated Response: Re: Printer", "auto-reply"),
        ("Subject: Abwesend bis Montag\nAuto-Submitted: auto-generated", "auto-reply"),
        ("Auto-Submitted: auto-generated", "notification"),
        ("Auto-Submitted: auto-notified", "notification"),
        ("Precedence: bulk", "notification"),
        ("List-Id: <news.example>", "list"),
        ("Precedence: list", "list"),
        ("List-Unsubscribe: <mailto:x@y.example>\nPrecedence: bulk", "list"),
        (f"X-Deskside-Loop: {KEY}", "loop"),
        (f"X-Deskside-Loop: {KEY}\nAuto-Submitted: auto-replied", "loop"),
        ("Content-Type: multipart/report; report-type=disposition-notification; boundary=b", "receipt"),
    ],
)
def test_headers_tell_machines(headers: str, name: str) -> None:
    found = kind(headers)
    assert found.name == name
    assert not found.answerable
    assert found.reason.endswith(".")


def test_out_of_office_is_an_automatic_reply_of_its_own() -> None:
    assert kind("Subject: Automatische Antwort: x").out_of_office
    assert kind("Subject: Away until May 5\nAuto-Submitted: auto-replied").out_of_office
    assert not kind("Subject: Re: x\nAuto-Submitted: auto-replied").out_of_office


@pytest.mark.parametrize(
    "sender", ["noreply@x.example", "No-Reply@x.example", "donotreply@x.example", "postmaster@x.example"]
)
def test_addresses_nobody_reads_are_not_answered(sender: str) -> None:
    found = kind("Subject: Status", sender=sender)
    assert (found.name, found.answerable) == ("notification", False)


@pytest.mark.parametrize(
    "headers",
    ["Return-Path: <>", "X-Auto-Response-Suppress: All", "X-Auto-Response-Suppress: DR, OOF, AutoReply"],
)
def test_some_people_must_not_be_answered_by_a_machine(headers: str) -> None:
    found = kind(headers)
    assert (found.name, found.answerable) == ("normal", False)


def test_without_a_sender_there_is_nobody_to_answer() -> None:
    found = machine.kind(parse(b"Subject: x\n\nHallo"))
    assert (found.name, found.answerable) == ("normal", False)


@pytest.mark.parametrize(
    "subject",
    [
        "Abwesenheitsnotiz einrichten",
        "Automatische Antwort funktioniert nicht",
        "Out of office reply does not work",
        "AW: Automatische Antwort: Urlaub",
        "Re: Out of Office: question",
        "E-Mail unzustellbar, bitte helfen",
        "WG: Undelivered Mail Returned to Sender",
        "Mail delivery failed for our customers",
        "Newsletter abbestellen",
        "Auto: Telefon im Wagen",
        "Autoreply einrichten",
        "Mailingliste anlegen",
        "Delayed delivery of the screens",
    ],
)
@pytest.mark.parametrize("sender", ["Jana <jana@kunde.example>", "System Administrator <sysadmin@kunde.example>"])
def test_people_write_about_machines(subject: str, sender: str) -> None:
    found = kind(f"Subject: {subject}", sender=sender)
    assert (found.name, found.answerable) == ("normal", True)


@pytest.mark.parametrize(
    "headers", ["Auto-Submitted: no", "X-Auto-Response-Suppress: DR, NRN, RN", "X-Deskside-Loop: other"]
)
def test_headers_that_say_nothing(headers: str) -> None:
    assert kind(headers).name == "normal"


@pytest.mark.parametrize(
    "body", ["Jana Wiedekind reacted to your message:", "Jana hat auf Ihre Nachricht reagiert: 👍"]
)
def test_a_reaction_is_no_message(body: str) -> None:
    found = kind("Subject: Drucker", body)
    assert (found.name, found.answerable) == ("notification", False)


def test_an_answer_to_an_invitation_is_no_message() -> None:
    calendar = "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR"
    assert kind("Subject: Zugesagt: Termin\nContent-Type: text/calendar; method=REPLY", calendar).name == "notification"
    request = calendar.replace("REPLY", "REQUEST")
    assert kind("Subject: Termin\nContent-Type: text/calendar; method=REQUEST", request).name == "normal"


REPORT = """Content-Type: multipart/report; report-type=delivery-status; boundary="b"
Subject: Unzustellbar: [#10234] Drucker

--b
Content-Type: text/plain

Leider.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.kunde.example

Original-Recipient: rfc822;Jana@kunde.example
Final-Recipient: rfc822;Jana@kunde.example
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User
 unknown

--b
Content-Type: message/rfc822

Message-ID: <ds.reply.1.x@nordlicht-it.example>
Subject: [#10234] Drucker

x
--b--
"""


def test_a_bounce_says_which_mail_to_whom_and_why() -> None:
    mail = parse(f"From: Postmaster <postmaster@kunde.example>\n{REPORT.format(action='failed')}".encode())
    found = machine.kind(mail)
    assert (found.name, found.answerable) == ("bounce", False)
    assert found.bounced is not None
    assert found.bounced.recipients == ("jana@kunde.example",)
    assert found.bounced.original_message_id == "<ds.reply.1.x@nordlicht-it.example>"
    assert (found.bounced.status, found.bounced.action) == ("5.1.1", "failed")
    assert found.bounced.diagnostic == "550 5.1.1 User unknown"
    assert found.bounced.permanent


def test_a_report_of_success_is_a_receipt_and_a_delay_is_not_final() -> None:
    done = machine.kind(parse(f"From: postmaster@x.example\n{REPORT.format(action='delivered')}".encode()))
    assert done.name == "receipt"
    delayed = REPORT.format(action="delayed").replace("5.1.1", "4.4.1")
    late = machine.kind(parse(f"From: postmaster@x.example\n{delayed}".encode()))
    assert late.name == "bounce"
    assert late.bounced is not None
    assert not late.bounced.permanent


def test_a_bounce_in_plain_words() -> None:
    body = (
        "Hi. This is the qmail-send program at kunde.example.\n\n"
        "<Jana@kunde.example>:\nSorry, no mailbox here. (#5.1.1)\n\n"
        "--- Below this line is a copy of the message.\n\nReturn-Path: <service@nordlicht-it.example>\n"
        "Message-ID: <ds.reply.1.x@nordlicht-it.example>\nSubject: x\n\ny"
    )
    found = kind("Subject: failure notice", body, sender="MAILER-DAEMON@kunde.example")
    assert found.name == "bounce"
    assert found.bounced is not None
    assert found.bounced.recipients == ("jana@kunde.example",)
    assert found.bounced.original_message_id == "<ds.reply.1.x@nordlicht-it.example>"
    assert found.bounced.status == "5.1.1"


def test_a_bounce_passed_on_by_a_person_is_a_question() -> None:
    inner = "\n".join(f"{line}" for line in REPORT.format(action="failed").split("\n"))
    body = (
        "--c\nContent-Type: text/plain\n\nWas heisst das?\n--c\nContent-Type: message/rfc822\n\n"
        f"From: postmaster@x.example\n{inner}\n--c--"
    )
    found = kind('Subject: WG: Unzustellbar\nContent-Type: multipart/mixed; boundary="c"', body)
    assert (found.name, found.answerable) == ("normal", True)


def test_the_reference_mails_are_told_apart() -> None:
    path = REFERENCE / "mail" / "machine_mail.json"
    if not path.exists():
        pytest.skip(f"the reference mails are not here: {path}")
    mails = json.loads(path.read_text(encoding="utf-8"))
    wrong, without_recipient = [], []
    for mail in mails:
        found = machine.kind(parse(base64.b64decode(mail["raw_base64"])), installation=KEY)
        if found.name != mail["kind"]:
            wrong.append((mail["id"], found.name))
        if found.bounced and not found.bounced.recipients:
            without_recipient.append(mail["id"])
    assert Counter(mail["kind"] for mail in mails)["bounce"] > 50
    assert wrong == []
    assert len(without_recipient) <= 2


def test_ordinary_answers_are_ordinary() -> None:
    texts = [path.read_text(encoding="utf-8") for path in FIXTURES.glob("replies_*.txt")]
    bodies = [block for text in texts for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]]
    reference = REFERENCE / "mail" / "replies.json"
    bodies += [mail["text"] for mail in json.loads(reference.read_text())] if reference.exists() else []
    assert len(bodies) >= 40
    assert {kind("Subject: AW: x", body).name for body in bodies} == {"normal"}
