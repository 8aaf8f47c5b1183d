"""The job that takes in what Teams has told the bot: who says it, and which verb it is."""

import structlog
from sqlalchemy import select

from backend import clock, config
from backend.chat.actions import (
    customer_said,
    introducing,
    meeting,
    pressed,
    ring_here,
    technician_said,
    technician_said_in_thread,
)
from backend.chat.actions import deleted as line_deleted
from backend.chat.actions import edited as line_edited
from backend.chat.actions import restored as line_restored
from backend.chat.actions.introducing import IGNORED
from backend.chat.actions.telling import say
from backend.chat.heard import Heard, about_the_bot, button, read
from backend.chat.models import Place, Reach, TeamsActivity, TeamsConversation
from backend.chat.outgoing import out_of_reach
from backend.db import session
from backend.errors import Refused
from backend.jobs import job, later
from backend.mentions import actions as mentions
from backend.microsoft import directory
from backend.people.models import Person

log = structlog.get_logger(__name__)


def _give_up(activity_id: int, error: str) -> None:
    row = session.get(TeamsActivity, activity_id)
    if row is not None and not row.outcome:
        row.outcome = "failed"
        log.error("what came from Teams could not be taken in", activity_id=activity_id, error=error)


@job("chat.take_in", gave_up=_give_up)
def take_in(activity_id: int) -> None:
    """Takes in one activity, after those that came before it in the same conversation."""
    row = session.get(TeamsActivity, activity_id)
    if row is None or row.outcome:
        return
    heard = read(row.payload)
    account = _directory_mail(heard)
    meeting.alone_in(row.conversation_id)
    for earlier in _waiting_before(row):
        try:
            with session.begin_nested():
                before = read(earlier.payload)
                # Whom only the directory knows is somebody else's question, unless it is the same account.
                same = before.object_id == heard.object_id
                if same or not _asks_directory(before):
                    _one(earlier, before, account if same else None)
        except Exception:
            # Its own job tries again and says so when it gives up; what came later need not wait for it.
            log.warning("an earlier activity could not be taken in", activity_id=earlier.id, exc_info=True)
    session.refresh(row)
    if not row.outcome:
        _one(row, heard, account)


def _waiting_before(row: TeamsActivity) -> list[TeamsActivity]:
    """What came before in the same conversation and is not taken in; asked while the conversation is locked."""
    query = select(TeamsActivity).where(
        TeamsActivity.conversation_id == row.conversation_id, TeamsActivity.id < row.id, TeamsActivity.outcome == ""
    )
    return list(session.scalars(query.order_by(TeamsActivity.id).execution_options(populate_existing=True)))


def _directory_mail(heard: Heard) -> str | None:
    """The address by which the own directory knows the account of somebody who is not known yet; None for guests and
    accounts of other tenants. Raises OutsideDown. Asked before anything is locked."""
    if not _asks_directory(heard):
        return None
    account = directory.account(heard.object_id)
    return None if account is None or account.guest else account.mail


def _asks_directory(heard: Heard) -> bool:
    """Whether this comes from an account of the own tenant that is not known yet."""
    own = heard.tenants == {config.current().tenant_id} and bool(heard.object_id)
    return own and meeting.known(heard) is None


def _one(row: TeamsActivity, heard: Heard, account: str | None) -> None:
    """Takes in one activity and writes down what became of it."""
    moved = about_the_bot(heard)
    if moved:
        row.outcome = _came(heard, account) if moved == "came" else _left(heard)
        return
    said = heard.type in ("message", "messageUpdate", "messageDelete")
    conversation = meeting.meet(heard) if said else None
    row.outcome = IGNORED if conversation is None else _said(row, heard, conversation, account)
    if row.outcome == IGNORED:
        row.payload = {}  # what means nothing here is not kept either; that it came is, so that it counts once


def _person(heard: Heard, account: str | None) -> Person | None:
    person = meeting.known(heard)
    return person if person is not None or account is None else _adopted(heard, account)


def _adopted(heard: Heard, account: str) -> Person | None:
    return meeting.adopt(config.current().tenant_id, heard.object_id, account)


def _came(heard: Heard, account: str | None) -> str:
    person = _person(heard, account)
    if heard.place != Place.PERSONAL:
        # An installation is told twice over; the second word, which is late with some clients, says no more.
        return "installed" if meeting.rings_in(heard.team_id) or _settled(heard, person) else IGNORED
    conversation = meeting.meet(heard)
    if conversation is not None and person is not None:
        _recognised(conversation, person)
    return "installed"


def _settled(heard: Heard, by: Person | None) -> bool:
    """The bot is in a team, where it rings if it may; then it finds out with whom of it it can talk."""
    channel = meeting.settle(heard, by)
    if channel is None:
        return False
    later("chat.learn_team", conversation_id=channel.id)
    ring_here(channel)
    return True


def _recognised(conversation: TeamsConversation, person: Person) -> None:
    if meeting.recognised(conversation, person) and person.is_staff:
        ring_here(conversation)


def _left(heard: Heard) -> str:
    if heard.place == Place.PERSONAL:
        conversation = meeting.meet(heard)
        gone = [conversation] if conversation else []
    else:
        gone = meeting.channels_of(heard.team_id)
    for one in gone:
        out_of_reach(one, Reach.GONE, "the bot was removed")
    return "removed"


def _said(row: TeamsActivity, heard: Heard, conversation: TeamsConversation, account: str | None) -> str:
    person = _person(heard, account)
    if heard.type != "message":
        return _changed(heard, person)
    if person is None:
        return _stranger(row, heard, conversation, account)
    _recognised(conversation, person)
    press = button(heard)
    if press is not None:
        return _pressed(person, conversation, *press)
    if person.is_staff:
        if meeting.is_named(heard) and not meeting.rings_in(heard.team_id):
            _settled(heard, person)
        speak = technician_said if conversation.kind == Place.PERSONAL else technician_said_in_thread
        return "line" if speak(conversation, person, heard.text, row) else "answered"
    if conversation.kind != Place.PERSONAL:
        return IGNORED
    return "line" if customer_said(conversation, person, heard.text, row) else "answered"


def _stranger(row: TeamsActivity, heard: Heard, conversation: TeamsConversation, account: str | None) -> str:
    if conversation.kind != Place.PERSONAL or not heard.object_id or button(heard) is not None:
        return IGNORED
    if account is not None:
        return introducing.staff_unknown(conversation)
    return introducing.unknown_said(conversation, heard, row)


def _changed(heard: Heard, person: Person | None) -> str:
    """An edit or a deletion of what somebody said: the same is done with the line that it became."""
    query = select(TeamsActivity).where(
        TeamsActivity.conversation_id == heard.conversation_id,
        TeamsActivity.activity_id == heard.id,
        TeamsActivity.type == "message",
    )
    line = session.scalar(query.order_by(TeamsActivity.id.desc()).limit(1))
    if line is None or person is None:
        return IGNORED
    if heard.type == "messageDelete":
        done = line_deleted(line, person)
    elif heard.event == "undeleteMessage":
        done = line_restored(line, person, heard.text)
    else:
        done = line_edited(line, person, heard.text)
    return "changed" if done else IGNORED


def _pressed(person: Person, conversation: TeamsConversation, verb: str, data: dict[str, object]) -> str:
    """A button of an older client, which sends a message: the cards it changes say how it went."""
    press = mentions.pressed if verb in mentions.VERBS else pressed
    try:
        with session.begin_nested():
            press(person, conversation, verb, data)
    except Refused as refused:
        sentence = refused.message
        say(conversation, lambda: sentence)
        return "refused"
    return "pressed"


@job("chat.forget_old")
def forget_old() -> None:
    """Forgets what came long ago: its words stand on the ticket."""
    meeting.forget(clock.now())
