"""The calls with which people, tests and the look-alike talk to the bot; Microsoft has none of them."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, jsonify, request

from backend.sandbox import teams_activities as activities
from backend.sandbox import teams_cards as cards
from backend.sandbox import teams_chats as chats
from backend.sandbox.control import Answer, Unclear, unclear
from backend.sandbox.people import Person, by_mail
from backend.sandbox.teams_chats import Said
from backend.sandbox.teams_courier import Outcome
from backend.sandbox.teams_files import attached
from backend.sandbox.teams_people import (
    BOT_NAME,
    CHANNELS,
    TALKERS,
    TEAM_ID,
    TEAM_NAME,
    by_chat,
    channel_of,
    chat_id,
    is_guest,
    member,
    members_of,
)
from backend.sandbox.teams_world import service_url, teams
from backend.sandbox.world import world

blueprint = Blueprint("teams_control", __name__, url_prefix="/_sandbox/teams")
blueprint.register_error_handler(Unclear, unclear)


def given() -> dict[str, Any]:
    """The body. Raises Unclear."""
    found = request.get_json(silent=True, force=True) if request.get_data() else {}
    if not isinstance(found, dict):
        raise Unclear("The body must be a JSON object.")
    return found


def talker(address: Any) -> Person:
    """The person with this address who can use Teams. Raises Unclear."""
    person = by_mail(str(address or ""))
    if person is None or person not in TALKERS:
        raise Unclear(f"Nobody here has the address {address!r}; see /_sandbox/teams/people.", 404)
    return person


def _place(person: Person, named: Any) -> str:
    """The conversation they speak in: their own chat unless another is named. Raises Unclear."""
    if not named:
        return chat_id(person)
    conversation = str(named)
    with world().store.read() as tx:
        if not chats.exists(tx, conversation) and conversation != chat_id(person):
            raise Unclear("There is no such conversation; see /_sandbox/teams/conversations.", 404)
    if person not in members_of(conversation):
        raise Unclear(f"{person.name} is not in this conversation.", 403)
    return conversation


def _mentioned(asked: Any, in_channel: bool) -> list[Person | None]:
    """Who is mentioned; None is the bot, whom a line in a channel mentions unless told otherwise."""
    if asked is None:
        return [None] if in_channel else []
    if not isinstance(asked, list):
        raise Unclear('`mentions` is a list of addresses; "bot" is the bot.')
    return [None if str(one) == "bot" else talker(one) for one in asked]


def _settled(person: Person, conversation: str) -> None:
    """Who writes first gets the bot installed, of which it hears. Raises Unclear for whoever blocks it."""
    if channel_of(conversation):
        return
    with world().store.write() as tx:
        installed, blocked = chats.state(tx, person)
        if blocked:
            raise Unclear(f"{person.name} blocks the bot and cannot write to it.", 409)
        if not installed:
            chats.set_state(tx, person, installed=True)
    if not installed:
        tell_installed(person, conversation, added=True)


def tell_installed(person: Person, conversation: str, *, added: bool) -> Outcome:
    """The events of an installation or its end, brought to the bot; how the last one went."""
    with world().store.write() as tx:
        events = activities.installation(tx, person, conversation, service_url(), added=added)
    outcomes = [teams().courier.bring(event["id"], event) for event in events]
    return outcomes[-1]


@blueprint.post("/messages")
def say() -> Answer:
    """Somebody writes: `from`, `text`, `conversation`?, `mentions`?, `attachments`?."""
    asked = given()
    person = talker(asked.get("from"))
    conversation = _place(person, asked.get("conversation"))
    channel, text = channel_of(conversation), str(asked.get("text") or "")
    if not text.strip() and not asked.get("attachments"):
        raise Unclear("Say something: `text` or `attachments`.")
    mentions = _mentioned(asked.get("mentions"), channel is not None)
    _settled(person, conversation)
    with world().store.write() as tx:
        files = attached(tx, asked.get("attachments") or [], in_channel=channel is not None)
        activity = activities.message(
            tx, person, conversation, service_url(), text=text, mentions=mentions, attachments=files
        )
        said = chats.add(tx, conversation, person.id, activity)
    answer: dict[str, Any] = {"conversation": said.conversation, "activity": said.id}
    if channel and None not in mentions:
        return jsonify(answer | {"delivered": False, "sentence": "The bot only hears what mentions it."}), 201
    outcome = _bring(said)
    return jsonify(answer | outcome.as_json()), 201


def _bring(said: Said) -> Outcome:
    activity = said.doc
    # A line that began a thread is in the conversation it began.
    activity["conversation"] = {**activity["conversation"], "id": said.conversation}
    return teams().courier.bring(said.id, activity)


def _own(key: str, person: Person) -> Said:
    with world().store.read() as tx:
        said = chats.find_anywhere(tx, key)
    if said is None or said.author != person.id or said.deleted:
        raise Unclear("There is no such message of theirs.", 404)
    return said


def _tell_change(person: Person, said: Said, kind: str, text: str | None) -> Answer:
    with world().store.write() as tx:
        event = activities.changed_message(
            tx, person, said.conversation, service_url(), kind=kind, key=said.id, text=text
        )
    outcome = teams().courier.bring(said.id, event)
    return jsonify({"conversation": said.conversation, "activity": said.id, **outcome.as_json()})


@blueprint.patch("/messages/<key>")
def edit(key: str) -> Answer:
    """Somebody edits what they wrote: `from`, `text`."""
    asked = given()
    person, text = talker(asked.get("from")), str(asked.get("text") or "")
    if not text.strip():
        raise Unclear("Say what it shall read: `text`.")
    said = _own(key, person)
    with world().store.write() as tx:
        chats.change(tx, said, {**said.doc, "text": text})
    return _tell_change(person, said, "messageUpdate", text)


@blueprint.delete("/messages/<key>")
def take_back(key: str) -> Answer:
    """Somebody deletes what they wrote: `from`."""
    person = talker(given().get("from"))
    said = _own(key, person)
    with world().store.write() as tx:
        chats.remove(tx, said)
    return _tell_change(person, said, "messageDelete", None)


@blueprint.post("/actions")
def press() -> Answer:
    """Somebody presses a card's button: `from`, `activity`, `data`, and `verb` or `action` when that is not clear."""
    asked = given()
    person, data = talker(asked.get("from")), asked.get("data") or {}
    if not isinstance(data, dict):
        raise Unclear("`data` must be a JSON object.")
    with world().store.read() as tx:
        said = chats.find_anywhere(tx, str(asked.get("activity")))
        if said is None or said.author != chats.BOT or said.deleted:
            raise Unclear("There is no such message of the bot.", 404)
        mine = chats.view(tx, said, person)
    if person not in members_of(said.conversation):
        raise Unclear(f"{person.name} is not in this conversation.", 403)
    try:
        action = cards.pressed([mine] if mine else cards.cards(said.doc), {**asked, "data": data})
    except cards.NoSuchAction as error:
        raise Unclear(str(error), 409) from error
    if action["type"] == "Action.Execute":
        return _execute(person, said, action, data)
    return _submit(person, said, action, data)


def _execute(person: Person, said: Said, action: dict[str, Any], data: dict[str, Any]) -> Answer:
    value = cards.execute_value(action, data)
    with world().store.write() as tx:
        activity = activities.invoke(
            tx, person, said.conversation, service_url(), reply_to=said.id, name="adaptiveCard/action", value=value
        )
    outcome = teams().courier.ask(activity)
    kind, content = cards.answered(outcome.answer) if outcome.delivered else ("", None)
    if kind == "card" and isinstance(content, dict):
        with world().store.write() as tx:
            chats.set_view(tx, said, person, content)
    shown = {"shows": kind, **({kind: content} if kind else {})}
    return jsonify(
        {"conversation": said.conversation, "activity": said.id, "invoke": activity["id"], "answer": outcome.answer,
         **outcome.as_json(), **shown}
    )  # fmt: skip


def _submit(person: Person, said: Said, action: dict[str, Any], data: dict[str, Any]) -> Answer:
    value = cards.sent(action, data)
    # https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-actions
    back = value.get("msteams") if isinstance(value.get("msteams"), dict) else {}
    text = None
    if back and back.get("type") == "imBack":
        text = str(back.get("value") or "")
    elif back and back.get("type") == "messageBack":
        text = str(back.get("text") or "")
    visible = text if back and back.get("type") == "imBack" else back.get("displayText") if back else None
    with world().store.write() as tx:
        activity = activities.value_message(
            tx, person, said.conversation, service_url(), reply_to=said.id, value=value, text=text
        )
        if visible:
            activity = chats.add(tx, said.conversation, person.id, {**activity, "text": visible}).doc | {"text": text}
        else:
            activity["id"] = chats.new_id(tx)
    outcome = teams().courier.bring(activity["id"], activity)
    return jsonify({"conversation": said.conversation, "activity": activity["id"], **outcome.as_json()})


def described(row: dict[str, Any]) -> dict[str, Any]:
    """A conversation in the list."""
    conversation = row["id"]
    person, channel = by_chat(conversation), channel_of(conversation)
    found = {"id": conversation, "kind": "personal" if person else "channel", "updated": row["updated"]}
    if person:
        return found | {"person": person.mail, "name": person.name, "tenant": member(person)["tenantId"],
                        "guest": is_guest(person)}  # fmt: skip
    return found | {"team": TEAM_NAME, "teamId": TEAM_ID, "channel": channel, "name": CHANNELS[channel or ""],
                    "tenant": members_of(conversation)[0].tenant}  # fmt: skip


def switched(person: Person, change: Callable[[Any], None]) -> dict[str, Any]:
    """Changes a person's state in one transaction and gives it as it is then."""
    with world().store.write() as tx:
        change(tx)
        installed, blocked = chats.state(tx, person)
    return {"mail": person.mail, "installed": installed, "blocked": blocked, "bot": BOT_NAME}
