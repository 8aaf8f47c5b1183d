"""What an activity of Teams says, read from its JSON; nothing of it is trusted beyond its shape.

Shapes: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST_ID = 400
_LONGEST_TEXT = 200_000  # characters
_MOST_MENTIONS = 50  # entities that are looked at
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Types whose id is that of another activity.
_ABOUT_ANOTHER = ("messageUpdate", "messageDelete")
_RENEWED = ("id", "timestamp")  # what Teams makes anew when it sends something again


class NotAnActivity(Exception):
    """JSON that is no activity of Teams."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One activity."""

    type: str
    id: str
    channel_id: str
    service_url: str
    conversation_id: str
    place: str  # personal, channel, or what else Teams calls a conversation
    tenants: frozenset[str]  # every tenant it names
    user_id: str
    object_id: str
    name: str
    bot_id: str
    locale: str
    event: str
    text: str  # as typed, without the bot's name
    reply_to: str
    invoked: str
    value: dict[str, Any]
    team_id: str
    team_name: str
    channel: str  # of a team
    payload: dict[str, Any] = field(repr=False)

    @property
    def key(self) -> str:
        """The same for what is delivered twice; another one for an edit than for what it edits."""
        when = str(self.payload.get("timestamp") or "") if self.type in _ABOUT_ANOTHER else ""
        return f"{self.type}:{self.id}:{when}"

    @property
    def fingerprint(self) -> str:
        """The same also for what Teams sends again under another id: all else of it, the writer's clock included."""
        told_apart = self.payload.get("localTimestamp")
        kept = {name: value for name, value in self.payload.items() if not told_apart or name not in _RENEWED}
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any, longest: int = LONGEST_ID) -> str:
    return value[:longest] if isinstance(value, str) else ""


def _storable(value: Any) -> Any:
    """`value` as PostgreSQL keeps it: it has no room for the character NUL, nor for half a character."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(one) for name, one in value.items()}
    return value


def _written(payload: Mapping[str, Any], bot_id: str) -> str:
    """The text without the mention of the bot; with the names of others, but not their tags.

    Each mention stands for one tag, so that names which hold tags cannot make the text grow without end.
    """
    text = _text(payload.get("text"), _LONGEST_TEXT)
    entities = payload.get("entities")
    for entity in entities[:_MOST_MENTIONS] if isinstance(entities, list) else []:
        one = _object(entity)
        tag, who = _text(one.get("text")), _object(one.get("mentioned"))
        if one.get("type") == "mention" and tag.startswith("<at"):
            name = "" if _text(who.get("id")) == bot_id else _text(who.get("name"))
            text = text.replace(tag, name, 1)[:_LONGEST_TEXT]
    return text.replace("\xa0", " ").replace("\r\n", "\n").strip()


def read(given: Any) -> Heard:
    """The activity in `given`. Raises NotAnActivity when it lacks what every one has."""
    payload: dict[str, Any] = _storable(given) if isinstance(given, dict) else {}
    conversation, sender = _object(payload.get("conversation")), _object(payload.get("from"))
    data = _object(payload.get("channelData"))
    team, channel = _object(data.get("team")), _object(data.get("channel"))
    selected = _object(_object(data.get("settings")).get("selectedChannel"))
    account, bot_id = _text(sender.get("aadObjectId")).lower(), _text(_object(payload.get("recipient")).get("id"))
    said = (_text(_object(data.get("tenant")).get("id")), _text(conversation.get("tenantId")))
    heard = Heard(
        type=_text(payload.get("type")),
        id=_text(payload.get("id")),
        channel_id=_text(payload.get("channelId")),
        service_url=_text(payload.get("serviceUrl")),
        conversation_id=_text(conversation.get("id")),
        place=_text(conversation.get("conversationType")),
        tenants=frozenset(one.lower() for one in said if one),
        user_id=_text(sender.get("id")),
        object_id=account if _GUID.fullmatch(account) else "",
        name=" ".join(_text(sender.get("name")).split()),
        bot_id=bot_id,
        locale=_text(payload.get("locale"), 20),
        event=_text(data.get("eventType")) or _text(payload.get("action")),
        text=_written(payload, bot_id),
        reply_to=_text(payload.get("replyToId")),
        invoked=_text(payload.get("name")),
        value=dict(_object(payload.get("value"))),
        team_id=_text(team.get("id")) or _text(data.get("teamsTeamId")),
        team_name=" ".join(_text(team.get("name")).split()),
        channel=_text(selected.get("id")) or _text(channel.get("id")) or _text(data.get("teamsChannelId")),
        payload=payload,
    )
    if not (heard.type and heard.id and heard.service_url and heard.conversation_id):
        raise NotAnActivity("an id, a type, a conversation or a service address is missing")
    return heard


def button(heard: Heard) -> tuple[str, dict[str, Any]] | None:
    """(verb, data) when somebody pressed a card's button, by Action.Execute or by its fallback; else None."""
    if heard.invoked == "adaptiveCard/action":
        action = _object(heard.value.get("action"))
        return _text(action.get("verb")), dict(_object(action.get("data")))
    if heard.type == "message" and heard.value:
        data = {name: one for name, one in heard.value.items() if name != "verb"}
        return _text(heard.value.get("verb")), data
    return None


def about_the_bot(heard: Heard) -> str:
    """ "came" or "left" when the bot was added to or removed from where this comes from; "" for everything else."""
    if heard.type == "installationUpdate":
        return {"add": "came", "add-upgrade": "came", "remove": "left", "remove-upgrade": ""}.get(
            _text(heard.payload.get("action")), ""
        )
    if heard.type != "conversationUpdate":
        return ""
    for name, what in (("membersAdded", "came"), ("membersRemoved", "left")):
        members = heard.payload.get(name)
        if any(_object(one).get("id") == heard.bot_id for one in (members if isinstance(members, list) else [])):
            return what
    return ""
