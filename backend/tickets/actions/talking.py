"""Saying something on a ticket: a reply, a note, a call, and what customers answer."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from backend import clock, files
from backend.auth import Who
from backend.db import session
from backend.errors import Conflict, Invalid, Refused
from backend.i18n import _
from backend.jobs import in_a_moment, later
from backend.people.models import Person
from backend.textmodules.gaps import refuse_open
from backend.tickets.actions.changing import change, editable
from backend.tickets.actions.index import index_message
from backend.tickets.actions.record import record
from backend.tickets.actions.statuses import status_after_answer
from backend.tickets.models import ActivityStatus, Attachment, Channel, Kind, Message, Status, Ticket
from backend.writing.models import participants_of

MAX_TEXT = 64 * 1024  # characters shown; the whole is kept beside it


@dataclass(frozen=True)
class Enclosure:
    """A file to be kept with a message."""

    name: str
    content_type: str
    content: bytes = field(repr=False)
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What is being said, by whichever door. `to` and `cc` are lists of {"name", "address"}."""

    text: str
    html: str = ""
    quoted: str = ""
    channel: Channel = Channel.DESK
    subject: str = ""
    to: list[dict[str, Any]] = field(default_factory=list)
    cc: list[dict[str, Any]] = field(default_factory=list)
    internet_message_id: str | None = None
    sent_at: datetime | None = None
    author_mail: str = ""
    mailed_as: str = ""  # see Message
    enclosures: tuple[Enclosure, ...] = ()
    closing_reason: str = ""  # where its status closes the ticket although items of checklists are open


def attach(message: Message, enclosures: Iterable[Enclosure]) -> None:
    """Keeps `enclosures` with `message`."""
    for each in enclosures:
        session.add(
            Attachment(
                message_id=message.id,
                name=each.name[:255] or "file",
                content_type=each.content_type,
                size=len(each.content),
                sha256=files.keep(each.content),
                inline=each.inline,
                content_id=each.content_id,
            )
        )


def add_message(ticket: Ticket, actor: Who, kind: Kind, said: Said, *, by_staff: bool) -> Message:
    """`said` as a message of `ticket`, which is counted, searched and shown from now on. The verbs decide who may."""
    text, enclosures = said.text.replace("\x00", ""), said.enclosures
    if len(text) > MAX_TEXT:
        enclosures = (*enclosures, Enclosure("message.txt", "text/plain", text.encode()))
        text = text[: MAX_TEXT - 1] + "…"
    now = clock.now()
    message = Message(
        ticket_id=ticket.id,
        kind=kind,
        channel=said.channel,
        by_staff=by_staff,
        author_id=actor.person_id,
        author_name=actor.name,
        author_mail=said.author_mail or actor.mail,
        to=said.to,
        cc=said.cc,
        subject=said.subject,
        text=text,
        quoted=said.quoted.replace("\x00", "")[: 4 * MAX_TEXT],
        html=said.html if len(said.html) <= 8 * MAX_TEXT else "",
        internet_message_id=said.internet_message_id,
        mailed_as=said.mailed_as,
        sent_at=said.sent_at or now,
    )
    session.add(message)
    session.flush()
    attach(message, enclosures)
    ticket.messages_count += 1
    ticket.updated_at = now
    index_message(ticket, message, [each.name for each in enclosures if not each.inline])
    sent_to = ", ".join(one["address"] for one in said.to) if said.mailed_as else ""
    record(ticket, actor, said.mailed_as or kind, after=sent_to, message_id=message.id, channel=said.channel)
    session.flush()
    return message


def nonempty(said: Said) -> None:
    """Raises Invalid when there is neither a word nor a file."""
    if not said.text.strip() and not said.enclosures:
        raise Invalid(_("Please write something first."), fields={"text": _("There is no text yet.")})


def _recipients(ticket: Ticket, said: Said) -> list[dict[str, Any]]:
    if said.to:
        return said.to
    contact = session.get(Person, ticket.contact_id) if ticket.contact_id else None
    return [{"name": contact.name, "address": contact.mail}] if contact and contact.mail else []


def reply(ticket: Ticket, actor: Who, said: Said, *, status: Status | None = None, hold: int = 0) -> Message:
    """A public answer of `actor` (staff) to the customer, sent by mail; with `status`, the ticket gets that status.

    `hold`: seconds for which it can be taken back before its mail is written. Raises Invalid when there is nothing to
    send, nobody to send it to, or a gap of a text module left in it. Whoever of us is the ticket's contact, and not its
    technician, is documented as that.
    """
    editable(ticket, actor)
    nonempty(said)
    refuse_open(said.text)
    if actor.person_id is not None and actor.person_id == ticket.contact_id != ticket.assignee_id:
        return _asked_further(ticket, actor, said, status)
    to = _recipients(ticket, said)
    if not to:
        raise Refused(
            _("This ticket has nobody to answer to. Please choose a contact with an e-mail address first."),
            fields={"to": _("Nobody to send this to.")},
        )
    until = ticket.pending_until.isoformat() if ticket.pending_until is not None else None
    before = {"turn": ticket.activity_status, "status": ticket.status_id, "until": until}
    said = replace(said, to=to, cc=_with_participants(ticket, to, said.cc))
    message = add_message(ticket, actor, Kind.REPLY, said, by_staff=True)
    message.delivery = "waiting"
    ticket.activity_status = ActivityStatus.WAITING_CONTACT
    later("mail.reply", at=in_a_moment(timedelta(seconds=hold)) if hold else None, message_id=message.id)
    if status is not None:
        change(ticket, actor, status=status, closing_reason=said.closing_reason)
    if hold:
        message.held = {**before, "to_status": ticket.status_id}
    return message


def _asked_further(ticket: Ticket, actor: Who, said: Said, status: Status | None) -> Message:
    """One of ours asks for help: what they write is the contact's word, and no mail goes to themselves."""
    message = receive(ticket, actor, replace(said, to=[], cc=[]))
    if status is not None:
        change(ticket, actor, status=status, closing_reason=said.closing_reason)
    return message


def _with_participants(ticket: Ticket, to: list[dict[str, Any]], cc: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`cc` and everybody else who takes part in the ticket."""
    there = {str(one["address"]).lower() for one in [*to, *cc]}
    return [*cc, *(one for one in participants_of(ticket.id) if one["address"] not in there)]


def post_again(message: Message) -> None:
    """A reply whose mail could not even be written (there was no mailbox) is given to the mail once more.

    Raises Conflict when it has not failed.
    """
    if message.delivery != "failed":
        raise Conflict(_("This e-mail is on its way already, or has been sent."))
    message.delivery = "waiting"
    later("mail.reply", message_id=message.id)


def note(ticket: Ticket, actor: Who, said: Said, *, status: Status | None = None) -> Message:
    """An internal note of `actor`; no customer sees it on any door."""
    nonempty(said)
    message = add_message(ticket, actor, Kind.NOTE, said, by_staff=True)
    if ticket.activity_status == ActivityStatus.UNREAD:
        ticket.activity_status = ActivityStatus.READ
    if status is not None:
        change(ticket, actor, status=status, closing_reason=said.closing_reason)
    return message


def call(ticket: Ticket, actor: Who, said: Said, *, status: Status | None = None) -> Message:
    """A telephone call with the customer, written down by `actor`; public, but not mailed.

    A ticket that begins with it waits for us: the customer has only just said what it is about.
    """
    editable(ticket, actor)
    nonempty(said)
    message = add_message(ticket, actor, Kind.CALL, said, by_staff=True)
    begins = ticket.messages_count == 1
    ticket.activity_status = ActivityStatus.WAITING_TECHNICIAN if begins else ActivityStatus.WAITING_CONTACT
    if status is not None:
        change(ticket, actor, status=status, closing_reason=said.closing_reason)
    return message


def receive(ticket: Ticket, contact: Who, said: Said, *, machine: bool = False) -> Message:
    """Something a customer said. `machine`: a robot wrote it for them (absence, bounce), so nobody's turn changes.

    The status stays as it is unless the setting on customers' answers says otherwise.
    """
    message = add_message(ticket, contact, Kind.REPLY, said, by_staff=False)
    if machine:
        return message
    if ticket.messages_count > 1:
        ticket.activity_status = ActivityStatus.WAITING_TECHNICIAN
        status = status_after_answer(ticket)
        if status is not None:
            change(ticket, contact, status=status)
    return message
