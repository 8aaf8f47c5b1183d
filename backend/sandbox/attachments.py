"""Graph's attachments of a mail, small ones at once, large ones in chunks.

https://learn.microsoft.com/graph/outlook-large-attachments
"""

import json
import re
import secrets
from typing import Any

from flask import Blueprint, Response, jsonify, request

from backend.sandbox import drafts, mailbox, render
from backend.sandbox.graph import (
    LARGEST,
    GraphError,
    NotHere,
    blueprint,
    body_json,
    here,
    mailbox_of,
    metadata,
    needs,
    store,
)
from backend.sandbox.mailbox import Mail
from backend.sandbox.messages import one
from backend.sandbox.mime import Part
from backend.sandbox.people import Person, find
from backend.sandbox.store import Tx, stamp
from backend.sandbox.throttling import count_upload
from backend.sandbox.world import world

UPLOAD_LIFETIME = 3600  # seconds
LARGEST_UPLOAD = 150 * 1024 * 1024
# Below 3 MB a session is refused: https://learn.microsoft.com/graph/outlook-large-attachments#errors
SMALLEST_UPLOAD = 3_000_000
# Seen: https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/2561
LARGEST_MESSAGE = 39 * 1024 * 1024  # bytes of all attachments
# Its own host with Microsoft, and no token: whoever has the address may upload.
uploads = Blueprint("uploads", __name__, url_prefix="/uploads")


def _row(tx: Tx, mail: Mail, key: str) -> Any:
    row = tx.one("SELECT * FROM attachments WHERE message = ? AND id = ?", mail.pk, key)
    if row is None:
        raise NotHere
    return row


def _context(person: Person, key: str) -> str:
    return metadata(f"users('{person.id}')/messages('{key}')/attachments/$entity")


def _added(tx: Tx, mail: Mail, part: Part) -> str:
    """Puts it on the mail; its id. Raises GraphError 400 when they are too much together."""
    there = tx.number("SELECT sum(length(content)) FROM attachments WHERE message = ?", mail.pk)
    if there + len(part.content) > LARGEST_MESSAGE:
        raise GraphError(400, "ErrorMessageSizeExceeded", "The message exceeds the maximum supported size.")
    key = mailbox.attach(tx, mail.pk, part)
    mail.doc["hasAttachments"] = mail.doc["hasAttachments"] or not part.inline
    mailbox.save(tx, mail, keep_raw=False)
    return key


@blueprint.get("/users/<user>/messages/<key>/attachments")
@needs("Mail.ReadWrite")
def list_attachments(user: str, key: str) -> Response:
    """All attachments."""
    person = mailbox_of(user)
    with store().read() as tx:
        found = render.attachments(tx, one(tx, person, key), query=request.args.get("$select"))
    context = metadata(f"users('{person.id}')/messages('{key}')/attachments")
    return jsonify({"@odata.context": context, "value": found})


@blueprint.post("/users/<user>/messages/<key>/attachments")
@needs("Mail.ReadWrite")
def add_attachment(user: str, key: str) -> tuple[Response, int]:
    """Adds one of up to 3 MB."""
    person = mailbox_of(user)
    part = drafts.part(body_json())
    with store().write() as tx:
        mail = one(tx, person, key)
        shown = render.attachment(_row(tx, mail, _added(tx, mail, part)))
    return jsonify({"@odata.context": _context(person, key), **shown}), 201


@blueprint.get("/users/<user>/messages/<key>/attachments/<part>")
@needs("Mail.ReadWrite")
def read_attachment(user: str, key: str, part: str) -> Response:
    """One attachment with its bytes."""
    person = mailbox_of(user)
    select = request.args.get("$select")
    names = [name.strip() for name in select.split(",")] if select else None
    with store().read() as tx:
        shown = render.attachment(_row(tx, one(tx, person, key), part), names)
    return jsonify({"@odata.context": _context(person, key), **shown})


@blueprint.get("/users/<user>/messages/<key>/attachments/<part>/$value")
@needs("Mail.ReadWrite")
def read_bytes(user: str, key: str, part: str) -> Response:
    """Its bytes alone; an attached mail's MIME."""
    person = mailbox_of(user)
    with store().read() as tx:
        row = _row(tx, one(tx, person, key), part)
    kind = json.loads(row["doc"])["contentType"]
    safe = kind if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) else "application/octet-stream"
    headers = {"X-Content-Type-Options": "nosniff", "Content-Disposition": "attachment"}
    return Response(bytes(row["content"]), content_type=safe, headers=headers)


@blueprint.delete("/users/<user>/messages/<key>/attachments/<part>")
@needs("Mail.ReadWrite")
def delete_attachment(user: str, key: str, part: str) -> tuple[str, int]:
    """Takes one away."""
    person = mailbox_of(user)
    with store().write() as tx:
        mail = one(tx, person, key)
        tx.run("DELETE FROM attachments WHERE pk = ?", _row(tx, mail, part)["pk"])
        mail.doc["hasAttachments"] = any(not left.inline for left in mailbox.parts_of(tx, mail.pk))
        mailbox.save(tx, mail, keep_raw=False)
    return "", 204


@blueprint.post("/users/<user>/messages/<key>/attachments/createUploadSession")
@needs("Mail.ReadWrite")
def create_session(user: str, key: str) -> tuple[Response, int]:
    """An address to which the bytes of a large attachment are put."""
    person = mailbox_of(user)
    given = body_json()
    item = given.get("AttachmentItem") or given.get("attachmentItem") or {}
    size = item.get("size")
    if item.get("attachmentType") != "file" or not item.get("name") or not isinstance(size, int):
        raise GraphError(400, "ErrorInvalidRequest", "AttachmentItem needs attachmentType 'file', name and size.")
    if size < SMALLEST_UPLOAD:
        raise GraphError(
            400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize",
            "Attachment size must be greater than the minimum size.",
        )  # fmt: skip
    if size > LARGEST_UPLOAD:
        raise GraphError(413, "ErrorAttachmentSizeLimitExceeded", "The attachment is larger than 150 MB.")
    token = secrets.token_urlsafe(48)
    ends = store().now().timestamp() + UPLOAD_LIFETIME
    with store().write() as tx:
        mail = one(tx, person, key)
        doc = {
            "mailbox": person.id, "name": item["name"], "size": size, "isInline": bool(item.get("isInline")),
            "contentType": item.get("contentType") or "application/octet-stream", "contentId": item.get("contentId"),
        }  # fmt: skip
        tx.run("INSERT INTO uploads VALUES (?, ?, ?, ?, ?)", token, mail.pk, json.dumps(doc), b"", ends)
    answer = {"uploadUrl": here(f"/uploads/{token}"), **_session(ends, 0)}
    return jsonify({"@odata.context": metadata("microsoft.graph.uploadSession"), **answer}), 201


def _session(ends: float, at: int) -> dict[str, Any]:
    moment = stamp(store().now().fromtimestamp(ends).astimezone())
    return {"expirationDateTime": moment, "nextExpectedRanges": [str(at)]}


@uploads.errorhandler(GraphError)
def refused(error: GraphError) -> tuple[Response, int]:
    """The same shape as Graph's."""
    response = jsonify(error={"code": error.code, "message": error.message})
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response, error.status


@uploads.put("/<token>")
def put_chunk(token: str) -> tuple[Response, int]:
    """Takes the next bytes; the last chunk makes the attachment. Raises GraphError for chunks out of order."""
    if "Authorization" in request.headers:
        raise GraphError(401, "InvalidAudienceForResource", "The upload address takes no Authorization header.")
    match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", request.headers.get("Content-Range", ""))
    chunk = request.get_data()
    if not match or len(chunk) != int(match[2]) - int(match[1]) + 1:
        raise GraphError(400, "ErrorInvalidRange", "Content-Range is missing or does not fit the bytes sent.")
    if len(chunk) > LARGEST:
        raise GraphError(413, "RequestEntityTooLarge", "A chunk has at most 4 MB.")
    with world().store.write() as tx:
        row = tx.one("SELECT * FROM uploads WHERE id = ? AND expires > ?", token, store().now().timestamp())
        if row is None:
            raise GraphError(404, "ErrorItemNotFound", "The upload session is over.")
        doc, content = json.loads(row["doc"]), bytes(row["content"])
        count_upload(doc["mailbox"], len(chunk))
        if int(match[1]) != len(content) or int(match[3]) != doc["size"]:
            raise GraphError(416, "ErrorInvalidRange", f"The next byte expected is {len(content)}.")
        content += chunk
        if len(content) < doc["size"]:
            tx.run("UPDATE uploads SET content = ? WHERE id = ?", content, token)
            return jsonify(_session(row["expires"], len(content))), 200
        tx.run("DELETE FROM uploads WHERE id = ?", token)
        return _finished(tx, row["message"], doc, content)


def _finished(tx: Tx, pk: int, doc: dict[str, Any], content: bytes) -> tuple[Response, int]:
    person: Person | None = find(doc["mailbox"])
    mails = mailbox.select(tx, "pk = ?", pk)
    if person is None or not mails:
        raise NotHere
    part = Part(doc["name"], doc["contentType"], content, doc["isInline"], doc["contentId"])
    key = _added(tx, mails[0], part)
    answer = Response("", 201)
    answer.headers["Location"] = here(f"/v1.0/users/{person.id}/messages/{mails[0].item_id}/attachments/{key}")
    return answer, 201


@uploads.delete("/<token>")
def cancel(token: str) -> tuple[str, int]:
    """Gives the session up."""
    with world().store.write() as tx:
        tx.run("DELETE FROM uploads WHERE id = ?", token)
    return "", 204
