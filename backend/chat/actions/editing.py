"""A line was changed or deleted by whoever said it in Teams: the other side sees the same."""

from sqlalchemy import select

from backend import live
from backend.chat import cards
from backend.chat.actions import outbox
from backend.chat.actions.telling import COPY, FILE, LINE, language_for
from backend.chat.models import Operation, PostState, Reach, TeamsActivity, TeamsConversation, TeamsPost
from backend.db import session
from backend.i18n import in_language
from backend.people.models import Person
from backend.tickets.actions import edit, take_back
from backend.tickets.models import Message

_NEVER_THERE = (PostState.FAILED, PostState.DOUBTFUL)


def edited(line: TeamsActivity, person: Person, text: str) -> bool:
    """`person` changed the words of their line; the earlier ones stay in the log. False: nothing was changed."""
    message = _own(line, person)
    if message is None or not edit(message, person.who(), text):
        return False
    for post in _standing(message):
        _follow(post, message, person)
    return True


def deleted(line: TeamsActivity, person: Person) -> bool:
    """`person` deleted their line: it is shown as deleted. False: it was so, or is not theirs."""
    message = _own(line, person)
    if message is None or not take_back(message, person.who()):
        return False
    for post in _standing(message):
        _follow(post, message, person)
    return True


def restored(line: TeamsActivity, person: Person, text: str) -> bool:
    """`person` took the deletion of their line back. False: it was not deleted, or is not theirs."""
    message = _own(line, person)
    if message is None or message.deleted_at is None:
        return False
    message.deleted_at = None
    return edited(line, person, text)


def _own(line: TeamsActivity, person: Person) -> Message | None:
    """The message that a line became, when this person said it."""
    if line.message_id is None:
        return None
    return session.scalar(select(Message).where(Message.id == line.message_id, Message.author_id == person.id))


def _standing(message: Message) -> list[TeamsPost]:
    """Where the bot has said, or is going to say, this message."""
    query = select(TeamsPost).where(
        TeamsPost.message_id == message.id,
        TeamsPost.operation == Operation.CREATE,
        TeamsPost.purpose.in_((LINE, FILE, COPY)),
        TeamsPost.state.not_in(_NEVER_THERE),
    )
    return list(session.scalars(query.order_by(TeamsPost.id)))


def _follow(post: TeamsPost, message: Message, person: Person) -> None:
    conversation = session.get_one(TeamsConversation, post.conversation_id)
    if post.chat_id is not None:
        live.tell("chats", f"chat:{post.chat_id}")
    if conversation.state != Reach.OPEN or (post.purpose == FILE and message.deleted_at is None):
        return
    operation = Operation.UPDATE
    if message.deleted_at is None:
        named = post.purpose == COPY and str(post.activity.get("text", "")).startswith(f"{person.name}: ")
        activity = cards.line(f"{person.name}: {message.text}" if named else message.text)
    elif post.purpose == COPY:
        with in_language(language_for(conversation)):
            activity = cards.line(cards.taken_back_for_technician(person.name))
    else:
        activity, operation = {}, Operation.DELETE
    outbox.post(conversation, activity, purpose=post.purpose, message=message, operation=operation, replaces=post)
