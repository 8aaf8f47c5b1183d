"""Rows as Graph's JSON. Properties and their order: https://learn.microsoft.com/graph/api/resources/message"""

import base64
import json
import re
import sqlite3
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from backend.sandbox import bodies, mailbox, odata
from backend.sandbox.graph import GraphError, Prefs
from backend.sandbox.mailbox import Mail
from backend.sandbox.mime import Address
from backend.sandbox.store import Tx

_WEB = "https://outlook.office365.com/owa/"
# Only given when asked for by $select.
_ON_DEMAND = {"internetMessageHeaders", "uniqueBody"}
_QUOTE = re.compile(
    r"<div[^>]*(?:id=\"?(?:x_)?(?:divRplyFwdMsg|appendonsend|mail-editor-reference)|class=\"?gmail_quote)"
    r"|<hr[^>]*tabindex=\"-1\"|<blockquote|-----\s*(?:Original Message|Ursprüngliche Nachricht)"
    r"|<div[^>]*border-top:\s*solid #E1E1E1",
    re.IGNORECASE,
)


def recipient(one: Address) -> dict[str, Any]:
    """An address as Graph wraps it."""
    return {"emailAddress": {"name": one.get("name") or one["address"], "address": one["address"]}}


def _first(addresses: list[Address]) -> dict[str, Any] | None:
    return recipient(addresses[0]) if addresses else None


def _shown(mail: Mail, content: str, prefs: Prefs) -> dict[str, str]:
    body = mail.doc["body"]
    kind = body["contentType"]
    if prefs.body == "text":
        return {"contentType": "text", "content": bodies.text_of(content) if kind == "html" else content}
    if kind == "text":
        # Graph gives HTML unless told otherwise; only a draft that was made as text stays text.
        if mail.doc.get("converted") or prefs.body == "html":
            return {"contentType": "html", "content": bodies.html_of(content)}
        return {"contentType": "text", "content": content}
    return {"contentType": "html", "content": content if prefs.unsafe_html else bodies.safe(content)}


def _unique(mail: Mail, prefs: Prefs) -> dict[str, str]:
    content = mail.doc["body"]["content"]
    if mail.doc["body"]["contentType"] == "html":
        found = _QUOTE.search(content)
        content = content[: found.start()] if found else content
    else:
        content = re.split(r"(?m)^(?:>|-----\s*(?:Original|Ursprüngliche)|_{20,})", content, maxsplit=1)[0]
    return _shown(mail, content, prefs)


def _headers(mail: Mail) -> list[dict[str, str]]:
    pairs = mail.doc.get("headers") or mail.doc.get("customHeaders", [])
    return [{"name": name, "value": value} for name, value in pairs]


FIELDS: dict[str, Callable[[Mail, Prefs], Any]] = {
    "createdDateTime": lambda m, p: m.created,
    "lastModifiedDateTime": lambda m, p: m.modified,
    "changeKey": lambda m, p: m.change_key,
    "categories": lambda m, p: m.doc["categories"],
    "receivedDateTime": lambda m, p: m.received,
    "sentDateTime": lambda m, p: m.doc.get("sentDateTime") or m.created,
    "hasAttachments": lambda m, p: m.doc["hasAttachments"],
    "internetMessageId": lambda m, p: m.internet_message_id,
    "subject": lambda m, p: m.doc["subject"],
    "bodyPreview": lambda m, p: m.doc["bodyPreview"],
    "importance": lambda m, p: m.doc["importance"],
    "parentFolderId": lambda m, p: m.folder,
    "conversationId": lambda m, p: m.conversation_id,
    "conversationIndex": lambda m, p: m.doc["conversationIndex"],
    "isDeliveryReceiptRequested": lambda m, p: m.doc.get("isDeliveryReceiptRequested", False),
    "isReadReceiptRequested": lambda m, p: m.doc.get("isReadReceiptRequested", False),
    "isRead": lambda m, p: m.is_read,
    "isDraft": lambda m, p: m.is_draft,
    "webLink": lambda m, p: f"{_WEB}?ItemID={quote(m.item_id, safe='')}&viewmodel=ReadMessageItem",
    "inferenceClassification": lambda m, p: m.doc.get("inferenceClassification", "focused"),
    "internetMessageHeaders": lambda m, p: _headers(m),
    "body": lambda m, p: _shown(m, m.doc["body"]["content"], p),
    "uniqueBody": lambda m, p: _unique(m, p),
    "sender": lambda m, p: _first(m.doc["sender"]),
    "from": lambda m, p: _first(m.doc["from"]),
    "toRecipients": lambda m, p: [recipient(a) for a in m.doc["to"]],
    "ccRecipients": lambda m, p: [recipient(a) for a in m.doc["cc"]],
    "bccRecipients": lambda m, p: [recipient(a) for a in m.doc["bcc"]],
    "replyTo": lambda m, p: [recipient(a) for a in m.doc["replyTo"]],
    "flag": lambda m, p: m.doc["flag"],
}  # fmt: skip


def chosen(select: str | None) -> list[str] | None:
    """The names of a $select, checked. Raises GraphError 400."""
    if not select:
        return None
    names = [name.strip() for name in select.split(",") if name.strip()]
    for name in names:
        if name not in FIELDS and name not in ("id", "*"):
            raise GraphError(
                400,
                "RequestBroker--ParseUri",
                f"Could not find a property named '{name}' on type 'Microsoft.OutlookServices.Message'.",
            )
    return None if "*" in names else names


def message(
    tx: Tx, mail: Mail, prefs: Prefs, select: list[str] | None = None, expand: dict[str, str] | None = None
) -> dict[str, Any]:
    """One mail."""
    shown: dict[str, Any] = {
        "@odata.etag": f'W/"{mail.change_key}"',
        "id": mail.immutable_id if prefs.immutable else mail.item_id,
    }
    for name, give in FIELDS.items():
        if (select is None and name not in _ON_DEMAND) or (select is not None and name in select):
            shown[name] = give(mail, prefs)
    for name, options in (expand or {}).items():
        if name == "attachments":
            shown[name] = attachments(tx, mail, options)
        elif name == "singleValueExtendedProperties":
            if found := properties(tx, mail, options):
                shown[name] = found
        else:
            raise GraphError(400, "BadRequest", f"Parsing OData Select and Expand failed: no '{name}' to expand.")
    return shown


def attachments(tx: Tx, mail: Mail, options: str = "", *, query: str | None = None) -> list[dict[str, Any]]:
    """All attachments of a mail; `options` is what stands in the parentheses of $expand, `query` a $select."""
    match = re.search(r"\$select=([\w,. ]+)", options)
    wanted = query or (match[1] if match else None)
    select = [name.strip() for name in wanted.split(",")] if wanted else None
    rows = tx.all("SELECT id, doc, content FROM attachments WHERE message = ? ORDER BY pk", mail.pk)
    return [attachment(row, select) for row in rows]


def attachment(row: sqlite3.Row, select: list[str] | None = None) -> dict[str, Any]:
    """One attachment; its bytes only when nothing or `contentBytes` is selected."""
    doc = json.loads(row["doc"])
    is_item = doc["kind"] == "item"
    shown: dict[str, Any] = {
        "@odata.type": f"#microsoft.graph.{'itemAttachment' if is_item else 'fileAttachment'}",
        "id": row["id"],
        "lastModifiedDateTime": doc["modified"],
        "name": doc["name"],
        "contentType": None if is_item else doc["contentType"],
        "size": doc["size"],
        "isInline": doc["isInline"],
    }
    if not is_item:
        shown["@odata.mediaContentType"] = doc["contentType"]
        shown["contentId"] = doc["contentId"]
        shown["contentLocation"] = None
        if select is None or "contentBytes" in select or "microsoft.graph.fileAttachment/contentBytes" in select:
            shown["contentBytes"] = base64.b64encode(row["content"]).decode()
    if select is None:
        return shown
    plain = [name.rsplit("/", 1)[-1] for name in select]
    return {name: value for name, value in shown.items() if name.startswith("@") or name == "id" or name in plain}


def property_key(asked: str) -> str:
    """One spelling for an extended property's id. Raises GraphError 400.

    Ids: https://learn.microsoft.com/graph/api/resources/extended-properties-overview
    """
    tag = re.fullmatch(r"\s*(\w+)\s+0x([0-9a-fA-F]{1,8})\s*", asked)
    if tag:
        return f"{tag[1].lower()} 0x{int(tag[2], 16):04x}"
    named = re.fullmatch(r"\s*(\w+)\s+\{?([0-9a-fA-F-]{36})\}?\s+(Name|Id)\s+(.+?)\s*", asked, re.IGNORECASE)
    if not named:
        raise GraphError(400, "ErrorInvalidProperty", f"The extended property id '{asked}' is not valid.")
    return f"{named[1].lower()} {{{named[2].lower()}}} {named[3].lower()} {named[4]}"


def _mapi(tx: Tx, mail: Mail, key: str) -> str | None:
    """Properties that Exchange has of each mail without anybody setting them."""
    if key == "string 0x1042":
        return mail.doc.get("inReplyTo")
    if key == "string 0x1039":
        return " ".join(mail.doc.get("references") or []) or None
    if key == "string 0x1035":
        return mail.internet_message_id
    if key == "string 0x007d" and not mail.is_draft:
        return re.split(rb"\r?\n\r?\n", mailbox.raw_of(tx, mail), maxsplit=1)[0].decode("utf-8", "replace")
    return None


def properties(tx: Tx, mail: Mail, options: str) -> list[dict[str, str]]:
    """The extended properties that $expand names; without a filter there are none, as with Graph."""
    found = []
    for asked in re.findall(r"id\s+eq\s+'((?:[^']|'')*)'", options):
        asked = asked.replace("''", "'")
        key = property_key(asked)
        row = tx.one("SELECT value FROM properties WHERE message = ? AND id = ?", mail.pk, key)
        value = row["value"] if row else _mapi(tx, mail, key)
        if value is not None:
            found.append({"id": asked, "value": value})
    return found


def all_properties(tx: Tx, mail: Mail, ids: list[str]) -> list[dict[str, str]]:
    """The same for $filter: the named ids with their values."""
    quoted = " or ".join("id eq '{}'".format(name.replace("'", "''")) for name in ids)
    return properties(tx, mail, quoted)


def folder(tx: Tx, row: sqlite3.Row, parent: str) -> dict[str, Any]:
    """One mail folder with its counts."""
    counts = tx.one(
        "SELECT count(*) AS n, coalesce(sum(NOT is_read), 0) AS unread FROM messages WHERE folder = ?", row["id"]
    )
    return {
        "id": row["id"], "displayName": row["name"], "parentFolderId": parent, "childFolderCount": 0,
        "unreadItemCount": counts["unread"] if counts else 0, "totalItemCount": counts["n"] if counts else 0,
        "isHidden": False,
    }  # fmt: skip


def getter(tx: Tx, mail: Mail, ids: list[str]) -> odata.Getter:
    """How a $filter reads this mail's properties; `ids` are the extended properties it names."""
    seen: dict[str, Any] = {}

    def get(path: str) -> Any:
        name = path.split("/", 1)[0]
        if name not in seen:
            if name == "singleValueExtendedProperties":
                seen[name] = [{**one, "id": property_key(one["id"])} for one in all_properties(tx, mail, ids)]
            elif name in FIELDS:
                seen[name] = FIELDS[name](mail, Prefs())
            else:
                raise odata.Malformed(f"Could not find a property named '{name}' on type 'message'.")
        return odata.walk(seen, path)

    return get
