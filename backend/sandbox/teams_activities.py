"""Activities as Teams sends them to a bot.

Shapes: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages and
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events
"""

import html
import re
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from backend.sandbox.people import HOME_TENANT, Person
from backend.sandbox.store import Tx
from backend.sandbox.teams_chats import moment
from backend.sandbox.teams_people import (
    CHANNELS,
    LOCALES,
    TEAM_GROUP,
    TEAM_ID,
    TEAM_NAME,
    account,
    bot,
    channel_of,
    teams_id,
    tenant,
)

_ZONE = "Europe/Berlin"
_TAG = re.compile(r"(<at>.*?</at>)")


def _conversation(conversation: str, person: Person) -> dict[str, Any]:
    channel = channel_of(conversation)
    if channel is None:
        return {"conversationType": "personal", "tenantId": tenant(person), "id": conversation}
    return {
        "isGroup": True, "conversationType": "channel", "tenantId": HOME_TENANT, "id": conversation,
        "name": CHANNELS[channel],
    }  # fmt: skip


def _channel_data(conversation: str, person: Person) -> dict[str, Any]:
    channel = channel_of(conversation)
    if channel is None:
        return {"tenant": {"id": tenant(person)}}
    return {
        "teamsChannelId": channel, "teamsTeamId": TEAM_ID, "channel": {"id": channel},
        "team": {"id": TEAM_ID, "name": TEAM_NAME, "aadGroupId": TEAM_GROUP}, "tenant": {"id": HOME_TENANT},
    }  # fmt: skip


def _frame(tx: Tx, kind: str, person: Person, conversation: str, service_url: str) -> dict[str, Any]:
    now, locale = tx.store.now(), LOCALES.get(person.language, "en-GB")
    return {
        "type": kind, "id": f"f:{uuid.uuid4()}", "timestamp": moment(now),
        "localTimestamp": now.astimezone(ZoneInfo(_ZONE)).isoformat(timespec="milliseconds"), "localTimezone": _ZONE,
        "channelId": "msteams", "serviceUrl": service_url, "from": account(person), "recipient": bot(),
        "conversation": _conversation(conversation, person), "channelData": _channel_data(conversation, person),
        "locale": locale,
        "entities": [
            {"type": "clientInfo", "locale": locale, "country": locale[-2:], "platform": "Web", "timezone": _ZONE}
        ],
    }  # fmt: skip


def message(
    tx: Tx, person: Person, conversation: str, service_url: str, *, text: str, mentions: list[Person | None],
    attachments: list[dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    """A message as typed; each of `mentions` (None: the bot) stands in the text as `<at>Name</at>`."""
    named = [(bot() if one is None else {"id": teams_id(one), "name": one.name}) for one in mentions]
    for who in reversed(named):
        if f"<at>{who['name']}</at>" not in text:
            text = f"<at>{who['name']}</at> {text}".rstrip()
    shown = "".join(part if _TAG.fullmatch(part) else html.escape(part, quote=False) for part in _TAG.split(text))
    activity = _frame(tx, "message", person, conversation, service_url)
    activity |= {"textFormat": "plain", "text": text}
    activity["attachments"] = [*attachments, {"contentType": "text/html", "content": f"<p>{shown}</p>"}]
    activity["entities"] += [{"type": "mention", "mentioned": who, "text": f"<at>{who['name']}</at>"} for who in named]
    return activity


def value_message(
    tx: Tx, person: Person, conversation: str, service_url: str, *, reply_to: str, value: dict[str, Any],
    text: str | None,
) -> dict[str, Any]:  # fmt: skip
    """What Action.Submit sends: a message with the inputs as `value` and, as a rule, without text."""
    activity = _frame(tx, "message", person, conversation, service_url)
    activity |= {"replyToId": reply_to, "value": value}
    return activity | ({"text": text, "textFormat": "plain"} if text is not None else {})


def invoke(
    tx: Tx, person: Person, conversation: str, service_url: str, *, reply_to: str, name: str, value: dict[str, Any]
) -> dict[str, Any]:
    """A call that the bot answers at once, such as `adaptiveCard/action`."""
    activity = _frame(tx, "invoke", person, conversation, service_url)
    activity["channelData"]["source"] = {"name": "message"}
    return activity | {"name": name, "value": value, "replyToId": reply_to}


def changed_message(
    tx: Tx, person: Person, conversation: str, service_url: str, *, kind: str, key: str, text: str | None
) -> dict[str, Any]:
    """`messageUpdate` after an edit, `messageDelete` after a deletion, with the id of the message it is about."""
    activity = _frame(tx, kind, person, conversation, service_url) | {"id": key}
    activity["channelData"]["eventType"] = "editMessage" if kind == "messageUpdate" else "softDeleteMessage"
    return activity | ({"text": text, "textFormat": "plain"} if text is not None else {})


def installation(tx: Tx, person: Person, conversation: str, service_url: str, *, added: bool) -> list[dict[str, Any]]:
    """What a bot hears when it comes to or leaves a chat or team: conversationUpdate, then installationUpdate."""
    update = _frame(tx, "conversationUpdate", person, conversation, service_url)
    who: list[dict[str, Any]] = [{"id": bot()["id"]}]
    channel = channel_of(conversation)
    if channel is None:
        who.append({"id": teams_id(person), "aadObjectId": account(person)["aadObjectId"]})
    else:
        update["channelData"]["eventType"] = "teamMemberAdded" if added else "teamMemberRemoved"
    update["membersAdded" if added else "membersRemoved"] = who
    install = _frame(tx, "installationUpdate", person, conversation, service_url)
    install["action"] = "add" if added else "remove"
    if channel is not None:
        install["channelData"]["settings"] = {"selectedChannel": {"id": channel}}
    # A personal app that is removed is only told by installationUpdate; nobody was there to leave.
    return [update, install] if added or channel is not None else [install]
