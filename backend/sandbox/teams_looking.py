"""Looking at Teams: people, conversations as they stand, deliveries; and changing what a person does to the bot."""

import json
from typing import Any

import jwt
from flask import Response, jsonify, request

from backend.sandbox import teams_chats as chats
from backend.sandbox.control import Answer, Unclear
from backend.sandbox.people import Person
from backend.sandbox.store import Tx
from backend.sandbox.teams_cards import CARD
from backend.sandbox.teams_control import blueprint, described, given, switched, talker, tell_installed
from backend.sandbox.teams_people import (
    BOT_ID,
    BOT_NAME,
    CHANNELS,
    HOTLINE,
    TALKERS,
    TEAM_ID,
    TEAM_NAME,
    by_chat,
    chat_id,
    is_guest,
    member,
    members_of,
)
from backend.sandbox.teams_world import service_url, teams
from backend.sandbox.world import world


@blueprint.get("/people")
def people() -> Response:
    """Everybody as the bot meets them."""
    with world().store.read() as tx:
        found = [
            {
                **member(person), "mail": person.mail, "role": person.role, "language": person.language,
                "guest": is_guest(person), "conversation": chat_id(person), "installed": state[0], "blocked": state[1],
            }
            for person in TALKERS
            for state in [chats.state(tx, person)]
        ]  # fmt: skip
    return jsonify(found)


@blueprint.get("/team")
def team() -> Response:
    """The team, its channels and the bot."""
    channels = [{"id": key, "name": name} for key, name in CHANNELS.items()]
    return jsonify(id=TEAM_ID, name=TEAM_NAME, channels=channels, hotline=HOTLINE, bot={"id": BOT_ID, "name": BOT_NAME},
                   serviceUrl=service_url())  # fmt: skip


@blueprint.post("/people/<address>/block")
def block(address: str) -> Response:
    """The bot is refused from now on; it hears nothing of it."""
    person = talker(address)
    return jsonify(switched(person, lambda tx: chats.set_state(tx, person, blocked=True)))


@blueprint.post("/people/<address>/unblock")
def unblock(address: str) -> Response:
    """The bot may write again."""
    person = talker(address)
    return jsonify(switched(person, lambda tx: chats.set_state(tx, person, blocked=False)))


@blueprint.post("/people/<address>/install")
def install(address: str) -> Response:
    """They get the bot, of which it hears."""
    person = talker(address)
    now = switched(person, lambda tx: chats.set_state(tx, person, installed=True))
    return jsonify(now | tell_installed(person, chat_id(person), added=True).as_json())


@blueprint.post("/people/<address>/uninstall")
def uninstall(address: str) -> Response:
    """They remove the bot, of which it hears."""
    person = talker(address)
    now = switched(person, lambda tx: chats.set_state(tx, person, installed=False))
    return jsonify(now | tell_installed(person, chat_id(person), added=False).as_json())


@blueprint.post("/team/install")
def install_in_team() -> Answer:
    """The bot comes to the team, of which it hears: `by` says through whom."""
    person = talker(given().get("by"))
    if person not in members_of(TEAM_ID):
        raise Unclear(f"{person.name} is not in the team.", 403)
    return jsonify(tell_installed(person, TEAM_ID, added=True).as_json())


def _asking() -> Person | None:
    return talker(request.args["as"]) if request.args.get("as") else None


def _may_see(person: Person | None, conversation: str) -> bool:
    return person is None or person in members_of(conversation)


def _line(said: chats.Said) -> str:
    if said.deleted:
        return ""
    card = any(one.get("contentType") == CARD for one in said.doc.get("attachments") or [])
    return str(said.doc.get("text") or said.doc.get("summary") or ("Card" if card else ""))


@blueprint.get("/conversations")
def conversations() -> Response:
    """All conversations, the latest first; with `?as=MAIL` only that person's."""
    person, found = _asking(), []
    with world().store.read() as tx:
        for row in chats.known_conversations(tx):
            if not _may_see(person, row["id"]):
                continue
            last = chats.last_said(tx, row["id"])
            by = "bot" if last and last.author == chats.BOT else "person"
            found.append(described(row) | {"last": {"text": _line(last), "at": last.at, "by": by} if last else None})
    return jsonify(found)


def _author(said: chats.Said) -> dict[str, Any]:
    if said.author == chats.BOT:
        return {"id": BOT_ID, "name": BOT_NAME, "bot": True}
    person = talker(_MAILS[said.author])
    return {"id": member(person)["id"], "name": person.name, "mail": person.mail, "bot": False}


_MAILS = {person.id: person.mail for person in TALKERS}


def _shown(tx: Tx, said: chats.Said, person: Person | None) -> dict[str, Any]:
    """An activity as it stands, as `person` sees it."""
    doc = {} if said.deleted else dict(said.doc)
    mine = chats.view(tx, said, person) if person and not said.deleted else None
    usual = "markdown" if said.author == chats.BOT else "plain"
    if mine:
        # Only the pressed card is another one for this person.
        others = [one for one in doc.get("attachments") or [] if one.get("contentType") != CARD]
        doc["attachments"] = [{"contentType": CARD, "content": mine}, *others]
    return {
        "id": said.id, "type": said.doc.get("type", "message"), "from": _author(said), "at": said.at,
        "text": doc.get("text"), "textFormat": doc.get("textFormat", usual), "summary": doc.get("summary"),
        "attachments": doc.get("attachments") or [], "entities": doc.get("entities") or [],
        "replyToId": doc.get("replyToId"), "value": doc.get("value"), "edited": said.edited,
        "deleted": bool(said.deleted), "delivery": said.delivery,
    }  # fmt: skip


def _all_shown(tx: Tx, conversation: str, person: Person | None) -> list[dict[str, Any]]:
    return [_shown(tx, said, person) for said in chats.all_said(tx, conversation)]


@blueprint.get("/conversations/<conversation>")
def one_conversation(conversation: str) -> Answer:
    """One with its activities as they stand: edits applied, deleted ones empty. A channel gives its threads."""
    person = _asking()
    with world().store.read() as tx:
        if not chats.exists(tx, conversation) or not _may_see(person, conversation):
            raise Unclear("There is no such conversation; see /_sandbox/teams/conversations.", 404)
        rows = chats.known_conversations(tx)
        known = next((row for row in rows if row["id"] == conversation), {"id": conversation, "updated": None})
        found = described(known) | {"members": [member(one) for one in members_of(conversation)]}
        if conversation in CHANNELS:
            begun = f"{conversation};messageid="
            keys = sorted(row["id"] for row in rows if row["id"].startswith(begun))
            found["threads"] = [{"id": key, "activities": _all_shown(tx, key, person)} for key in keys]
        else:
            found["activities"] = _all_shown(tx, conversation, person)
        if whose := by_chat(conversation):
            found["installed"], found["blocked"] = chats.state(tx, whose)
    return jsonify(found)


@blueprint.get("/deliveries")
def deliveries() -> Response:
    """Every attempt to bring an activity to the bot, oldest first."""
    with world().store.read() as tx:
        rows = tx.all("SELECT * FROM teams_deliveries WHERE seq > ? ORDER BY seq", request.args.get("since", "0"))
    return jsonify([{"index": row["seq"], **json.loads(row["doc"])} for row in rows])


@blueprint.get("/events")
def events() -> Response:
    """Which conversation changed, and where the bot is typing, as server-sent events."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(teams().events.stream(), content_type="text/event-stream", headers=headers)


@blueprint.post("/token")
def mint() -> Response:
    """A token of the channel: {"serviceUrl"?, "overrides"?: {claim: value, none: null}, "kid"?, "alg"?,
    "key"?: "unendorsed" or "identity"}, to try what a bot refuses.
    """
    asked = given()
    keys = {"unendorsed": teams().unendorsed, "identity": world().keys}.get(str(asked.get("key")), teams().keys)
    claims = keys.channel_token(str(asked.get("serviceUrl") or service_url())) | (asked.get("overrides") or {})
    if asked.get("alg") in ("HS256", "none"):
        key: Any = "0" * 32 if asked["alg"] == "HS256" else None
        present = {name: value for name, value in claims.items() if value is not None}
        return jsonify(access_token=jwt.encode(present, key, algorithm=asked["alg"]))
    return jsonify(access_token=keys.sign(claims, **({"kid": str(asked["kid"])} if "kid" in asked else {})))


@blueprint.post("/keys/roll")
def roll() -> Response:
    """The channel signs with another key from now on, as Microsoft does it without a word."""
    teams().keys.roll()
    return jsonify(kid=teams().keys.kid)
