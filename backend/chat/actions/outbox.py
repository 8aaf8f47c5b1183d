"""What the bot is to say, in order in each conversation, and how far that is. The job `chat.post` says it."""

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select

from backend import clock, live
from backend.chat.actions import pace
from backend.chat.models import Chat, Operation, PostState, Reach, TeamsConversation, TeamsPost
from backend.db import session
from backend.jobs import in_a_moment, later
from backend.tickets.models import Message

MOST_TRIES = 12
PATIENCE = timedelta(hours=1)  # with what is said; what has waited so long behind something else is tried once
_LONGEST_WAIT = 900.0  # seconds


def post(
    conversation: TeamsConversation,
    activity: Mapping[str, Any],
    *,
    purpose: str,
    chat: Chat | None = None,
    message: Message | None = None,
    operation: Operation = Operation.CREATE,
    replaces: TeamsPost | None = None,
) -> TeamsPost:
    """`activity` (as it goes over the line) is to be said in `conversation`, after all that is to be said before.

    `replaces` is the post whose activity is changed or taken back. In a channel it begins a thread.
    """
    made = TeamsPost(
        conversation_id=conversation.id,
        purpose=purpose,
        operation=operation,
        chat_id=chat.id if chat else None,
        message_id=message.id if message else None,
        replaces_id=replaces.id if replaces else None,
        activity=dict(activity),
        created_at=clock.now(),
    )
    session.add(made)
    session.flush()
    _ask_for(conversation.id)
    return made


def _ask_for(conversation_id: int) -> None:
    later("chat.post", once=f"chat.post:{conversation_id}", conversation_id=conversation_id, turn=0)


def next_post(conversation_id: int, turn: int) -> tuple[TeamsPost, int] | None:
    """(the post to say now, marked as being said; its request for `pace.answered`).

    None when there is none, one is being said this moment, or it is not time yet: then the job that comes when it is
    has a `turn` of its own.

    The conversation stays locked until the transaction ends, so that nobody else takes the same or a later one.
    """
    conversation = _lock(conversation_id)
    if conversation is None or _held(conversation, turn):
        return None
    query = select(TeamsPost).where(
        TeamsPost.conversation_id == conversation_id, TeamsPost.state.in_((PostState.WAITING, PostState.SENDING))
    )
    first = session.scalar(query.order_by(TeamsPost.id).limit(1).execution_options(populate_existing=True))
    if first is None or first.state == PostState.SENDING:
        return None
    seconds, request = pace.take(conversation.conversation_id) if conversation.state == Reach.OPEN else (0.0, 0)
    if seconds:
        _hold(conversation, seconds)
        return None
    conversation.held_until = None
    first.state, first.taken_at = PostState.SENDING, clock.now()
    session.flush()
    return first, request


def _held(conversation: TeamsConversation, turn: int) -> bool:
    until = conversation.held_until
    return until is not None and turn != conversation.turn and until > in_a_moment(timedelta())


def _hold(conversation: TeamsConversation, seconds: float) -> None:
    """Nothing is said there for so long; then one job goes on, and all that come before it do nothing."""
    conversation.turn += 1
    conversation.held_until = in_a_moment(timedelta(seconds=seconds))
    session.flush()
    later("chat.post", at=conversation.held_until, conversation_id=conversation.id, turn=conversation.turn)


def more(conversation_id: int) -> None:
    """Asks for the next post of the conversation, if there is one. It is locked meanwhile, as in `next_post`."""
    _lock(conversation_id)
    waiting = exists().where(TeamsPost.conversation_id == conversation_id, TeamsPost.state == PostState.WAITING)
    if session.scalar(select(waiting)):
        _ask_for(conversation_id)


def _lock(conversation_id: int) -> TeamsConversation | None:
    # Weaker than FOR UPDATE: whoever adds a post to the conversation meanwhile does not wait.
    return session.get(TeamsConversation, conversation_id, with_for_update={"key_share": True}, populate_existing=True)


def said(post: TeamsPost, *, activity_id: str = "", place: str = "") -> None:
    """Teams has taken the post; it stands in the conversation `place` as `activity_id`."""
    post.activity_id, post.place, post.sent_at, post.error = activity_id, place, clock.now(), ""
    _to(post, PostState.SENT)


def put_back(post: TeamsPost, *, asked: float = 0.0) -> bool:
    """The post was surely not said: it is the first to be said at the next attempt, which waits longer each time, and
    at least the `asked` seconds. False: that was the last attempt, and it is still being said.
    """
    conversation = _lock(post.conversation_id)
    post.tries += 1
    if conversation is None or post.tries >= MOST_TRIES or post.created_at < clock.now() - PATIENCE:
        return False
    _to(post, PostState.WAITING)
    _hold(conversation, max(asked, min(_LONGEST_WAIT, 2.0 ** (post.tries - 1))) * random.uniform(1.0, 1.2))
    return True


def doubtful(post: TeamsPost, error: str) -> None:
    """Nobody knows whether the post was said: it is not said again by itself."""
    post.error = error[:500]
    _to(post, PostState.DOUBTFUL)


def not_said(post: TeamsPost, error: str) -> None:
    """The post was surely not said and will not be."""
    post.error = error[:500]
    _to(post, PostState.FAILED)


def withdraw(post: TeamsPost) -> bool:
    """The post need not be said any more. False: it was said, or is being said this moment."""
    _lock(post.conversation_id)
    session.refresh(post)
    if post.state != PostState.WAITING:
        return False
    not_said(post, "withdrawn")
    return True


def out_of_reach(conversation: TeamsConversation, state: Reach, error: str) -> list[TeamsPost]:
    """The bot may not speak there any more; returns what waited there, which is not said now."""
    conversation.state, conversation.updated_at, conversation.held_until = state, clock.now(), None
    waiting = select(TeamsPost).where(
        TeamsPost.conversation_id == conversation.id, TeamsPost.state.in_((PostState.WAITING, PostState.SENDING))
    )
    lost = list(session.scalars(waiting.order_by(TeamsPost.id)))
    for one in lost:
        not_said(one, error)
    live.tell("chats")
    return lost


def _to(post: TeamsPost, state: PostState) -> None:
    post.state = state
    session.flush()
