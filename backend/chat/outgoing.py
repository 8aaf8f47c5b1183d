"""The job that says what the bot has to say, one thing at a time in each conversation, and writes down how it went."""

from datetime import timedelta

import structlog
from sqlalchemy import select

from backend import clock, jobs
from backend.chat.actions import delivery, outbox, pace
from backend.chat.models import (
    DOWN,
    REFUSED,
    Chat,
    ChatState,
    Operation,
    Place,
    PostState,
    Reach,
    TeamsConversation,
    TeamsPost,
)
from backend.db import session
from backend.errors import OutsideDown
from backend.jobs import TryAgainIn, job
from backend.mentions import actions as mentions
from backend.microsoft import teams
from backend.staff import actions as assignments

log = structlog.get_logger(__name__)
_TELLING = (mentions, assignments)  # what tells somebody by a card finds another way where that fails
_DEAD = timedelta(seconds=90)  # whoever began to say something so long ago is not at it any more


def _not_told(one: TeamsPost) -> None:
    for feature in _TELLING:
        feature.not_told(one)


def _lost(one: TeamsPost, error: str, why: str) -> None:
    outbox.not_said(one, error)
    delivery.failed(one, why)
    _not_told(one)


def _doubtful(one: TeamsPost, error: str) -> None:
    outbox.doubtful(one, error)
    delivery.doubtful(one)
    for feature in _TELLING:
        feature.doubtful(one)


def out_of_reach(conversation: TeamsConversation, state: Reach, error: str) -> None:
    """Nothing can be said there any more; what waits finds another way, each once."""
    turned = conversation.state == Reach.OPEN
    for one in outbox.out_of_reach(conversation, state, error):
        delivery.failed(one, state)
        _not_told(one)
    if turned:
        delivery.blocked(conversation)


@job("chat.post")
def post(conversation_id: int, turn: int = 0) -> None:
    """Says what the conversation's oldest waiting post holds; `turn` of the job that was to wait until now.

    That it is being said is committed before Teams is asked: if this process is killed meanwhile, nobody says it again.
    """
    found = outbox.next_post(conversation_id, turn)
    if found is None:
        return
    taken, request = found
    conversation = session.get_one(TeamsConversation, conversation_id)
    jobs.checkpoint()
    try:
        _say(conversation, taken)
    except (TryAgainIn, OutsideDown) as error:
        # Teams surely did nothing: the same later, before all that comes after it.
        if not outbox.put_back(taken, asked=error.seconds if isinstance(error, TryAgainIn) else 0.0):
            _lost(taken, str(error), DOWN)
    pace.answered(request)
    outbox.more(conversation_id)


def _say(conversation: TeamsConversation, taken: TeamsPost) -> None:
    if conversation.state != Reach.OPEN:
        out_of_reach(conversation, Reach(conversation.state), conversation.state)
        return
    try:
        activity_id, place = _do(conversation, taken)
    except teams.Blocked as error:
        out_of_reach(conversation, Reach.BLOCKED, str(error))
    except teams.Gone as error:
        if taken.operation == Operation.CREATE:
            out_of_reach(conversation, Reach.GONE, str(error))
        else:
            _lost(taken, str(error), REFUSED)
    except (teams.TooLarge, teams.TeamsRefused) as error:
        _lost(taken, str(error), REFUSED)
    except teams.Unclear as error:
        _doubtful(taken, str(error))
    else:
        outbox.said(taken, activity_id=activity_id, place=place)
        delivery.sent(taken)
        for feature in _TELLING:
            feature.told(taken)


def _do(conversation: TeamsConversation, taken: TeamsPost) -> tuple[str, str]:
    """Asks Teams; returns the activity's id and the id of the conversation it stands in."""
    if taken.operation == Operation.CREATE:
        if conversation.kind == Place.CHANNEL:
            place, made = teams.open_thread(conversation.service_url, conversation.conversation_id, taken.activity)
            return made, place
        made = teams.post(conversation.service_url, conversation.conversation_id, taken.activity)
        return made, conversation.conversation_id
    before = session.get(TeamsPost, taken.replaces_id) if taken.replaces_id else None
    if before is None or not before.activity_id:
        raise teams.TeamsRefused("what is to be changed was never said")
    if taken.operation == Operation.DELETE:
        teams.delete(conversation.service_url, before.place, before.activity_id)
    else:
        teams.update(conversation.service_url, before.place, before.activity_id, taken.activity)
    return before.activity_id, before.place


@job("chat.typing")
def typing(chat_id: int) -> None:
    """Shows the customer of an open chat that an answer is being written; a mere nicety, so it is never repeated."""
    chat = session.get(Chat, chat_id)
    if chat is None or chat.state != ChatState.OPEN:
        return
    conversation = session.get_one(TeamsConversation, chat.conversation_id)
    if conversation.state != Reach.OPEN:
        return
    if pace.wait(conversation.conversation_id):
        return
    jobs.checkpoint()
    try:
        teams.typing(conversation.service_url, conversation.conversation_id)
    except (*teams.FAILURES, TryAgainIn, OutsideDown) as error:
        log.info("typing could not be shown", error=type(error).__name__)


@job("chat.sweep")
def sweep() -> None:
    """What was being said when a process died is doubtful, or done again where that does no harm."""
    dead = select(TeamsPost).where(TeamsPost.state == PostState.SENDING, TeamsPost.taken_at < clock.now() - _DEAD)
    for one in session.scalars(dead.with_for_update(skip_locked=True)).all():
        if one.operation == Operation.CREATE:
            _doubtful(one, "interrupted")
        elif not outbox.put_back(one):
            _lost(one, "interrupted", DOWN)
        outbox.more(one.conversation_id)
    waiting = select(TeamsPost.conversation_id).where(TeamsPost.state == PostState.WAITING).distinct()
    for conversation_id in session.scalars(waiting.where(TeamsPost.created_at < clock.now() - _DEAD)):
        outbox.more(conversation_id)
    pace.forget()
