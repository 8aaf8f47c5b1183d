"""What the bot is to say, in order in each conversation, and how far that is. The job `chat.post` says it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select

from backend import clock, live
from backend.chat.models import Chat, Operation, PostState, Reach, TeamsConversation, TeamsPost
from backend.db import session
from backend.jobs import later
from backend.tickets.models import Message


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
    later("chat.post", conversation_id=conversation.id)
    return made


def next_post(conversation_id: int) -> TeamsPost | None:
    """The post to say now, marked as being said; None when there is none, or one is being said this moment.

    The conversation stays locked until the transaction ends, so that nobody else takes the same or a later one.
    """
    _lock(conversation_id)
    query = select(TeamsPost).where(
        TeamsPost.conversation_id == conversation_id, TeamsPost.state.in_((PostState.WAITING, PostState.SENDING))
    )
    first = session.scalar(query.order_by(TeamsPost.id).limit(1).execution_options(populate_existing=True))
    if first is None or first.state == PostState.SENDING:
        return None
    first.state, first.taken_at = PostState.SENDING, clock.now()
    session.flush()
    return first


def more(conversation_id: int) -> None:
    """Asks for the next post of the conversation, if there is one. It is locked meanwhile, as in `next_post`."""
    _lock(conversation_id)
    waiting = exists().where(TeamsPost.conversation_id == conversation_id, TeamsPost.state == PostState.WAITING)
    if session.scalar(select(waiting)):
        later("chat.post", conversation_id=conversation_id)


def _lock(conversation_id: int) -> None:
    # Weaker than FOR UPDATE: whoever adds a post to the conversation meanwhile does not wait.
    session.get(TeamsConversation, conversation_id, with_for_update={"key_share": True}, populate_existing=True)


def said(post: TeamsPost, *, activity_id: str = "", place: str = "") -> None:
    """Teams has taken the post; it stands in the conversation `place` as `activity_id`."""
    post.activity_id, post.place, post.sent_at, post.error = activity_id, place, clock.now(), ""
    _to(post, PostState.SENT)


def put_back(post: TeamsPost) -> None:
    """The post was surely not said: it is the first to be said at the next attempt."""
    _to(post, PostState.WAITING)


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
    conversation.state, conversation.updated_at = state, clock.now()
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
