"""How a line fared on its way to the other side, as the ticket, the console and the technician see it."""

from sqlalchemy import select, update

from backend import live
from backend.chat import cards
from backend.chat.actions.talking import bring, bring_copy
from backend.chat.actions.telling import COPY, FILE, LINE, desk_of, say
from backend.chat.models import Chat, ChatState, Operation, TeamsConversation, TeamsPost
from backend.chat.queue import held_by
from backend.db import session
from backend.errors import Conflict, NotFound
from backend.i18n import _
from backend.people.models import Person
from backend.tickets.actions import give_to_mail
from backend.tickets.models import Message

_LINES = (LINE, FILE, COPY)


def _said_by(post: TeamsPost) -> Message | None:
    """The message that the post brings to the other side; None for what is not a line."""
    if post.purpose not in _LINES or post.operation != Operation.CREATE or post.message_id is None:
        return None
    return session.get(Message, post.message_id)


def _tell(message: Message, chat_id: int | None) -> None:
    live.tell(f"ticket:{message.ticket_id}", *([f"chat:{chat_id}"] if chat_id else []))


def _to_technician(chat: Chat | None, sentence: str) -> None:
    """Says to who has the chat, in Teams, what happened to their line; `sentence` is a name of a text in `cards`."""
    desk = desk_of(chat) if chat is not None else None
    if chat is None or desk is None:
        return
    name = session.scalar(select(Person.name).where(Person.id == chat.contact_id)) or ""
    words = cards.perhaps if sentence == "perhaps" else cards.by_mail
    say(desk, lambda: words(name), chat)


def sent(post: TeamsPost) -> None:
    """Teams has taken the post; a line is with whom it is for."""
    message = _said_by(post)
    if message is None or message.to:
        return
    now = "sent" if message.by_staff else ""
    if message.delivery != now:
        message.delivery = now
        _tell(message, post.chat_id)


def doubtful(post: TeamsPost) -> None:
    """Nobody knows whether it arrived: it is never sent again by itself, and says so."""
    message = _said_by(post)
    if message is None or message.to:
        return
    message.delivery = "doubtful"
    _tell(message, post.chat_id)
    if message.by_staff:
        _to_technician(session.get(Chat, post.chat_id) if post.chat_id else None, "perhaps")


def failed(post: TeamsPost, why: str) -> None:
    """Teams refused it for good: a technician's line goes by mail instead, once; a customer's says that it may have
    been missed. `why`: a word of `backend.chat.models`.
    """
    message = _said_by(post)
    if message is None or message.deleted_at is not None:
        return
    if message.by_staff:
        chat = session.get(Chat, post.chat_id) if post.chat_id else None
        give_to_mail(message, session.get(Person, chat.contact_id) if chat is not None else None, why)
    else:
        message.delivery = "doubtful"
    _tell(message, post.chat_id)


def blocked(conversation: TeamsConversation) -> None:
    """The bot may say nothing there any more: the technician hears that their lines go by mail."""
    chat = session.scalar(
        select(Chat).where(Chat.conversation_id == conversation.id, Chat.state != ChatState.ENDED).limit(1)
    )
    if chat is not None:
        _to_technician(chat, "by_mail")
        live.tell("chats", f"chat:{chat.id}")
    elif conversation.person_id is not None:
        live.tell("chats", *(f"chat:{one.id}" for one in held_by(conversation.person_id)))


def send_again(message_id: int) -> int:
    """Says a line again of which nobody knows whether it arrived; somebody has decided so. Returns its chat's id.

    Raises Conflict when that is not so (any more), NotFound when there is no such line.
    """
    lines = select(TeamsPost.chat_id).where(
        TeamsPost.message_id == min(message_id, 2**62),
        TeamsPost.purpose.in_(_LINES),
        TeamsPost.operation == Operation.CREATE,
        TeamsPost.chat_id.is_not(None),
    )
    chat_id = session.scalar(lines.order_by(TeamsPost.id.desc()).limit(1))
    if chat_id is None:
        raise NotFound(_("There is no such line."))
    again = update(Message).where(Message.id == message_id, Message.delivery == "doubtful")
    if session.execute(again.values(delivery="waiting").returning(Message.id)).one_or_none() is None:
        raise Conflict(_("This line is on its way already, or has arrived."))
    message = session.get_one(Message, message_id, populate_existing=True)
    chat = session.get_one(Chat, chat_id)
    if message.by_staff:
        bring(chat, message)
    elif bring_copy(chat, message) is None:
        raise Conflict(_("There is nobody in Teams whom this line could be shown to."))
    _tell(message, chat.id)
    return int(chat.id)
