"""Everything by which a contact touched the desk, the newest first: one query per kind, each as long as a page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true, tuple_

from backend.auth import Who
from backend.chat.models import Chat
from backend.db import session
from backend.i18n import N_
from backend.orders.models import Order, orders_visible_to
from backend.people.models import Person
from backend.surveys.models import SurveyAnswer
from backend.tickets.models import Channel, Kind, Message, Ticket, messages_visible_to, readable, visible
from backend.visits.models import Visit, VisitState

PAGE = 20
_A_MOMENT = timedelta(seconds=5)  # by which Teams' clock and ours may differ
_WORDS = 200  # characters of what was said
# Kind of touchpoint: its name and its icon, in the order of those at the same moment.
KINDS: dict[str, tuple[str, str]] = {
    "visit": (N_("Visit"), "calendar-16"),
    "mail": (N_("E-mail"), "mail-16"),
    "call": (N_("Call"), "call-16"),
    "chat": (N_("Chat in Teams"), "chat-16"),
    "ticket": (N_("Ticket"), "ticket-diagonal"),
    "order": (N_("Order"), "document-text-16"),
    "survey": (N_("Survey"), "form"),
}
_RANKS = {kind: rank for rank, kind in enumerate(KINDS)}
Place = tuple[datetime, int, int]  # moment, rank of the kind, id


@dataclass(frozen=True)
class Touchpoint:
    """One of them: what it is called, what was said, and the page it stands on."""

    kind: str
    at: datetime
    id: int
    title: str
    href: str
    said: str = ""
    who: str = ""  # who wrote, of a mail or a call
    by_us: bool = False
    off: bool = False  # a visit that was called off
    day_only: bool = False

    @property
    def place(self) -> Place:
        """Where it stands, so that a page can begin after it."""
        return self.at, _RANKS[self.kind], self.id


def read_place(text: str) -> Place | None:
    """A place that a page named in its address; None where it is none."""
    parts = text.split("|")
    try:
        moment = datetime.fromisoformat(parts[0])
        rank, number = int(parts[1]), int(parts[2])
    except (ValueError, IndexError):
        return None
    known = moment.tzinfo is not None and 0 <= rank < len(KINDS) and 0 <= number < 2**62
    return (moment, rank, number) if known else None


def write_place(place: Place) -> str:
    """`place` as it stands in an address."""
    return f"{place[0].isoformat()}|{place[1]}|{place[2]}"


def _after(kind: str, at: Any, number: Any, place: Place | None) -> list[ColumnElement[bool]]:
    """The condition that a row of that kind comes after `place`."""
    if place is None:
        return []
    moment, rank, last = place
    if _RANKS[kind] > rank:
        return [at <= moment]
    if _RANKS[kind] < rank:
        return [at < moment]
    return [tuple_(at, number) < (moment, last)]


def _messages(who: Who, person: Person, place: Place | None, *, calls: bool) -> list[Touchpoint]:
    kind = "call" if calls else "mail"
    sort = Message.kind == Kind.CALL if calls else and_(Message.kind == Kind.REPLY, Message.channel != Channel.TEAMS)
    rows = session.execute(
        select(
            Message.id,
            Message.sent_at,
            Message.subject,
            Message.author_name,
            Message.by_staff,
            func.left(Message.text, _WORDS).label("text"),
            Ticket.number,
            Ticket.subject.label("matter"),
        )
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(readable(who), Ticket.contact_id == person.id, sort, Message.deleted_at.is_(None))
        .where(*_after(kind, Message.sent_at, Message.id, place))
        .order_by(Message.sent_at.desc(), Message.id.desc())
        .limit(PAGE + 1)
    )
    return [_said(kind, row) for row in rows]


def _said(kind: str, row: Any) -> Touchpoint:
    title = row.subject.strip() or row.matter
    href = f"/tickets/{row.number}#m{row.id}"
    return Touchpoint(kind, row.sent_at, row.id, title, href, row.text, row.author_name, row.by_staff)


def _mails(who: Who, person: Person, place: Place | None) -> list[Touchpoint]:
    return _messages(who, person, place, calls=False)


def _calls(who: Who, person: Person, place: Place | None) -> list[Touchpoint]:
    return _messages(who, person, place, calls=True)


def _newest(query: Any, kind: str, at: Any, number: Any, place: Place | None) -> Any:
    query = query.where(*_after(kind, at, number, place)).order_by(at.desc(), number.desc()).limit(PAGE + 1)
    return session.execute(query)


def _chats(who: Who, person: Person, place: Place | None) -> list[Touchpoint]:
    begins = (
        select(func.min(Message.id))
        .where(
            Message.ticket_id == Chat.ticket_id,
            Message.channel == Channel.TEAMS,
            Message.kind != Kind.NOTE,
            Message.sent_at >= Chat.waiting_since - _A_MOMENT,
        )
        .correlate(Chat)
        .scalar_subquery()
    )
    query = (
        select(Chat.id, Chat.waiting_since, Ticket.number, Ticket.subject, begins.label("first"))
        .join(Ticket, Ticket.id == Chat.ticket_id)
        .where(visible(who), Chat.contact_id == person.id)
    )
    rows = _newest(query, "chat", Chat.waiting_since, Chat.id, place)
    return [
        Touchpoint(
            "chat", row.waiting_since, row.id, row.subject,
            f"/tickets/{row.number}#m{row.first}" if row.first else f"/tickets/{row.number}",
        )
        for row in rows
    ]  # fmt: skip


def _tickets(who: Who, person: Person, place: Place | None) -> list[Touchpoint]:
    query = select(Ticket.id, Ticket.created_at, Ticket.number, Ticket.subject)
    query = query.where(visible(who), Ticket.contact_id == person.id)
    rows = _newest(query, "ticket", Ticket.created_at, Ticket.id, place)
    return [
        Touchpoint("ticket", row.created_at, row.id, f"#{row.number} {row.subject}", f"/tickets/{row.number}")
        for row in rows
    ]


def _visits(who: Who, person: Person, place: Place | None) -> list[Touchpoint]:
    if not who.may("visits.read"):
        return []
    query = (
        select(Visit.id, Visit.starts_at, Visit.place, Visit.state, Ticket.number, Ticket.subject, Person.name)
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .join(Person, Person.id == Visit.technician_id)
        .where(visible(who), Ticket.contact_id == person.id)
    )
    rows = _newest(query, "visit", Visit.starts_at, Visit.id, place)
    return [
        Touchpoint(
            "visit", row.starts_at, row.id, row.subject, f"/tickets/{row.number}#rail-visits", row.place, row.name,
            by_us=True, off=row.state != VisitState.PLANNED,
        )
        for row in rows
    ]  # fmt: skip


def _orders(who: Who, person: Person, place: Place | None) -> list[Touchpoint]:
    if not who.may("orders.read") or person.customer_id is None:
        return []
    own = or_(Order.contact_id == person.id, Order.contact_id.is_(None))
    query = orders_visible_to(who).with_only_columns(Order.id, Order.number, Order.title, Order.ordered_on)
    at = func.timezone("UTC", Order.ordered_on)
    rows = _newest(query.where(Order.customer_id == person.customer_id, own), "order", at, Order.id, place)
    return [
        Touchpoint(
            "order", datetime.combine(row.ordered_on, time(), UTC), row.id,
            f"{row.number} {row.title}".strip(), f"/orders/{row.number}", day_only=True,
        )
        for row in rows
    ]  # fmt: skip


_ANSWERED = func.coalesce(SurveyAnswer.answered_at, SurveyAnswer.updated_at)


def _answers(who: Who, person: Person) -> Any:
    """Answers to surveys on the contact's tickets, without those whose survey does not say who has answered; none for
    whoever may not know who answered, and when.
    """
    return (
        select(SurveyAnswer.ticket_id.label("id"), _ANSWERED.label("at"), SurveyAnswer.survey)
        .add_columns(SurveyAnswer.answers, Ticket.number)
        .join(Ticket, Ticket.id == SurveyAnswer.ticket_id)
        .where(visible(who), Ticket.contact_id == person.id, func.trim(SurveyAnswer.contact) != "")
        .where(true() if who.may("surveys.read") else false())
    )


def _answer(row: Any) -> Touchpoint:
    said = next((str(one["answer"]) for one in row.answers if one.get("answer")), "")
    return Touchpoint("survey", row.at, row.id, row.survey, f"/tickets/{row.number}#survey-answer", said[:_WORDS])


def _surveys(who: Who, person: Person, place: Place | None) -> list[Touchpoint]:
    rows = _newest(_answers(who, person), "survey", _ANSWERED, SurveyAnswer.ticket_id, place)
    return [_answer(row) for row in rows]


_READERS: tuple[Callable[[Who, Person, Place | None], list[Touchpoint]], ...] = (
    _mails,
    _calls,
    _chats,
    _tickets,
    _visits,
    _orders,
    _surveys,
)


def touchpoints(who: Who, person: Person, place: Place | None = None) -> tuple[list[Touchpoint], Place | None]:
    """(a page of what comes after `place`, where the next page begins or None)."""
    found = [each for read in _READERS for each in read(who, person, place)]
    found.sort(key=lambda each: (-each.at.timestamp(), _RANKS[each.kind], -each.id))
    page = found[:PAGE]
    return page, page[-1].place if len(found) > len(page) else None


def origin(who: Who, person: Person, number: int) -> Touchpoint | None:
    """By what the ticket with that number began: the contact's answer to a survey, else the first message on it, else
    the ticket itself.
    """
    answer = session.execute(_answers(who, person).where(Ticket.number == number)).one_or_none()
    if answer is not None:
        return _answer(answer)
    query = messages_visible_to(who).where(Ticket.number == number, Ticket.contact_id == person.id)
    first = session.execute(
        query.with_only_columns(
            Message.id,
            Message.sent_at,
            Message.subject,
            Message.kind,
            Message.channel,
            Message.author_name,
            Message.by_staff,
            func.left(Message.text, _WORDS).label("text"),
            Ticket.number,
            Ticket.subject.label("matter"),
        )
        .where(Message.kind != Kind.NOTE, Message.deleted_at.is_(None))
        .order_by(Message.id)
        .limit(1)
    ).one_or_none()
    if first is not None:
        kind = "call" if first.kind == Kind.CALL else "chat" if first.channel == Channel.TEAMS else "mail"
        return _said(kind, first)
    ticket = session.execute(
        select(Ticket.id, Ticket.created_at, Ticket.number, Ticket.subject).where(
            visible(who), Ticket.number == number, Ticket.contact_id == person.id
        )
    ).one_or_none()
    if ticket is None:
        return None
    return Touchpoint("ticket", ticket.created_at, ticket.id, ticket.subject, f"/tickets/{ticket.number}")
