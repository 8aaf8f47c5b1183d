"""Who may see which tickets, messages and activities, and the statuses in their order."""

from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, literal, select, true
from sqlalchemy.sql.elements import ColumnElement

from backend.auth import Who
from backend.db import session
from backend.people.models import Person
from backend.tickets.models.kinds import Kind, StatusKind
from backend.tickets.models.tables import Activity, Message, Status, Ticket
from backend.tickets.sight import siblings_hidden


def seer(who: Who) -> int | None:
    """The person from whom sub-tickets are hidden (`siblings_hidden`); None: of staff, and sees every ticket."""
    return None if who.may("tickets.all") else who.person_id


def visible(who: Who) -> ColumnElement[bool]:
    """The condition on `Ticket` under which `who` may see it: staff all but siblings, a contact the own ones."""
    if who.is_staff:
        return _staff_sees(seer(who))
    own = and_(Ticket.contact_id == (who.person_id or 0), Ticket.customer_id == (who.customer_id or 0))
    return and_(own, Ticket.parent_id.is_(None))


def _staff_sees(seer: int | None) -> ColumnElement[bool]:
    return true() if seer is None else siblings_hidden(Ticket, literal(seer, Integer))


@cache
def _narrowed(query: Select[Any]) -> Select[Any]:
    return query.where(siblings_hidden(Ticket, bindparam("seer", type_=Integer)))


def seen_by(query: Select[Any], who: Who) -> Select[Any]:
    """`query` of tickets, narrowed to those `who` may see; to be asked with the parameter `seer`, which is `seer(who)`.

    For staff it is one of two objects: SQLAlchemy keeps the text of an object, but puts every new one together anew.
    So `query` is one that is kept, too. One object for each person would take a megabyte for each of them.
    """
    if not who.is_staff:
        return query.where(visible(who))
    return query if seer(who) is None else _narrowed(query)


def tickets_visible_to(who: Who) -> Select[Ticket]:
    """The tickets `who` may see; what one may not see is not found."""
    return select(Ticket).where(visible(who))


def sees(who: Who, ticket_id: int) -> bool:
    """Whether `who` may see that ticket."""
    return (
        session.scalar(tickets_visible_to(who).where(Ticket.id == ticket_id).with_only_columns(Ticket.id)) is not None
    )


def writes_as_contact(person: Person, ticket: Ticket) -> bool:
    """Whether what `person` writes on `ticket` is its contact's word.

    One of ours who asks for help is the contact there, unless the ticket is theirs to solve.
    """
    return person.id == ticket.contact_id and not (person.is_staff and person.id == ticket.assignee_id)


def readable(who: Who) -> ColumnElement[bool]:
    """The condition on `Message` joined with its `Ticket` under which `who` may read it: notes are for staff alone."""
    return visible(who) if who.is_staff else and_(visible(who), Message.kind != Kind.NOTE)


def messages_visible_to(who: Who) -> Select[Message]:
    """The messages `who` may read: internal notes are left out here for everybody who is not staff."""
    return select(Message).join(Ticket, Ticket.id == Message.ticket_id).where(readable(who))


_TOLD_TO_CUSTOMERS = (
    "opened",
    "status",
    "priority",
    "type",
    "subject",
    "contact",
    "assignee",
    "pending_until",
    "reply",
    "call",
    "survey_answered",
)


def told_to(who: Who) -> ColumnElement[bool]:
    """The condition on `Activity` of a ticket that `who` may see under which they may read it: to customers only what
    is named here, since the log also keeps the words of notes; contracts to nobody who may not see them.
    """
    if not who.is_staff:
        return Activity.verb.in_(_TOLD_TO_CUSTOMERS)
    return true() if who.may("contracts.read") else Activity.verb != "contract"


_STATUSES = select(Status).order_by(Status.position)


def statuses() -> list[Status]:
    """All statuses in their order."""
    return list(session.scalars(_STATUSES))


def status_of_kind(kind: StatusKind) -> Status:
    """The first status of that kind."""
    return session.scalars(select(Status).where(Status.kind == kind).order_by(Status.position).limit(1)).one()


def last_status() -> Status:
    """The last status: always of the closed kind."""
    return session.scalars(select(Status).order_by(Status.position.desc()).limit(1)).one()
