"""Conversations as Teams tells of them: where the bot can speak, with whom, and that it was removed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from backend import clock, config
from backend.chat.heard import Heard
from backend.chat.models import Place, Reach, TeamsActivity, TeamsCode, TeamsConversation, conversation_of
from backend.db import session
from backend.jobs import later
from backend.people.actions import adopt_account
from backend.people.models import Person, person_by_account

_KINDS = {"personal": Place.PERSONAL, "channel": Place.THREAD}
_KEPT_FOR = timedelta(days=90)
_CODES_KEPT_FOR = timedelta(days=2)


def keep(heard: Heard) -> bool:
    """Stores what was heard and asks for the job that takes it in. False: it is there already, so nothing is done."""
    row = insert(TeamsActivity).values(
        conversation_id=heard.conversation_id,
        activity_id=heard.id,
        key=heard.key,
        fingerprint=heard.fingerprint,
        type=heard.type,
        payload=heard.payload,
        outcome="",
        received_at=clock.now(),
    )
    new = session.scalar(row.on_conflict_do_nothing().returning(TeamsActivity.id))
    if new is not None:
        later("chat.take_in", activity_id=new)
    return new is not None


def alone_in(conversation_id: str) -> None:
    """Nobody else takes in what is heard in this conversation until the transaction ends.

    Taken before anything is locked, so that the words of one moment wait for one another and not in a circle.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("teams:" + conversation_id))))


def _remember(conversation_id: str, kind: Place, facts: dict[str, Any], state: Reach | None) -> TeamsConversation:
    """The conversation with these facts, which are the latest; `state` None leaves it as it is. It stays locked."""
    alone_in(conversation_id)
    now = clock.now()
    new = {"user_id": "", "object_id": "", "name": "", "team_id": "", "tenant_id": "", "locale": "", **facts}
    row = insert(TeamsConversation).values(
        **new, conversation_id=conversation_id, kind=kind, state=state or Reach.OPEN, created_at=now, updated_at=now
    )
    latest = {**facts, "updated_at": now, **({"state": state} if state else {})}
    session.execute(row.on_conflict_do_update(index_elements=["conversation_id"], set_=latest))
    found = select(TeamsConversation).where(TeamsConversation.conversation_id == conversation_id)
    return session.scalars(found.execution_options(populate_existing=True)).one()


def meet(heard: Heard) -> TeamsConversation | None:
    """The conversation this comes from, with the latest word of Teams on how to answer there; None for a kind in which
    the bot does not talk. Who writes there has not blocked the bot (any more).
    """
    kind = _KINDS.get(heard.place)
    if kind is None:
        return None
    facts: dict[str, Any] = {"service_url": heard.service_url, "tenant_id": _tenant(heard)}
    if heard.locale:
        facts["locale"] = heard.locale
    if kind == Place.PERSONAL:
        facts |= {"user_id": heard.user_id, "object_id": heard.object_id, "name": heard.name}
    else:
        facts |= {"team_id": heard.team_id, "name": heard.team_name}
    return _remember(heard.conversation_id, kind, facts, Reach.OPEN)


def _tenant(heard: Heard) -> str:
    return min(heard.tenants, default="")


def is_named(heard: Heard) -> bool:
    """Whether this comes from the channel that TEAMS_CHANNEL names, or from its team as far as that goes by its id."""
    return config.current().teams_channel in {heard.channel, heard.team_id} - {""}


def settle(heard: Heard, by: Person | None) -> TeamsConversation | None:
    """The bot was added to a team, `by` whom if they are known: the channel in which waiting chats ring from now on.

    None where it rings for nobody: in a team of another tenant, and in one of ours to which no colleague brought it,
    for whoever owns any team can do that and would read what customers write. Where TEAMS_CHANNEL names a channel, it
    is that one alone, and another team than the one it is known to belong to changes nothing of it.
    """
    settings, named = config.current(), is_named(heard)
    channel = settings.teams_channel or heard.channel or heard.team_id
    colleague = by is not None and by.is_staff and by.who().may("chats.write")
    if heard.tenants != {settings.tenant_id} or not channel or not (named or colleague):
        return None
    before = conversation_of(settings.teams_channel) if settings.teams_channel and not named else None
    if before is not None and before.team_id != heard.team_id:
        return None
    facts = {
        "service_url": heard.service_url,
        "tenant_id": _tenant(heard),
        "team_id": heard.team_id,
        "name": heard.team_name,
    }
    return _remember(channel, Place.CHANNEL, facts, Reach.OPEN)


def channels_of(team_id: str) -> list[TeamsConversation]:
    """The channels of a team in which the bot rings."""
    query = select(TeamsConversation).where(
        TeamsConversation.team_id == team_id, TeamsConversation.kind == Place.CHANNEL
    )
    return list(session.scalars(query)) if team_id else []


def rings_in(team_id: str) -> bool:
    """Whether the bot knows a channel of this team in which it rings."""
    return any(one.state == Reach.OPEN for one in channels_of(team_id))


def holder(tenant_id: str, object_id: str) -> Person | None:
    """Whose account this is, as far as it was tied to somebody; who has left is nobody."""
    person = person_by_account(tenant_id, object_id) if tenant_id and object_id else None
    return person if person is not None and person.active else None


def known(heard: Heard) -> Person | None:
    """Who says this, as far as we know the account."""
    return holder(_tenant(heard), heard.object_id)


def adopt(tenant_id: str, object_id: str, directory_mail: str) -> Person | None:
    """The member of staff whose account of the own tenant the directory knows by that address; tied to it now."""
    person = adopt_account(tenant_id, object_id, directory_mail)
    return person if person is not None and person.active else None


def talks_with(person: Person) -> bool:
    """Whether the bot has a personal chat with somebody, be it one that is blocked."""
    mine = exists().where(TeamsConversation.person_id == person.id, TeamsConversation.kind == Place.PERSONAL)
    return bool(session.scalar(select(mine)))


def begin(
    conversation_id: str, channel: TeamsConversation, person: Person, *, user_id: str, object_id: str, name: str
) -> TeamsConversation:
    """The personal chat that was opened with a member of the channel's team."""
    facts = {
        "service_url": channel.service_url,
        "tenant_id": channel.tenant_id,
        "user_id": user_id,
        "object_id": object_id,
        "name": name,
        "person_id": person.id,
    }
    return _remember(conversation_id, Place.PERSONAL, facts, Reach.OPEN)


def recognised(conversation: TeamsConversation, person: Person) -> bool:
    """This personal chat is that person's. False: that was known."""
    if conversation.kind == Place.PERSONAL and conversation.person_id != person.id:
        conversation.person_id = person.id
        session.execute(
            update(TeamsConversation)
            .where(
                TeamsConversation.tenant_id == conversation.tenant_id,
                TeamsConversation.object_id == conversation.object_id,
                TeamsConversation.kind == Place.PERSONAL,
            )
            .values(person_id=person.id)
        )
        session.flush()
        return True
    return False


def forget(now: datetime) -> None:
    """Lets go of activities and codes of long ago. A line is no longer edited after that time."""
    session.execute(delete(TeamsActivity).where(TeamsActivity.received_at < now - _KEPT_FOR))
    session.execute(delete(TeamsCode).where(TeamsCode.created_at < now - _CODES_KEPT_FOR))
