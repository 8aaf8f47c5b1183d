"""Jobs that find out with whom the bot can talk in a team, so that a waiting chat rings with all of them."""

import structlog

from backend import config, jobs
from backend.chat.actions import meeting, pace, ring_here
from backend.chat.models import Reach, TeamsConversation
from backend.db import session
from backend.jobs import TryAgainIn, job, later
from backend.microsoft import directory, teams

log = structlog.get_logger(__name__)
_OUT_OF_REACH = (teams.Blocked, teams.Gone, teams.TeamsRefused)


@job("chat.learn_team")
def learn_team(conversation_id: int) -> None:
    """Asks a team who belongs to it; each of them is looked at by a job of their own."""
    channel = session.get(TeamsConversation, conversation_id)
    if channel is None or channel.state != Reach.OPEN:
        return
    _in_turn(channel)
    try:
        there = teams.members(channel.service_url, channel.conversation_id)
    except _OUT_OF_REACH as error:
        log.warning("a team's members could not be read", error=str(error))
        return
    for one in there:
        if one.object_id and one.tenant_id in ("", config.current().tenant_id):
            later(
                "chat.learn_person",
                conversation_id=conversation_id,
                user_id=one.id,
                object_id=one.object_id,
                called=one.name,
            )


def _in_turn(channel: TeamsConversation) -> None:
    """Commits, so that nothing stays locked while Teams is asked. Raises TryAgainIn while it may not be asked."""
    seconds = pace.wait(channel.conversation_id)
    if seconds:
        raise TryAgainIn(seconds, "Teams is asked often enough")
    jobs.checkpoint()


@job("chat.learn_person")
def learn_person(conversation_id: int, user_id: str, object_id: str, called: str) -> None:
    """Finds the chat of the bot with a member of a team who is one of staff."""
    channel = session.get_one(TeamsConversation, conversation_id)
    tenant = config.current().tenant_id
    person = meeting.holder(tenant, object_id)
    if person is None:
        account = directory.account(object_id)
        person = meeting.adopt(tenant, object_id, account.mail) if account and not account.guest else None
    if person is None or not person.is_staff or meeting.talks_with(person):
        return
    _in_turn(channel)
    try:
        chat = teams.open_personal(channel.service_url, tenant, user_id)
    except _OUT_OF_REACH as error:
        log.info("the bot has no chat with a member of the team", error=str(error))
        return
    made = meeting.begin(chat, channel, person, user_id=user_id, object_id=object_id, name=called)
    ring_here(made)
