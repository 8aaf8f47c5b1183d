"""Bot Connector: what a bot may do in Teams, as Microsoft's description of its REST interface has it.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference; codes of refusals:
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages#status-codes-from-bot-conversational-apis
"""

import json
import re
from typing import Any

from flask import Blueprint, Response, jsonify, request

from backend.sandbox import teams_chats as chats
from backend.sandbox.connector_auth import ConnectorError, check_bot, refusal
from backend.sandbox.people import HOME_TENANT, Person
from backend.sandbox.store import Tx
from backend.sandbox.teams_people import (
    CHANNELS,
    STAFF,
    TEAM_GROUP,
    TEAM_ID,
    TEAM_NAME,
    by_any_id,
    by_chat,
    by_teams_id,
    channel_of,
    chat_id,
    member,
    members_of,
    tenant,
)
from backend.sandbox.teams_world import service_url, teams
from backend.sandbox.throttling import check_bot_rate
from backend.sandbox.world import world

blueprint = Blueprint("connector", __name__, url_prefix="/v3")
Answer = Response | tuple[Response, int]
# Characters of two bytes each; pictures inside the message do not count.
# https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
LARGEST = 100 * 1024
_PICTURE = re.compile(r"data:image/[a-z+.-]+;base64,[A-Za-z0-9+/=]+")
_PAGE = (50, 500)  # members of a page, at least and at most
_ACTIVITY = "/conversations/<conversation>/activities/<key>"

blueprint.before_request(check_bot)
blueprint.before_request(check_bot_rate)
blueprint.register_error_handler(ConnectorError, refusal)


def _given() -> dict[str, Any]:
    given = request.get_json(silent=True, force=True)
    if not isinstance(given, dict):
        raise ConnectorError(400, "BadSyntax", "The request's body is no JSON object.")
    return given


def _activity(given: Any) -> dict[str, Any]:
    """A message or typing that may be shown. Raises ConnectorError."""
    if not isinstance(given, dict) or not isinstance(given.get("type"), str):
        raise ConnectorError(400, "BadSyntax", "The activity has no type.")
    slim = _PICTURE.sub("", json.dumps(given, ensure_ascii=False))
    if len(slim.encode("utf-16-le")) > LARGEST:
        raise ConnectorError(413, "MessageSizeTooBig", "Message size too large.")
    if given["type"] not in ("message", "typing"):
        raise ConnectorError(400, "BadArgument", f"Teams shows no activity of the type {given['type']}.")
    if given["type"] == "message" and not (given.get("text") or given.get("attachments")):
        raise ConnectorError(400, "BadSyntax", "Activity resulted into multiple skype activities or none: it is empty.")
    names = ("type", "text", "textFormat", "summary", "attachments", "attachmentLayout", "entities", "suggestedActions",
             "replyToId", "importance", "value", "channelData", "locale", "inputHint")  # fmt: skip
    kept = {name: given[name] for name in names if given.get(name) is not None}
    text = str(kept.get("text", ""))
    # A mention whose text does not stand in the message is ignored.
    kept["entities"] = [
        entity
        for entity in kept.get("entities", [])
        if entity.get("type") != "mention" or (entity.get("text") and entity["text"] in text)
    ]
    return kept


def _writable(tx: Tx, conversation: str) -> None:
    """Whether the bot may write there. Raises ConnectorError."""
    person = by_chat(conversation)
    if not chats.exists(tx, conversation):
        if person is None and not conversation.startswith(("a:", "19:")):
            raise ConnectorError(400, "BadArgument", "Bad format of conversation ID")
        raise ConnectorError(404, "ConversationNotFound", "Conversation not found.")
    if person is not None:
        installed, blocked = chats.state(tx, person)
        if blocked:
            raise ConnectorError(403, "MessageWritesBlocked", "Thread is blocked from message writes.")
        if not installed:
            raise ConnectorError(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")


def _post(conversation: str, activity: dict[str, Any]) -> dict[str, str]:
    with world().store.write() as tx:
        _writable(tx, conversation)
        if activity["type"] == "typing":
            teams().events.say([{"conversation": conversation, "typing": True}])
            return {"id": chats.new_id(tx)}
        said = chats.add(tx, conversation, chats.BOT, activity)
    return {"id": said.id, "conversation": said.conversation}


@blueprint.post("/conversations")
def create() -> Answer:
    """A personal chat with somebody who has the bot, or a thread in a channel."""
    given = _given()
    data = given.get("channelData") or {}
    channel = (data.get("channel") or {}).get("id") or data.get("teamsChannelId")
    first = _activity(given["activity"]) if given.get("activity") else None
    if channel:
        if channel not in CHANNELS:
            raise ConnectorError(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
        if first is None:
            raise ConnectorError(400, "BadSyntax", "Incorrect conversation creation parameters: activity is missing.")
        made = _post(channel, first)
        return jsonify(id=made["conversation"], activityId=made["id"], serviceUrl=service_url()), 201
    people = given.get("members") or []
    if len(people) != 1 or given.get("isGroup"):
        raise ConnectorError(400, "BadArgument", "Incorrect conversation creation parameters: one member is needed.")
    person = by_teams_id(str((people[0] or {}).get("id")))
    if person is None:
        raise ConnectorError(400, "BadArgument", "Failed to decrypt pairwise id")
    asked = given.get("tenantId") or (data.get("tenant") or {}).get("id")
    if asked != tenant(person):
        raise ConnectorError(400, "BadArgument", "The tenant ID is missing or is not that of the member.")
    with world().store.write() as tx:
        if not chats.state(tx, person)[0]:
            raise ConnectorError(403, "ForbiddenOperationException", "Bot is not installed in user's personal scope")
        chats.open_conversation(tx, chat_id(person))
    sent = _post(chat_id(person), first)["id"] if first else None
    found = {"id": chat_id(person), "serviceUrl": service_url()}
    return jsonify(found | ({"activityId": sent} if sent else {})), 201


@blueprint.post("/conversations/<conversation>/activities")
def send(conversation: str) -> Answer:
    """Says something; in a channel itself that begins a thread."""
    return jsonify(id=_post(conversation, _activity(_given()))["id"]), 201


@blueprint.post(_ACTIVITY)
def reply(conversation: str, key: str) -> Answer:
    """Says something in answer to an activity, in its thread."""
    activity = _activity(_given()) | {"replyToId": key}
    if conversation in CHANNELS:
        with world().store.read() as tx:
            said = chats.find(tx, conversation, key)
        if said is None:
            raise ConnectorError(404, "ActivityNotFoundInConversation", "The activity is not in this conversation.")
        conversation = said.conversation
    return jsonify(id=_post(conversation, activity)["id"]), 201


def _own(tx: Tx, conversation: str, key: str) -> chats.Said:
    """What the bot itself said. Raises ConnectorError."""
    _writable(tx, conversation)
    said = chats.find(tx, conversation, key)
    if said is None or said.deleted:
        raise ConnectorError(404, "ActivityNotFoundInConversation", "The activity is not in this conversation.")
    if said.author != chats.BOT:
        raise ConnectorError(403, "ForbiddenOperationException", "The bot may change its own messages only.")
    return said


@blueprint.put(_ACTIVITY)
def update(conversation: str, key: str) -> Answer:
    """Replaces what the bot said."""
    activity = _activity(_given())
    with world().store.write() as tx:
        chats.change(tx, _own(tx, conversation, key), activity)
    return jsonify(id=key)


@blueprint.delete(_ACTIVITY)
def delete(conversation: str, key: str) -> Answer:
    """Takes back what the bot said."""
    with world().store.write() as tx:
        chats.remove(tx, _own(tx, conversation, key))
    return Response(status=200)


def _members(conversation: str) -> tuple[Person, ...]:
    with world().store.read() as tx:
        known = chats.exists(tx, conversation)
        person = by_chat(conversation)
        if person is not None and known and not chats.state(tx, person)[0]:
            raise ConnectorError(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
    if not known:
        raise ConnectorError(404, "ConversationNotFound", "Conversation not found.")
    return members_of(conversation)


@blueprint.get("/conversations/<conversation>/members")
@blueprint.get(f"{_ACTIVITY}/members")
def members(conversation: str, key: str = "") -> Answer:
    """Everybody there."""
    return jsonify([member(person) for person in _members(conversation)])


@blueprint.get("/conversations/<conversation>/pagedmembers")
def paged_members(conversation: str) -> Answer:
    """The same in pages."""
    try:
        size = int(request.args.get("pageSize") or _PAGE[1])
        start = int(request.args.get("continuationToken") or 0)
    except ValueError as error:
        raise ConnectorError(400, "BadArgument", "pageSize or continuationToken is wrong.") from error
    size, found = min(max(size, _PAGE[0]), _PAGE[1]), _members(conversation)
    page = [member(person) for person in found[start : start + size]]
    more = {"continuationToken": str(start + size)} if start + size < len(found) else {}
    return jsonify({"members": page, **more})


@blueprint.get("/conversations/<conversation>/members/<path:key>")
def one_member(conversation: str, key: str) -> Answer:
    """One of them, by `29:` id, object id or address."""
    person = by_any_id(key)
    if person is None or person not in _members(conversation):
        raise ConnectorError(404, "MemberNotFoundInConversation", "The member is not in this conversation.")
    return jsonify(member(person))


@blueprint.get("/teams/<team>")
def team_details(team: str) -> Answer:
    """The team that a channel belongs to."""
    if channel_of(team) is None:
        raise ConnectorError(404, "NotFound", "The team is not known.")
    return jsonify(
        id=TEAM_ID, name=TEAM_NAME, aadGroupId=TEAM_GROUP, tenantId=HOME_TENANT, channelCount=len(CHANNELS),
        memberCount=len(STAFF),
    )  # fmt: skip


@blueprint.get("/teams/<team>/conversations")
def team_channels(team: str) -> Answer:
    """Its channels; the first one has no name of its own."""
    if channel_of(team) is None:
        raise ConnectorError(404, "NotFound", "The team is not known.")
    named = [{"id": key} if key == TEAM_ID else {"id": key, "name": name} for key, name in CHANNELS.items()]
    return jsonify(conversations=named)


@blueprint.get("/attachments/<key>")
def attachment(key: str) -> Answer:
    """What there is of a picture somebody pasted into a chat."""
    found = _file(key)
    views = [{"viewId": "original", "size": len(found["content"])}]
    return jsonify(name=found["name"], type=found["kind"], views=views)


@blueprint.get("/attachments/<key>/views/<view>")
def attachment_view(key: str, view: str) -> Answer:
    """The picture itself; only the bot's own token opens it."""
    if view != "original":
        raise ConnectorError(404, "NotFound", "There is no such view.")
    found = _file(key)
    return Response(bytes(found["content"]), content_type=found["kind"], headers={"X-Content-Type-Options": "nosniff"})


def _file(key: str) -> Any:
    with world().store.read() as tx:
        row = tx.one("SELECT * FROM teams_files WHERE id = ?", key)
    if row is None:
        raise ConnectorError(404, "NotFound", "There is no such attachment.")
    return row


@blueprint.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def nothing_here(rest: str) -> Answer:
    """What Teams does not offer of the Connector: its list of conversations, sent history, removing members."""
    raise ConnectorError(404, "NotFound", f"Teams has no {request.method} on '{rest}'.")
