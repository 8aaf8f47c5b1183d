"""Who has a chat: one answers it, may hand it over, chooses among several, and either side ends it."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from backend import clock, live
from backend.auth import Role, Who
from backend.chat import cards
from backend.chat.actions.telling import HOLDING, customer_of, desk_of, refresh, say, show_card
from backend.chat.models import Chat, ChatState
from backend.chat.queue import held_by
from backend.db import session
from backend.errors import Conflict, Invalid, NotAllowed, NotFound
from backend.i18n import _
from backend.people.models import Person
from backend.tickets.actions import assign, locked, record
from backend.tickets.models import Ticket

_HANDS_OVER = frozenset({Role.DISPATCHER, Role.ADMINISTRATOR})


def locked_chat(chat_id: int) -> Chat:
    """The chat with that id as it is now; nobody else changes it before this transaction ends. Raises NotFound."""
    chat = session.get(Chat, min(chat_id, 2**31 - 1), with_for_update={"key_share": True}, populate_existing=True)
    if chat is None:
        raise NotFound(_("There is no such chat."))
    return chat


def answer(chat_id: int, technician: Person, *, aside: bool = False) -> Chat:
    """`technician` answers a waiting chat: whoever is first has it; answering one's own again does nothing.

    `aside`: somebody else does it in their name, who may be writing to another customer this moment. Raises
    Conflict naming who was faster, or when the chat has ended; NotFound.
    """
    now = clock.now()
    won = session.execute(
        update(Chat)
        .where(Chat.id == min(chat_id, 2**31 - 1), Chat.state == ChatState.WAITING)
        .values(state=ChatState.OPEN, technician_id=technician.id, answered_at=now, held_at=now)
        .returning(Chat.id)
    ).one_or_none()
    chat = locked_chat(chat_id)
    if won is None:
        _not_first(chat, technician)
        return chat
    before = [one for one in held_by(technician.id) if one.id != chat.id]
    if aside and before:
        chat.held_at = _put_aside(before)
    ticket = locked(chat.ticket_id)
    record(ticket, technician.who(), "chat_answered", chat_id=chat.id)
    live.tell("waiting")
    if ticket.assignee_id is None:
        assign(ticket, technician.who(), technician)
    _taken_up(chat, technician, before)
    return chat


def _not_first(chat: Chat, technician: Person) -> None:
    if chat.state == ChatState.ENDED:
        raise Conflict(_("This chat has ended."))
    if chat.technician_id != technician.id:
        name = session.scalar(select(Person.name).where(Person.id == chat.technician_id))
        raise Conflict(_("%(name)s has answered this chat already.", name=name))


def _put_aside(before: list[Chat]) -> datetime:
    """When a chat counts as spoken in last that comes to somebody unasked: before all those they have, so that the line
    they are typing goes to whom they type it for.
    """
    return min(one.held_at or clock.now() for one in before) - timedelta(microseconds=1)


def _taken_up(chat: Chat, technician: Person, before: list[Chat]) -> None:
    """Tells the customer who is there, the technician that the chat is theirs, and every card."""
    session.flush()
    say(customer_of(chat), lambda: cards.answered_for_customer(technician.name), chat)
    desk = desk_of(chat)
    if desk is not None:
        show_card(desk, chat, HOLDING)
    refresh(chat, *before[:1])
    live.tell("chats", f"chat:{chat.id}")


def hand_over(chat_id: int, who: Who, to: Person) -> Chat:
    """Gives an open chat to the colleague `to`; who has it may, and whoever gives out work. To whom has it: nothing.

    Raises Conflict when it is not open, NotAllowed, Invalid when `to` cannot answer chats.
    """
    chat = locked_chat(chat_id)
    if chat.state != ChatState.OPEN:
        raise Conflict(_("Only a chat that somebody has answered can be handed over."))
    if chat.technician_id != who.person_id and who.roles.isdisjoint(_HANDS_OVER):
        raise NotAllowed(_("Only who is in this chat can hand it over."))
    if not to.active or not to.who().may("chats.write"):
        raise Invalid(_("Please correct the marked fields."), fields={"technician": _("Choose a technician.")})
    if to.id == chat.technician_id:
        return chat
    giver = chat.technician_id or 0
    name = session.scalar(select(Person.name).where(Person.id == giver)) or ""
    before = [one for one in held_by(to.id) if one.id != chat.id]
    chat.technician_id = to.id
    chat.held_at = _put_aside(before) if before and who.person_id != to.id else clock.now()
    record(locked(chat.ticket_id), who, "chat_handed_over", before=name, after=to.name, chat_id=chat.id)
    _taken_up(chat, to, before)
    refresh(*held_by(giver)[:1])
    return chat


def continue_with(chat_id: int, technician: Person) -> Chat:
    """The technician's next lines in their chat with the bot go to this customer. Raises Conflict, NotFound."""
    chat = locked_chat(chat_id)
    if chat.state == ChatState.ENDED:
        raise Conflict(_("This chat has ended."))
    if chat.technician_id != technician.id:
        raise Conflict(_("This chat is not yours."))
    before = held_by(technician.id)
    if before and before[0].id != chat.id:
        chat.held_at = clock.now()
        session.flush()
        refresh(before[0], chat)
        _say_to_whom(chat)
    return chat


def _say_to_whom(chat: Chat) -> None:
    """The card that says it stands further up: at the end of the conversation it is said once more."""
    desk, customer = desk_of(chat), session.get_one(Person, chat.contact_id).name
    if desk is not None:
        say(desk, lambda: cards.now_writing_to(customer), chat)


def end(chat_id: int, who: Who) -> Chat:
    """Ends a chat, by either side; one that has ended stays as it was. The ticket stays open. Raises NotFound."""
    chat = locked_chat(chat_id)
    if chat.state == ChatState.ENDED:
        return chat
    desk, technician = desk_of(chat), chat.technician_id
    chat.state, chat.ended_at, chat.ended_by_id = ChatState.ENDED, clock.now(), who.person_id
    session.flush()
    ticket = session.get_one(Ticket, chat.ticket_id)
    record(ticket, who, "chat_ended", chat_id=chat.id)
    live.tell("waiting")
    say(customer_of(chat), cards.ended_for_customer, chat)
    if desk is not None and who.person_id != technician:
        customer = session.scalar(select(Person.name).where(Person.id == chat.contact_id)) or ""
        say(desk, lambda: cards.ended_for_technician(customer, who.name), chat)
    refresh(chat, *(held_by(technician)[:1] if technician else []))
    live.tell("chats", f"chat:{chat.id}")
    return chat
