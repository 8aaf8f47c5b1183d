"""A technician's line whose way to the customer did not go well: told to the technician, sent again if wished."""

from sqlalchemy import select

from backend import live
from backend.chat import cards
from backend.chat.actions import outbox
from backend.chat.actions.telling import LINE, desk_of, say
from backend.chat.models import Chat, Operation, PostState, TeamsPost
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.people.models import Person


def noticed(post: TeamsPost) -> None:
    """Tells the technician in Teams that a line of theirs was perhaps not delivered, or goes by mail now.

    Asked by whoever says posts, once such a post is doubtful or has failed.
    """
    chat = session.get(Chat, post.chat_id) if post.chat_id else None
    if chat is None or post.purpose != LINE or post.operation != Operation.CREATE:
        return
    live.tell("chats", f"chat:{chat.id}")
    desk = desk_of(chat)
    if desk is None:
        return
    name = session.scalar(select(Person.name).where(Person.id == chat.contact_id)) or ""
    perhaps = post.state == PostState.DOUBTFUL
    say(desk, lambda: cards.perhaps(name) if perhaps else cards.by_mail(name), chat)


def send_again(message_id: int) -> int:
    """Says a line again of which nobody knows whether it arrived; somebody has decided so. Returns its chat's id.

    Raises Conflict when that is not so (any more), NotFound when there is no such line.
    """
    post = session.scalar(
        select(TeamsPost)
        .where(
            TeamsPost.message_id == min(message_id, 2**62),
            TeamsPost.purpose == LINE,
            TeamsPost.operation == Operation.CREATE,
        )
        .order_by((TeamsPost.state == PostState.DOUBTFUL).desc(), TeamsPost.id.desc())
        .limit(1)
    )
    if post is None or post.chat_id is None:
        raise NotFound(_("There is no such line."))
    outbox.say_again(post)
    return post.chat_id
