"""How a technician's line fared on its way to the customer, as the ticket and the technician see it."""

from sqlalchemy import select, update

from backend import live
from backend.chat import cards
from backend.chat.actions.talking import bring
from backend.chat.actions.telling import LINE, desk_of, say
from backend.chat.models import Chat, ChatState, Operation, TeamsConversation, TeamsPost
from backend.db import session
from backend.errors import Conflict, NotFound
from backend.i18n import _
from backend.people.models import Person
from backend.tickets.actions import give_to_mail
from backend.tickets.models import Message


def _line_of(post: TeamsPost) -> Message | None:
    if post.purpose != LINE or post.operation != Operation.CREATE or post.message_id is None:
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
    """Teams has taken the post; a line is with the customer."""
    message = _line_of(post)
    if message is not None and not message.to and message.delivery != "sent":
        message.delivery = "sent"
        _tell(message, post.chat_id)


def doubtful(post: TeamsPost) -> None:
    """Nobody knows whether it arrived: it is never sent again by itself, and says so."""
    message = _line_of(post)
    if message is None or message.to:
        return
    message.delivery = "doubtful"
    _tell(message, post.chat_id)
    _to_technician(session.get(Chat, post.chat_id) if post.chat_id else None, "perhaps")


def failed(post: TeamsPost, _error: str = "") -> None:
    """Teams refused it for good: a line goes by mail instead, once."""
    message = _line_of(post)
    if message is not None and message.delivery in ("waiting", "doubtful"):
        chat = session.get(Chat, post.chat_id) if post.chat_id else None
        give_to_mail(message, session.get(Person, chat.contact_id) if chat is not None else None)
        _tell(message, post.chat_id)


def blocked(conversation: TeamsConversation) -> None:
    """The bot may say nothing there any more: the technician hears that their lines go by mail."""
    chat = session.scalar(
        select(Chat).where(Chat.conversation_id == conversation.id, Chat.state != ChatState.ENDED).limit(1)
    )
    if chat is not None:
        _to_technician(chat, "by_mail")
        live.tell("chats", f"chat:{chat.id}")


def send_again(message_id: int) -> int:
    """Says a line again of which nobody knows whether it arrived; somebody has decided so. Returns its chat's id.

    Raises Conflict when that is not so (any more), NotFound when there is no such line.
    """
    lines = select(TeamsPost.chat_id).where(
        TeamsPost.message_id == min(message_id, 2**62),
        TeamsPost.purpose == LINE,
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
    bring(session.get_one(Chat, chat_id), message)
    _tell(message, chat_id)
    return int(chat_id)
