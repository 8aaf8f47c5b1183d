"""Graph's mail endpoints: read, write, move, answer, send."""

from typing import Any

from flask import Response, jsonify, request

from backend.sandbox import drafts, listing, mailbox, render, sending
from backend.sandbox.graph import (
    GraphError,
    NotHere,
    blueprint,
    body_json,
    check_match,
    mailbox_of,
    metadata,
    needs,
    prefs,
    store,
)
from backend.sandbox.mailbox import Mail
from backend.sandbox.people import Person
from backend.sandbox.store import Tx


def one(tx: Tx, person: Person, key: str, folder: str | None = None) -> Mail:
    """The mail of the path. Raises NotHere."""
    mail = mailbox.find(tx, person, key)
    if mail is None or (folder is not None and mail.folder != folder_of(tx, person, folder)):
        raise NotHere
    return mail


def folder_of(tx: Tx, person: Person, key: str) -> str:
    """The id of the folder of the path. Raises NotHere."""
    row = mailbox.find_folder(tx, person, key)
    if row is None:
        raise NotHere
    return str(row["id"])


def shown(tx: Tx, person: Person, mail: Mail, status: int = 200) -> tuple[Response, int]:
    """A mail as the answer."""
    select = render.chosen(request.args.get("$select"))
    found = render.message(tx, mail, prefs(), select, listing.expansion())
    return jsonify({"@odata.context": metadata(f"users('{person.id}')/messages/$entity"), **found}), status


@blueprint.get("/users/<user>/messages")
@needs("Mail.ReadWrite")
def list_messages(user: str) -> Response:
    """The mails of the whole mailbox."""
    person = mailbox_of(user)
    with store().read() as tx:
        page = listing.page(tx, person, None, prefs())
    return jsonify({"@odata.context": metadata(f"users('{person.id}')/messages"), **page})


@blueprint.get("/users/<user>/mailFolders/<folder>/messages")
@needs("Mail.ReadWrite")
def list_folder_messages(user: str, folder: str) -> Response:
    """The mails of a folder."""
    person = mailbox_of(user)
    with store().read() as tx:
        key = folder_of(tx, person, folder)
        page = listing.page(tx, person, key, prefs())
    return jsonify({"@odata.context": metadata(f"users('{person.id}')/mailFolders('{folder}')/messages"), **page})


@blueprint.post("/users/<user>/messages")
@needs("Mail.ReadWrite")
def create_message(user: str) -> tuple[Response, int]:
    """A draft, from JSON or (Content-Type text/plain) from base64 MIME."""
    person = mailbox_of(user)
    is_mime = (request.content_type or "").startswith("text/plain")
    with store().write() as tx:
        draft = (
            drafts.from_mime(tx, person, request.get_data()) if is_mime else drafts.from_json(tx, person, body_json())
        )
        return shown(tx, person, draft, 201)


@blueprint.get("/users/<user>/messages/<key>")
@blueprint.get("/users/<user>/mailFolders/<folder>/messages/<key>")
@needs("Mail.ReadWrite")
def read_message(user: str, key: str, folder: str | None = None) -> tuple[Response, int]:
    """One mail."""
    person = mailbox_of(user)
    with store().read() as tx:
        return shown(tx, person, one(tx, person, key, folder))


@blueprint.get("/users/<user>/messages/<key>/$value")
@blueprint.get("/users/<user>/mailFolders/<folder>/messages/<key>/$value")
@needs("Mail.ReadWrite")
def read_mime(user: str, key: str, folder: str | None = None) -> Response:
    """A mail's MIME."""
    person = mailbox_of(user)
    with store().read() as tx:
        raw = mailbox.raw_of(tx, one(tx, person, key, folder))
    return Response(raw, content_type="text/plain")


@blueprint.patch("/users/<user>/messages/<key>")
@blueprint.patch("/users/<user>/mailFolders/<folder>/messages/<key>")
@needs("Mail.ReadWrite")
def change_message(user: str, key: str, folder: str | None = None) -> tuple[Response, int]:
    """Changes a mail: all of a draft; read, flag, categories and the like of any."""
    person = mailbox_of(user)
    with store().write() as tx:
        mail = one(tx, person, key, folder)
        check_match(mail.change_key)
        drafts.change(tx, mail, body_json())
        return shown(tx, person, mail)


@blueprint.delete("/users/<user>/messages/<key>")
@blueprint.delete("/users/<user>/mailFolders/<folder>/messages/<key>")
@needs("Mail.ReadWrite")
def delete_message(user: str, key: str, folder: str | None = None) -> tuple[str, int]:
    """Into Deleted Items, from there for good."""
    person = mailbox_of(user)
    with store().write() as tx:
        mail = one(tx, person, key, folder)
        check_match(mail.change_key)
        mailbox.remove(tx, person, mail)
    return "", 204


@blueprint.post("/users/<user>/messages/<key>/move")
@blueprint.post("/users/<user>/mailFolders/<folder>/messages/<key>/move")
@needs("Mail.ReadWrite")
def move_message(user: str, key: str, folder: str | None = None) -> tuple[Response, int]:
    """Into another folder; answers with the mail as it is there."""
    person = mailbox_of(user)
    given = body_json()
    with store().write() as tx:
        mail = one(tx, person, key, folder)
        target = mailbox.find_folder(tx, person, str(given.get("destinationId") or given.get("DestinationId") or ""))
        if target is None:
            raise GraphError(404, "ErrorFolderNotFound", "The specified folder could not be found in the store.")
        mailbox.move(tx, mail, target["id"])
        return shown(tx, person, mail, 201)


@blueprint.post("/users/<user>/messages/<key>/<any(createReply, createReplyAll, createForward):verb>")
@needs("Mail.ReadWrite")
def create_answer(user: str, key: str, verb: str) -> tuple[Response, int]:
    """The draft of an answer or of a forwarded mail, threaded to the original."""
    person = mailbox_of(user)
    with store().write() as tx:
        mail = one(tx, person, key)
        if (request.content_type or "").startswith("text/plain"):
            draft = drafts.from_mime(tx, person, request.get_data())
        else:
            draft = sending.answer(tx, person, mail, verb, body_json())
        return shown(tx, person, draft, 201)


@blueprint.post("/users/<user>/messages/<key>/<any(reply, replyAll, forward):verb>")
@needs("Mail.Send")
def answer_at_once(user: str, key: str, verb: str) -> tuple[str, int]:
    """Answers or forwards in one step; says nothing about the mail it made."""
    person = mailbox_of(user)
    with store().write() as tx:
        mail = one(tx, person, key)
        draft = sending.answer(tx, person, mail, f"create{verb[0].upper()}{verb[1:]}", body_json())
        sending.send(tx, person, draft)
    return "", 202


@blueprint.post("/users/<user>/messages/<key>/send")
@needs("Mail.Send")
def send_draft(user: str, key: str) -> tuple[str, int]:
    """Sends a draft. 202 and no body, as the documentation (not the description file) says."""
    person = mailbox_of(user)
    with store().write() as tx:
        sending.send(tx, person, one(tx, person, key))
    return "", 202


@blueprint.post("/users/<user>/sendMail")
@needs("Mail.Send")
def send_mail(user: str) -> tuple[str, int]:
    """Sends without a draft that anybody sees; neither id nor read-back."""
    person = mailbox_of(user)
    if (request.content_type or "").startswith("text/plain"):
        with store().write() as tx:
            sending.send(tx, person, drafts.from_mime(tx, person, request.get_data()))
        return "", 202
    given = body_json()
    message: Any = given.get("message", given.get("Message"))
    if not isinstance(message, dict):
        raise GraphError(400, "BadRequest", "The parameter 'Message' is missing.")
    keep = given.get("saveToSentItems", given.get("SaveToSentItems", True))
    with store().write() as tx:
        sending.send(tx, person, drafts.from_json(tx, person, message), keep=str(keep).lower() != "false")
    return "", 202
