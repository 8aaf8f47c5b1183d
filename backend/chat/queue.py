"""Chats as lists show them, read as columns: who waits, whose they are, what was said last."""

from typing import Any

from sqlalchemy import Select, exists, func, select, true
from sqlalchemy.orm import aliased

from backend import config
from backend.auth import Role, Who
from backend.chat.models import Chat, ChatState, Place, Reach, TeamsConversation
from backend.db import session
from backend.people.models import Customer, Person
from backend.tickets.models import Kind, Message, Ticket, visible

CONTACT, TECHNICIAN = aliased(Person), aliased(Person)
_last = (
    select(Message.text, Message.by_staff, Message.sent_at, Message.author_name)
    .where(Message.ticket_id == Chat.ticket_id, Message.kind == Kind.REPLY, Message.sent_at >= Chat.waiting_since)
    .order_by(Message.id.desc())
    .limit(1)
    .lateral("last")
)
_ROW: Any = (
    select(
        Chat.id,
        Chat.state,
        Chat.ticket_id,
        Chat.technician_id,
        Chat.contact_id,
        Chat.waiting_since,
        Chat.answered_at,
        Chat.ended_at,
        Ticket.number,
        Ticket.subject,
        Ticket.customer_id,
        CONTACT.name.label("contact"),
        CONTACT.phone.label("phone"),
        TECHNICIAN.name.label("technician"),
        Customer.name.label("company"),
        TeamsConversation.state.label("reach"),
        _last.c.text.label("last_text"),
        _last.c.by_staff.label("last_by_staff"),
        func.coalesce(_last.c.sent_at, Chat.waiting_since).label("last_at"),
    )
    .join(Ticket, Ticket.id == Chat.ticket_id)
    .join(CONTACT, CONTACT.id == Chat.contact_id)
    .join(TeamsConversation, TeamsConversation.id == Chat.conversation_id)
    .outerjoin(Customer, Customer.id == Ticket.customer_id)
    .outerjoin(TECHNICIAN, TECHNICIAN.id == Chat.technician_id)
    .outerjoin(_last, true())
)


def rows_visible_to(who: Who) -> Select[Any]:
    """Chats with what a list says of each, as far as `who` may see their tickets."""
    query: Select[Any] = _ROW.where(visible(who))
    return query


def running(who: Who) -> list[Any]:
    """The chats that wait or are open, who waits longest first."""
    query = rows_visible_to(who).where(Chat.state != ChatState.ENDED).order_by(Chat.waiting_since, Chat.id)
    return list(session.execute(query))


def one(chat_id: int, who: Who) -> Any:
    """One chat as a row; None when there is none or `who` may not see it."""
    return session.execute(rows_visible_to(who).where(Chat.id == min(chat_id, 2**31 - 1))).one_or_none()


def number_waiting() -> int:
    """How many chats wait for somebody."""
    return session.scalar(select(func.count()).select_from(Chat).where(Chat.state == ChatState.WAITING)) or 0


def held_by(person_id: int) -> list[Chat]:
    """The open chats of a technician, the one their next line belongs to first."""
    query = select(Chat).where(Chat.technician_id == person_id, Chat.state == ChatState.OPEN)
    return list(session.scalars(query.order_by(Chat.held_at.desc(), Chat.id.desc())))


def unreached() -> dict[int, str]:
    """Names by id of the active technicians who have blocked or removed the bot: no chat rings with them."""
    mine = (TeamsConversation.person_id == Person.id, TeamsConversation.kind == Place.PERSONAL)
    reached = exists().where(*mine, TeamsConversation.state == Reach.OPEN)
    query = select(Person.id, Person.name).where(
        Person.active, Person.roles.contains([Role.TECHNICIAN]), exists().where(*mine), ~reached
    )
    return {row.id: row.name for row in session.execute(query.order_by(Person.name))}


def bells() -> list[TeamsConversation]:
    """Where a waiting chat rings: the team's channels, and each active technician's chat with the bot."""
    channels = select(TeamsConversation).where(
        TeamsConversation.kind == Place.CHANNEL, TeamsConversation.state == Reach.OPEN
    )
    if named := config.current().teams_channel:
        channels = channels.where(TeamsConversation.conversation_id == named)
    personal = (
        select(TeamsConversation)
        .join(Person, Person.id == TeamsConversation.person_id)
        .where(
            TeamsConversation.kind == Place.PERSONAL,
            TeamsConversation.state == Reach.OPEN,
            Person.active,
            Person.roles.contains([Role.TECHNICIAN]),
        )
    )
    return [*session.scalars(channels.order_by(TeamsConversation.id)), *session.scalars(personal)]
