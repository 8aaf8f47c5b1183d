"""Messages as callers write them in JSON: checked the way Graph checks them, turned into what a mailbox keeps."""

import base64
import binascii
import re
from typing import Any

from backend.sandbox import bodies, mailbox, mime, render
from backend.sandbox.graph import GraphError
from backend.sandbox.mailbox import Mail
from backend.sandbox.mime import Address, Part
from backend.sandbox.people import Person
from backend.sandbox.store import Tx

_LISTS = {"toRecipients": "to", "ccRecipients": "cc", "bccRecipients": "bcc", "replyTo": "replyTo"}
_SINGLE = {"from": "from", "sender": "sender"}
_KEPT = {"isDeliveryReceiptRequested", "isReadReceiptRequested", "inferenceClassification", "categories", "flag"}
_IMPORTANCE = {"low", "normal", "high"}
# Given back by Graph, ignored when sent in.
_READ_ONLY = {
    "id", "createdDateTime", "lastModifiedDateTime", "changeKey", "receivedDateTime", "sentDateTime",
    "hasAttachments", "bodyPreview", "parentFolderId", "conversationId", "conversationIndex", "isDraft", "webLink",
    "uniqueBody", "extensions", "multiValueExtendedProperties",
}  # fmt: skip
_OTHER = {"subject", "body", "importance", "isRead", "internetMessageId", "internetMessageHeaders", "attachments",
          "singleValueExtendedProperties"}  # fmt: skip
_DRAFT_ONLY = {"subject", "body", "toRecipients", "ccRecipients", "bccRecipients", "replyTo", "from", "sender",
               "internetMessageHeaders", "internetMessageId"}  # fmt: skip
_THREADING = ("string 0x1039", "string 0x1042")  # References, In-Reply-To
LARGEST_ATTACHMENT = 3 * 1024 * 1024  # bytes in one POST; more goes through an upload session


def empty() -> dict[str, Any]:
    """What a mailbox keeps of a mail without anything."""
    return {
        "subject": "", "body": {"contentType": "text", "content": ""}, "bodyPreview": "", "from": [], "sender": [],
        "to": [], "cc": [], "bcc": [], "replyTo": [], "importance": "normal", "categories": [],
        "flag": {"flagStatus": "notFlagged"}, "inReplyTo": None, "references": [], "customHeaders": [],
    }  # fmt: skip


def _address(value: Any) -> Address:
    found = value.get("emailAddress") if isinstance(value, dict) else None
    address = found.get("address") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(address, str) or not address.strip():
        raise GraphError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
    return {"name": str(found.get("name") or address), "address": address.strip()}


def _headers(given: Any) -> list[list[str]]:
    pairs = []
    for one in given or []:
        name = str(one.get("name", ""))
        if not name.lower().startswith("x-"):
            raise GraphError(
                400,
                "InvalidInternetMessageHeader",
                f"The internet message header name '{name}' should start with 'x-' or 'X-'.",
            )
        if not re.fullmatch(r"[!-9;-~]+", name):
            raise GraphError(400, "InvalidInternetMessageHeader", f"The header name '{name}' is not valid.")
        pairs.append([name, str(one.get("value", ""))])
    return pairs


def _body(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        raise GraphError(400, "RequestBodyRead", "The property 'body' must be an object.")
    kind = str(given.get("contentType") or "text").lower()
    if kind not in ("text", "html"):
        raise GraphError(400, "RequestBodyRead", f"Cannot convert the literal '{kind}' to the type 'bodyType'.")
    return {"contentType": kind, "content": str(given.get("content") or "")}


def _check_names(given: dict[str, Any]) -> None:
    known = set(_LISTS) | set(_SINGLE) | _KEPT | _READ_ONLY | _OTHER
    for name in given:
        if "@odata" not in name and name not in known:
            raise GraphError(
                400,
                "RequestBodyRead",
                f"The property '{name}' does not exist on type 'microsoft.graph.message'. Make sure to only use "
                "property names that are defined by the type.",
            )


def apply(doc: dict[str, Any], given: dict[str, Any]) -> None:
    """Writes the JSON properties of a caller into `doc`. Raises GraphError 400."""
    _check_names(given)
    for name, key in _LISTS.items():
        if name in given:
            doc[key] = [_address(one) for one in given[name] or []]
    for name, key in _SINGLE.items():
        if given.get(name):
            doc[key] = [_address(given[name])]
    for name in _KEPT & given.keys():
        doc[name] = given[name]
    if "subject" in given:
        doc["subject"] = str(given["subject"] or "")
    if "body" in given:
        doc["body"] = _body(given["body"])
        doc.pop("converted", None)
        html = doc["body"]["contentType"] == "html"
        content = doc["body"]["content"]
        doc["bodyPreview"] = bodies.preview(bodies.text_of(content) if html else content)
    if "importance" in given:
        importance = str(given["importance"]).lower()
        if importance not in _IMPORTANCE:
            raise GraphError(400, "RequestBodyRead", f"'{given['importance']}' is no importance.")
        doc["importance"] = importance
    if "internetMessageHeaders" in given:
        doc["customHeaders"] = _headers(given["internetMessageHeaders"])


def extend(tx: Tx, mail: Mail, given: Any) -> None:
    """Sets extended properties; those of threading become headers of the mail (0x1042, 0x1039)."""
    for one in given or []:
        key, value = render.property_key(str(one.get("id", ""))), str(one.get("value") or "")
        tx.run("INSERT OR REPLACE INTO properties VALUES (?, ?, ?)", mail.pk, key, value)
        if key == "string 0x1042":
            mail.doc["inReplyTo"] = value or None
        elif key == "string 0x1039":
            mail.doc["references"] = re.findall(r"<[^<>\s]+>", value)


def part(given: Any) -> Part:
    """An attachment a caller sends in JSON. Raises GraphError 400."""
    kind = given.get("@odata.type", "") if isinstance(given, dict) else ""
    if str(kind).lstrip("#").lower() != "microsoft.graph.fileattachment":
        raise GraphError(400, "BadRequest", "Only attachments of type #microsoft.graph.fileAttachment are taken here.")
    if not given.get("name"):
        raise GraphError(400, "ErrorRequiredPropertyMissing", "Required property 'name' is missing.")
    try:
        content = base64.b64decode(given.get("contentBytes") or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise GraphError(400, "RequestBodyRead", "Cannot convert 'contentBytes' to the type 'Edm.Binary'.") from error
    if len(content) > LARGEST_ATTACHMENT:
        raise GraphError(413, "ErrorAttachmentSizeLimitExceeded", "The attachment is too large; use an upload session.")
    return Part(
        str(given["name"]),
        str(given.get("contentType") or "application/octet-stream"),
        content,
        bool(given.get("isInline")),
        given.get("contentId"),
    )


def from_json(tx: Tx, person: Person, given: dict[str, Any], folder: str = "drafts") -> Mail:
    """A new draft. Raises GraphError 400."""
    doc = empty()
    apply(doc, given)
    parts = [part(one) for one in given.get("attachments") or []]
    linked = [
        message_id
        for one in given.get("singleValueExtendedProperties") or []
        if render.property_key(str(one.get("id", ""))) in _THREADING
        for message_id in re.findall(r"<[^<>\s]+>", str(one.get("value") or ""))
    ]
    message_id = str(given.get("internetMessageId") or "") or mailbox.new_message_id(person.id)
    mail = mailbox.add(
        tx, person, mailbox.folder_id(person, folder), doc, parts=parts, raw=None, message_id=message_id, linked=linked,
        is_read=True, is_draft=True,
    )  # fmt: skip
    if given.get("singleValueExtendedProperties"):
        extend(tx, mail, given["singleValueExtendedProperties"])
        mailbox.save(tx, mail, keep_raw=False)
    return mail


def from_mime(tx: Tx, person: Person, raw: bytes) -> Mail:
    """A new draft out of base64 MIME. Raises GraphError 400."""
    letter = mime.read(decoded(raw))
    doc = mailbox.document(letter, "")
    doc["sentDateTime"] = None
    linked = letter.references + ([letter.in_reply_to] if letter.in_reply_to else [])
    return mailbox.add(
        tx, person, mailbox.folder_id(person, "drafts"), doc, parts=letter.parts, raw=decoded(raw),
        message_id=letter.message_id or mailbox.new_message_id(person.id), linked=linked, is_read=True,
        is_draft=True,
    )  # fmt: skip


def decoded(body: bytes) -> bytes:
    """The MIME behind a base64 body. Raises GraphError 400 as Graph does for anything else."""
    try:
        raw = base64.b64decode(re.sub(rb"\s+", b"", body), validate=True)
    except (binascii.Error, ValueError) as error:
        raise GraphError(400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME.") from error
    if not raw.strip():
        raise GraphError(400, "ErrorMimeContentInvalid", "The MIME content is empty.")
    return raw


def change(tx: Tx, mail: Mail, given: dict[str, Any]) -> None:
    """A PATCH: checks what may still be changed, writes it. Raises GraphError 400."""
    if not mail.is_draft and (fixed := sorted(_DRAFT_ONLY & given.keys())):
        raise GraphError(400, "ErrorInvalidPropertySet", f"'{fixed[0]}' can be set on a draft only.")
    apply(mail.doc, given)
    if "isRead" in given:
        mail.is_read = bool(given["isRead"])
    if given.get("internetMessageId"):
        mail.internet_message_id = str(given["internetMessageId"])
    properties = given.get("singleValueExtendedProperties") or []
    extend(tx, mail, properties)
    # A named property of an app is no part of the mail that leaves; those of threading are.
    threading = any(render.property_key(str(one.get("id", ""))) in _THREADING for one in properties)
    content = (_DRAFT_ONLY | {"importance"}) & given.keys()
    mailbox.save(tx, mail, keep_raw=not (mail.is_draft and (content or threading)))
