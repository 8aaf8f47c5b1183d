"""Files of a line: they come a moment after its words."""

from sqlalchemy import select

from backend import live
from backend.chat import cards
from backend.chat.actions import outbox
from backend.chat.actions.talking import bring, file_words
from backend.chat.actions.telling import FILE, desk_of, language_for
from backend.chat.models import Chat, ChatState, TeamsActivity, TeamsConversation
from backend.db import session
from backend.i18n import in_language
from backend.people.models import Person
from backend.tickets.actions import Enclosure, attach, index_again, locked_of, record
from backend.tickets.models import Attachment, Message


def file_came(line: TeamsActivity, enclosure: Enclosure) -> None:
    """A file of `line` is here: it is kept with the message, and the other side gets it."""
    message = session.get(Message, line.message_id) if line.message_id else None
    if message is None or message.deleted_at is not None:
        return
    ticket = locked_of(message)
    attach(message, [enclosure])
    session.flush()
    index_again(ticket)
    live.tell(f"ticket:{ticket.id}")
    chat = _chat_of(message)
    if chat is None:
        return
    live.tell(f"chat:{chat.id}")
    if message.by_staff:
        bring(chat, message, words=False)
    elif chat.state == ChatState.OPEN:
        _show(chat, message)


def file_missing(line: TeamsActivity, name: str) -> None:
    """A file of `line` could not be fetched; the log says so."""
    message = session.get(Message, line.message_id) if line.message_id else None
    author = session.get(Person, message.author_id) if message is not None and message.author_id else None
    if message is not None and author is not None:
        record(locked_of(message), author.who(), "file_missing", after=name, message_id=message.id)


def _chat_of(message: Message) -> Chat | None:
    """The chat on the message's ticket in which it was said."""
    query = select(Chat).where(Chat.ticket_id == message.ticket_id, Chat.waiting_since <= message.sent_at)
    return session.scalar(query.order_by(Chat.id.desc()).limit(1))


def _show(chat: Chat, message: Message) -> None:
    desk: TeamsConversation | None = desk_of(chat)
    file = session.scalar(select(Attachment).where(Attachment.message_id == message.id).order_by(Attachment.id.desc()))
    if desk is None or file is None:
        return
    with in_language(language_for(desk)):
        words = file_words(message.author_name, file.name, file.id)
    outbox.post(desk, cards.line(words), purpose=FILE, chat=chat, message=message)
