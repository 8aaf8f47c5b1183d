"""Turns the demo's stories into tickets whose history lies in the past, with the rows that real work leaves."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any
from zoneinfo import ZoneInfo

from backend import config, files
from backend.db import session
from backend.demo import picture
from backend.demo.cast import Cast
from backend.demo.talk import File, Step, Story, moment
from backend.mail.models import Delivery, InboundMail, Mailbox, OutboundMail, Outcome, Purpose
from backend.mail.parse import parse
from backend.mail.sanitise import clean
from backend.mail.thread import new_message_id, with_token
from backend.people.models import Person
from backend.tickets.actions import Enclosure, attach, index_head, index_message
from backend.tickets.models import (
    Activity,
    ActivityStatus,
    Channel,
    Kind,
    Message,
    Priority,
    Status,
    StatusKind,
    Ticket,
)

_PROPERTIES = ("priority", "type", "impact")


def _address(person: Person) -> dict[str, Any]:
    return {"name": person.name, "address": person.mail}


def _enclosure(file: File) -> Enclosure:
    drawn = file.content_type.startswith("image/")
    content = picture.display(file.content) if drawn else file.content.encode()
    return Enclosure(file.name, file.content_type, content)


class Telling:
    """One story being told: the ticket, and what the next mail in its thread refers to."""

    def __init__(self, cast: Cast, story: Story) -> None:
        self.cast, self.story = cast, story
        self.zone = config.current().timezone
        self.contact = cast.person(story.contact)
        self.at = self.moment(story.steps[0])
        self.thread: list[str] = []
        self.ticket = self._opened()

    def moment(self, step: Step) -> datetime:
        """When `step` happens; never after now."""
        return min(moment(step.when, self.cast.now, self.zone), self.cast.now)

    def _opened(self) -> Ticket:
        status, order = self.cast.statuses["open"], self.cast.orders.get(self.story.order)
        ticket = Ticket(
            subject=self.story.subject,
            status_id=status.id,
            closed=False,
            activity_status=ActivityStatus.UNREAD,
            priority=Priority(self.story.priority),
            impact=self.story.impact,
            type=self.story.type,
            category=self.story.category,
            product_family=self.story.family,
            customer_id=self.contact.customer_id,
            contact_id=self.contact.id,
            team_id=self.cast.teams[self.story.team].id,
            order_id=order.id if order else None,
            created_at=self.at,
            updated_at=self.at,
        )
        session.add(ticket)
        session.flush()
        session.refresh(ticket, ["number"])
        self.ticket = ticket
        index_head(ticket)
        self.log(self.contact, "opened", after=ticket.subject, source="mail")
        return ticket

    def log(self, actor: Person, verb: str, *, before: str = "", after: str = "", **data: Any) -> None:
        """Writes the Activity at the story's present moment."""
        session.add(
            Activity(
                ticket_id=self.ticket.id,
                verb=verb,
                actor_id=actor.id,
                actor_name=actor.name,
                before=before,
                after=after,
                data=data,
                at=self.at,
            )
        )

    def tell(self, step: Step) -> None:
        """Makes `step` happen."""
        self.at = max(self.moment(step), self.at)
        actor = self.cast.person(step.by)
        if actor.is_staff and self.ticket.activity_status == ActivityStatus.UNREAD:
            self.ticket.activity_status = ActivityStatus.READ
            self.log(actor, "read")
        if step.kind == "set":
            self._set(actor, *step.text.split("="))
        else:
            self._say(actor, step)
        if step.status:
            self._set(actor, "status", step.status)
        self.ticket.updated_at = self.at

    def _set(self, actor: Person, name: str, value: str) -> None:
        ticket, cast = self.ticket, self.cast
        if name in _PROPERTIES:
            self.log(actor, name, before=getattr(ticket, name), after=value)
            setattr(ticket, name, value)
            return
        if name == "status":
            self._set_status(actor, cast.statuses[value])
            return
        assert name in ("assignee", "team"), name
        chosen = cast.people[value] if name == "assignee" else cast.teams[value]
        before_id = getattr(ticket, f"{name}_id")
        known = cast.people if name == "assignee" else cast.teams
        before = next((one.name for one in known.values() if one.id == before_id), "")
        if before_id == chosen.id:
            return
        setattr(ticket, f"{name}_id", chosen.id)
        self.log(actor, name, before=before, after=chosen.name, before_id=before_id, after_id=chosen.id)

    def _set_status(self, actor: Person, status: Status) -> None:
        before = next(one for one in self.cast.statuses.values() if one.id == self.ticket.status_id)
        if before.id == status.id:
            return
        self.ticket.status_id, self.ticket.closed = status.id, status.kind == StatusKind.CLOSED
        self.log(actor, "status", before=before.name or before.key, after=status.name or status.key)

    def _say(self, actor: Person, step: Step) -> None:
        ticket, mailbox = self.ticket, self.cast.mailbox
        kind = Kind.REPLY if step.kind == "mail" else Kind(step.kind)
        message = Message(
            ticket_id=ticket.id,
            kind=kind,
            channel=Channel(step.channel),
            by_staff=actor.is_staff,
            author_id=actor.id,
            author_name=actor.name,
            author_mail=actor.mail or "",
            subject=self._subject(),
            text=step.text,
            quoted=step.quoted,
            html=clean(step.html).html if step.html else "",
            cc=[_address(self.cast.person(nick)) for nick in step.cc],
            sent_at=self.at,
        )
        if step.kind == "mail":
            message.to = [{"name": mailbox.name, "address": mailbox.address}] if mailbox else []
        elif step.kind == "reply":
            message.to, message.delivery = [_address(self.contact)], Delivery.SENT
        session.add(message)
        session.flush()
        enclosures = [_enclosure(file) for file in step.files]
        attach(message, enclosures)
        ticket.messages_count += 1
        index_message(ticket, message, [each.name for each in enclosures])
        self.log(actor, kind, message_id=message.id, channel=message.channel)
        self._turn(step.kind)
        if mailbox is not None and step.kind == "mail":
            self._came_in(mailbox, actor, message, enclosures)
        elif mailbox is not None and step.kind == "reply":
            self._went_out(mailbox, message)

    def _subject(self) -> str:
        if not self.thread:
            return self.story.subject
        return with_token(f"AW: {self.story.subject}", self.ticket.number)

    def _turn(self, kind: str) -> None:
        if kind in ("reply", "call"):
            self.ticket.activity_status = ActivityStatus.WAITING_CONTACT
        elif kind == "mail" and self.ticket.messages_count > 1:
            self.ticket.activity_status = ActivityStatus.WAITING_TECHNICIAN

    def _came_in(self, mailbox: Mailbox, sender: Person, message: Message, enclosures: list[Enclosure]) -> None:
        domain = message.author_mail.partition("@")[2]
        message.internet_message_id = f"<{self.at:%Y%m%d.%H%M}.{message.id}@{domain}>"
        raw = self._original(mailbox, message, enclosures)
        session.add(
            InboundMail(
                mailbox_id=mailbox.id,
                internet_message_id=message.internet_message_id,
                content_hash=parse(raw).content_hash,
                from_address=message.author_mail,
                from_name=sender.name,
                subject=message.subject,
                outcome=Outcome.MESSAGE if self.thread else Outcome.TICKET,
                kind="normal",
                ticket_id=self.ticket.id,
                message_id=message.id,
                received_at=self.at,
                taken_in_at=min(self.at + timedelta(seconds=2), self.cast.now),
                original=files.keep(raw),
            )
        )
        self.thread.append(message.internet_message_id)

    def _original(self, mailbox: Mailbox, message: Message, enclosures: list[Enclosure]) -> bytes:
        made = EmailMessage()
        made["From"] = formataddr((message.author_name, message.author_mail))
        made["To"] = formataddr((mailbox.name, mailbox.address))
        if message.cc:
            made["Cc"] = ", ".join(formataddr((one["name"], one["address"])) for one in message.cc)
        made["Subject"] = message.subject
        made["Date"] = format_datetime(self.at.astimezone(ZoneInfo(self.zone)))
        made["Message-ID"] = message.internet_message_id
        if self.thread:
            made["In-Reply-To"], made["References"] = self.thread[-1], " ".join(self.thread)
        made.set_content("\n\n".join(part for part in (message.text, message.quoted) if part))
        if message.html:
            made.add_alternative(message.html, subtype="html")
        for each in enclosures:
            main, _slash, sub = each.content_type.partition("/")
            made.add_attachment(each.content, maintype=main, subtype=sub, filename=each.name)
        return made.as_bytes()

    def _went_out(self, mailbox: Mailbox, message: Message) -> None:
        sent = OutboundMail(
            mailbox_id=mailbox.id,
            ticket_id=self.ticket.id,
            message_id=message.id,
            purpose=Purpose.REPLY,
            to=message.to,
            subject=message.subject,
            text=message.text,
            language=self.contact.language,
            in_reply_to=self.thread[-1] if self.thread else "",
            references=list(self.thread),
            state=Delivery.SENT,
            created_at=self.at,
            sent_at=min(self.at + timedelta(seconds=3), self.cast.now),
        )
        session.add(sent)
        session.flush()
        key, domain = config.current().secret_key.encode(), mailbox.address.partition("@")[2]
        identity = new_message_id(key, domain, Purpose.REPLY, sent.id)
        sent.internet_message_id = sent.exchange_message_id = message.internet_message_id = identity
        self.thread.append(identity)


def tell_stories(cast: Cast, stories: tuple[Story, ...]) -> None:
    """Tells all stories, the oldest first, so that numbers rise with time."""
    zone = config.current().timezone
    for story in sorted(stories, key=lambda one: moment(one.steps[0].when, cast.now, zone)):
        with session.no_autoflush:  # each message is flushed as it is said; between them nothing is asked that changed
            telling = Telling(cast, story)
            for step in story.steps:
                telling.tell(step)
        session.flush()
