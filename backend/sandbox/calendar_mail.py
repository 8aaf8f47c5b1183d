"""Invitations, cancellations and answers as mail, by the usual delivery: iTIP (RFC 5546), iCalendar (RFC 5545)."""

import base64
import re
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any

from backend.sandbox import bodies, drafts, mailbox, sending
from backend.sandbox.calendars import Event
from backend.sandbox.mime import POLICY
from backend.sandbox.people import Person
from backend.sandbox.store import Tx

_PARTSTAT = {
    "accepted": "ACCEPTED", "declined": "DECLINED", "tentativelyAccepted": "TENTATIVE", "organizer": "ACCEPTED",
}  # fmt: skip
_ROLE = {"required": "REQ-PARTICIPANT", "optional": "OPT-PARTICIPANT", "resource": "NON-PARTICIPANT"}
# As Outlook puts them before the subject of an answer.
_ANSWERED = {"accepted": "Accepted", "declined": "Declined", "tentativelyAccepted": "Tentative"}


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return re.sub(r"\r\n|\r|\n", r"\\n", escaped)


def _folded(line: str) -> str:
    """A content line in pieces of at most 75 octets."""
    pieces, piece = [], ""
    for sign in line:
        if len((piece + sign).encode()) > 74:
            pieces.append(piece)
            piece = ""
        piece += sign
    return "\r\n ".join([*pieces, piece])


def _utc(moment: str) -> str:
    return re.sub(r"[-:]", "", moment)


def _times(event: Event) -> list[str]:
    if event.doc["isAllDay"]:
        days = (event.doc["start"][:10].replace("-", ""), event.doc["end"][:10].replace("-", ""))
        return [f"DTSTART;VALUE=DATE:{days[0]}", f"DTEND;VALUE=DATE:{days[1]}"]
    return [f"DTSTART:{_utc(event.start)}", f"DTEND:{_utc(event.finish)}"]


def _attendee(one: dict[str, Any], method: str) -> str:
    state = _PARTSTAT.get(one["response"], "NEEDS-ACTION")
    name = one["name"].replace('"', "'")
    wish = ";RSVP=TRUE" if method == "REQUEST" else ""
    return f'ATTENDEE;ROLE={_ROLE[one["type"]]};PARTSTAT={state}{wish};CN="{name}":mailto:{one["address"]}'


def ical(event: Event, method: str, attendees: list[dict[str, Any]], now: str, comment: str = "") -> str:
    """The calendar object of a mail; `now` is UTC as Graph writes it."""
    doc = event.doc
    place = "; ".join(one["displayName"] for one in doc["locations"])
    text = bodies.text_of(doc["body"]["content"]) if doc["body"]["contentType"] == "html" else doc["body"]["content"]
    organizer = doc["organizer"]
    lines = [
        "BEGIN:VCALENDAR", f"METHOD:{method}", "PRODID:Sandbox tenant", "VERSION:2.0", "BEGIN:VEVENT",
        'ORGANIZER;CN="{}":mailto:{}'.format(organizer["name"].replace('"', "'"), organizer["address"]),
        *(_attendee(one, method) for one in attendees),
        *([f"DESCRIPTION:{_text(text)}"] if text else []),
        *([f"COMMENT:{_text(comment)}"] if comment else []),
        f"UID:{event.ical_uid}", f"SUMMARY:{_text(doc['subject'])}", *_times(event), f"DTSTAMP:{_utc(now)}",
        f"SEQUENCE:{doc['sequence']}", f"STATUS:{'CANCELLED' if method == 'CANCEL' else 'CONFIRMED'}",
        f"CLASS:{'PRIVATE' if doc['sensitivity'] == 'private' else 'PUBLIC'}",
        f"TRANSP:{'TRANSPARENT' if doc['showAs'] == 'free' else 'OPAQUE'}",
        *([f"LOCATION:{_text(place)}"] if place else []),
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return "\r\n".join(map(_folded, lines)) + "\r\n"


def _send(
    tx: Tx, sender: Person, to: list[dict[str, Any]], subject: str, text: str, calendar: str, method: str
) -> None:
    message = EmailMessage(policy=POLICY)
    message["From"] = formataddr((sender.name, sender.mail))
    message["To"] = ", ".join(formataddr((one["name"], one["address"])) for one in to)
    message["Subject"] = re.sub(r"[\r\n]+", " ", subject)
    message["Date"] = format_datetime(tx.store.now().replace(microsecond=0))
    message["Message-ID"] = mailbox.new_message_id(sender.id)
    message.set_content(text or " ", charset="utf-8", cte="quoted-printable")
    message.add_alternative(calendar, subtype="calendar", charset="utf-8", cte="base64", params={"method": method})
    draft = drafts.from_mime(tx, sender, base64.b64encode(message.as_bytes(policy=POLICY)))
    sending.send(tx, sender, draft)


def _now(tx: Tx) -> str:
    return tx.store.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def _when(event: Event) -> str:
    doc = event.doc
    start, end = datetime.fromisoformat(doc["start"]), datetime.fromisoformat(doc["end"])
    if doc["isAllDay"]:
        return f"{start:%d.%m.%Y}"
    return f"{start:%d.%m.%Y %H:%M} - {end:%H:%M} ({doc['startCalled']})"


def tell_attendees(
    tx: Tx, sender: Person, event: Event, to: list[dict[str, Any]], method: str, comment: str = ""
) -> None:
    """Sends a REQUEST or CANCEL for a meeting; where attendees are hidden, one mail to each."""
    subject = event.doc["subject"]
    if method == "CANCEL":
        subject = f"Canceled: {subject}"
    body = event.doc["body"]["content"]
    if event.doc["body"]["contentType"] == "html":
        body = bodies.text_of(body)
    place = "; ".join(one["displayName"] for one in event.doc["locations"])
    text = "\n".join(filter(None, [comment, _when(event), place, "", body]))
    groups = [[one] for one in to] if event.doc["hideAttendees"] else [to]
    for group in filter(None, groups):
        listed = group if event.doc["hideAttendees"] or method == "CANCEL" else event.doc["attendees"]
        _send(tx, sender, group, subject, text, ical(event, method, listed, _now(tx), comment), method)


def answer_raw(tx: Tx, event: Event, attendee: dict[str, Any], comment: str) -> bytes:
    """The REPLY of an attendee who has no mailbox here, as a mail from outside."""
    message = EmailMessage(policy=POLICY)
    message["From"] = formataddr((attendee["name"], attendee["address"]))
    message["To"] = formataddr((event.doc["organizer"]["name"], event.doc["organizer"]["address"]))
    message["Subject"] = f"{_ANSWERED[attendee['response']]}: {event.doc['subject']}"
    message["Date"] = format_datetime(tx.store.now().replace(microsecond=0))
    message["Message-ID"] = mailbox.new_message_id(event.mailbox)
    message.set_content(comment or " ", charset="utf-8", cte="quoted-printable")
    calendar = ical(event, "REPLY", [attendee], _now(tx), comment)
    message.add_alternative(calendar, subtype="calendar", charset="utf-8", cte="base64", params={"method": "REPLY"})
    return message.as_bytes(policy=POLICY)


def tell_organizer(tx: Tx, sender: Person, event: Event, attendee: dict[str, Any], comment: str) -> None:
    """Sends an attendee's answer from their mailbox to the organiser."""
    subject = f"{_ANSWERED[attendee['response']]}: {event.doc['subject']}"
    calendar = ical(event, "REPLY", [attendee], _now(tx), comment)
    _send(tx, sender, [event.doc["organizer"]], subject, comment, calendar, "REPLY")
