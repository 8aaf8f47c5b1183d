"""A customer says which of their tickets a chat is about."""

from sqlalchemy import Select, func, select, union

from backend import live
from backend.chat.actions.answering import locked_chat
from backend.chat.actions.telling import refresh
from backend.chat.models import Chat, ChatState, TeamsActivity, TeamsConversation, TeamsPost
from backend.db import session
from backend.errors import Conflict, NotFound
from backend.i18n import _
from backend.people.models import Person
from backend.tickets.actions import index_again, locked, move_messages, record, withdraw
from backend.tickets.models import Activity, Message, Ticket, tickets_visible_to

# What the beginning of a chat alone leaves in the log of the ticket it opened.
_OF_THE_CHAT = ("opened", "reply", "chat_began", "read", "message_edited", "message_deleted")


def choose_ticket(chat_id: int, contact: Person, number: int) -> Chat:
    """Moves the running chat with all its lines to another open ticket of the contact; its own: it is a new matter.

    The ticket that this chat had opened is removed when nothing else stands on it. Raises NotFound for what is not
    the contact's, Conflict when the chat has ended.
    """
    chat = locked_chat(chat_id)
    if chat.contact_id != contact.id:
        raise NotFound(_("There is no such chat."))
    chosen = session.scalar(
        tickets_visible_to(contact.who())
        .where(Ticket.number == min(number, 2**31 - 1), ~Ticket.closed)
        .with_only_columns(Ticket.id)
    )
    if chosen is None:
        raise NotFound(_("This ticket is not open any more."))
    if chosen == chat.ticket_id and (chat.matter_known or chat.state == ChatState.ENDED):
        return chat
    if chat.state == ChatState.ENDED:
        raise Conflict(_("This chat has ended."))
    chat.matter_known = True
    if chosen == chat.ticket_id:
        refresh(chat)
        return chat
    origin_id = chat.ticket_id
    for ticket_id in sorted((origin_id, chosen)):
        locked(ticket_id)
    origin, target = session.get_one(Ticket, origin_id), session.get_one(Ticket, chosen)
    if target.merged_into_id is not None:
        raise NotFound(_("This ticket is not open any more."))
    lines = session.scalars(_lines(chat)).all()
    move_messages(lines, target)
    chat.ticket_id = target.id
    session.flush()
    if _holds_nothing(origin, chat):
        record(target, contact.who(), "chat_began", chat_id=chat.id)
        withdraw(origin)
    else:
        record(target, contact.who(), "chat_moved", before=f"#{origin.number}", chat_id=chat.id)
        index_again(origin)
    refresh(chat)
    live.tell("chats", f"chat:{chat.id}", f"ticket:{origin_id}")
    return chat


def _lines(chat: Chat) -> Select[Message]:
    came = (
        select(TeamsActivity.message_id)
        .join(TeamsConversation, TeamsConversation.conversation_id == TeamsActivity.conversation_id)
        .where(TeamsConversation.id == chat.conversation_id, TeamsActivity.message_id.is_not(None))
    )
    went = select(TeamsPost.message_id).where(TeamsPost.chat_id == chat.id, TeamsPost.message_id.is_not(None))
    return (
        select(Message)
        .where(
            Message.ticket_id == chat.ticket_id,
            Message.id.in_(union(came, went)),
            Message.sent_at >= chat.waiting_since,
        )
        .order_by(Message.id)
    )


def _holds_nothing(ticket: Ticket, chat: Chat) -> bool:
    """Whether `ticket` was opened by this chat and nothing is left on it."""
    said = session.scalar(select(func.count()).select_from(Message).where(Message.ticket_id == ticket.id))
    chats = session.scalar(select(func.count()).select_from(Chat).where(Chat.ticket_id == ticket.id))
    others = session.scalar(
        select(func.count())
        .select_from(Activity)
        .where(Activity.ticket_id == ticket.id, Activity.verb.not_in(_OF_THE_CHAT))
    )
    return not said and not chats and not others and ticket.created_at >= chat.waiting_since
