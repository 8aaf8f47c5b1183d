"""Turns the demo's stories into tickets whose history lies in the past, with the rows that real work leaves."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from backend import config, files
from backend.db import session
from backend.demo import picture
from backend.demo.cast import Cast
from backend.demo.posting import Thread
from backend.demo.talk import File, Step, Story, moment
from backend.mail.models import Delivery
from backend.mail.sanitise import clean
from backend.mail.thread import with_token
from backend.people.models import Person
from backend.tickets.actions import Enclosure, index_heads
from backend.tickets.models import (
    SEARCH_CONFIGS,
    TICKET_NUMBERS,
    Activity,
    ActivityStatus,
    Attachment,
    Channel,
    Kind,
    Message,
    Priority,
    Status,
    StatusKind,
    Ticket,
)
from backend.worklog.models import TimeEntry
from backend.worklog.words import hours

_RATE = Decimal("96.00")
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
        self.thread = Thread(cast)
        self.ticket = self._opened()

    def moment(self, step: Step) -> datetime:
        """When `step` happens; never after now."""
        return min(moment(step.when, self.cast.now, self.zone), self.cast.now)

    def _opened(self) -> Ticket:
        status, order = self.cast.statuses["open"], self.cast.orders.get(self.story.order)
        contract = self.cast.contracts.get(self.contact.customer_id or 0)
        first = self.story.steps[0]
        ticket = Ticket(
            id=self.cast.rows.id(Ticket),
            number=self.cast.rows.number(TICKET_NUMBERS.name),
            subject=self.story.subject,
            source="desk" if first.kind == "call" else first.channel,
            messages_count=0,
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
            contract_id=contract.id if contract else None,
            created_at=self.at,
            updated_at=self.at,
        )
        self.cast.rows.add(ticket)
        self.ticket = ticket
        opener = self.cast.person(first.by)
        self.log(opener, "opened", after=ticket.subject, source=ticket.source)
        return ticket

    def log(self, actor: Person, verb: str, *, before: str = "", after: str = "", **data: Any) -> None:
        """Writes the Activity at the story's present moment."""
        self.cast.rows.add(
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
        if step.minutes:
            self._worked(actor, step)
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
            id=self.cast.rows.id(Message),
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
        if step.channel == "teams":
            message.subject, message.delivery = "", Delivery.SENT if step.kind == "reply" else message.delivery
        elif step.kind == "mail":
            message.to = [{"name": mailbox.name, "address": mailbox.address}] if mailbox else []
        elif step.kind == "reply":
            message.to, message.delivery = [_address(self.contact)], Delivery.SENT
        self.cast.rows.add(message)
        enclosures = [_enclosure(file) for file in step.files]
        for each in enclosures:
            self._enclose(message, each)
        ticket.messages_count += 1
        self.log(actor, kind, message_id=message.id, channel=message.channel)
        self._turn(step.kind)
        if mailbox is not None and step.kind == "mail" and step.channel != "teams":
            self.thread.came_in(mailbox, actor, message, enclosures)
        elif mailbox is not None and step.kind == "reply" and step.channel != "teams":
            self.thread.went_out(mailbox, message, self.contact)

    def _enclose(self, message: Message, file: Enclosure) -> None:
        self.cast.rows.add(
            Attachment(
                message_id=message.id,
                name=file.name,
                content_type=file.content_type,
                size=len(file.content),
                sha256=files.keep(file.content),
            )
        )

    def _worked(self, actor: Person, step: Step) -> None:
        """The time that `step` took, written down; what was worked before this month is billed."""
        began = self.at.astimezone(ZoneInfo(self.zone)) - timedelta(minutes=step.minutes)
        this_month = self.cast.now.astimezone(ZoneInfo(self.zone)).replace(day=1, hour=8, minute=0, second=0)
        contract = self.cast.contracts.get(self.contact.customer_id or 0)
        kind = "billable" if step.billing == "contract" and contract is None else step.billing
        rate = (contract.hourly_rate if contract else _RATE) if kind == "billable" else None
        billed = kind in ("billable", "contract") and self.at < this_month <= self.cast.now
        self.cast.rows.add(
            TimeEntry(
                ticket_id=self.ticket.id,
                person_id=actor.id,
                worked_on=began.date(),
                start=began.time().replace(second=0, microsecond=0),
                minutes=step.minutes,
                kind=kind,
                rate=rate,
                text=self.story.subject if step.kind in ("reply", "set") else step.text.partition("\n")[0][:200],
                billed_at=this_month if billed else None,
                created_at=self.at,
                updated_at=this_month if billed else self.at,
            )
        )
        self.log(actor, "time_noted", after=hours(step.minutes), kind=kind)

    def _subject(self) -> str:
        if not self.thread.ids:
            return self.story.subject
        return with_token(f"AW: {self.story.subject}", self.ticket.number)

    def _turn(self, kind: str) -> None:
        if kind in ("reply", "call"):
            self.ticket.activity_status = ActivityStatus.WAITING_CONTACT
        elif kind == "mail" and self.ticket.messages_count > 1:
            self.ticket.activity_status = ActivityStatus.WAITING_TECHNICIAN


# What was said, as `index_message` would have added it: one part of each ticket, written in one statement.
_INDEX = text("""
insert into ticket_search (ticket_id, part, size, public, internal)
select ticket_id, 1, octet_length(public || internal),
       to_tsvector('simple', public) || to_tsvector(stems, public),
       to_tsvector('simple', internal) || to_tsvector(stems, internal)
from (
    select m.ticket_id, coalesce((cast(:stems as jsonb) ->> p.language), 'simple')::regconfig as stems,
           coalesce(string_agg(said.words, ' ' order by m.id) filter (where m.kind <> 'note'), '') as public,
           coalesce(string_agg(said.words, ' ' order by m.id) filter (where m.kind = 'note'), '') as internal
    from messages m
    join tickets t on t.id = m.ticket_id
    left join people p on p.id = t.contact_id
    cross join lateral (
        select concat_ws(' ', m.author_name, m.text, m.quoted, string_agg(name, ' ')) as words
        from attachments where message_id = m.id
    ) as said
    group by m.ticket_id, p.language
) as parts
""")


def tell_stories(cast: Cast, stories: Iterable[Story]) -> None:
    """Tells all stories, the oldest first, so that numbers rise with time."""
    zone = config.current().timezone
    told = []
    with session.no_autoflush:  # all rows are written at once: while they are made nothing is asked that they change
        for story in sorted(stories, key=lambda one: moment(one.steps[0].when, cast.now, zone)):
            telling = Telling(cast, story)
            for step in story.steps:
                telling.tell(step)
            told.append(telling.ticket.id)
            cast.tickets[story.subject] = telling.ticket
    cast.rows.write()
    index_heads(told)
    session.execute(_INDEX, {"stems": json.dumps(SEARCH_CONFIGS)})
