"""What the bot is to say, in order in each conversation, and how far that is. The job `chat.post` says it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select, update

from backend import clock, live
from backend.chat.models import Chat, Operation, PostState, Reach, TeamsConversation, TeamsPost
from backend.db import session
from backend.errors import Conflict
from backend.i18n import _
from backend.jobs import later
from backend.tickets.actions import give_to_mail
from backend.tickets.models import Message

LINE = "line"  # the purpose of what a technician said to the customer: how it went is shown on the ticket


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
    session.get(TeamsConversation, conversation_id, with_for_update=True, populate_existing=True)
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
    session.get(TeamsConversation, conversation_id, with_for_update=True)
    waiting = exists().where(TeamsPost.conversation_id == conversation_id, TeamsPost.state == PostState.WAITING)
    if session.scalar(select(waiting)):
        later("chat.post", conversation_id=conversation_id)


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
    """The post was surely not said and will not be. A technician's line goes to the customer by mail instead."""
    post.error = error[:500]
    _to(post, PostState.FAILED)
    message = _line_of(post)
    if message is not None and post.operation == Operation.CREATE:
        give_to_mail(message)


def out_of_reach(conversation: TeamsConversation, state: Reach) -> None:
    """The bot may not speak there any more; what waits there is never said, unless it comes back before."""
    conversation.state, conversation.updated_at = state, clock.now()
    session.flush()
    live.tell("chats")


def say_again(post: TeamsPost) -> None:
    """Somebody wants a doubtful or failed post to be said once more. Raises Conflict when it is neither."""
    taken = update(TeamsPost).where(
        TeamsPost.id == post.id, TeamsPost.state.in_((PostState.FAILED, PostState.DOUBTFUL))
    )
    if not session.execute(taken.values(state=PostState.WAITING, error="").returning(TeamsPost.id)).all():
        raise Conflict(_("This message is on its way already, or has been delivered."))
    session.refresh(post)
    _to(post, PostState.WAITING)
    later("chat.post", conversation_id=post.conversation_id)


def _line_of(post: TeamsPost) -> Message | None:
    return session.get(Message, post.message_id) if post.message_id and post.purpose == LINE else None


def _to(post: TeamsPost, state: PostState) -> None:
    post.state = state
    message = _line_of(post)
    if message is not None and post.operation == Operation.CREATE:
        shown = PostState.WAITING if state == PostState.SENDING else state
        message.delivery = shown
        live.tell(f"ticket:{message.ticket_id}", f"chat:{post.chat_id}")
    session.flush()
