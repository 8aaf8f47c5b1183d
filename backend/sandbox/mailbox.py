"""Mailboxes: folders, mails and what happens to them. Every change leaves a row in `changes` and a notification.

A mail is one row; `doc` holds what Graph shows of it, with addresses as lists of {"name", "address"}.
"""

import base64
import hashlib
import json
import re
import secrets
import sqlite3
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.sandbox import bodies, mime, notices
from backend.sandbox.people import Person
from backend.sandbox.store import Tx, stamp

WELL_KNOWN = {
    "inbox": ("Inbox", "Posteingang"),
    "drafts": ("Drafts", "Entwürfe"),
    "sentitems": ("Sent Items", "Gesendete Elemente"),
    "deleteditems": ("Deleted Items", "Gelöschte Elemente"),
    "archive": ("Archive", "Archiv"),
    "junkemail": ("Junk Email", "Junk-E-Mail"),
}
_PREFIX = re.compile(r"^\s*(?:(?:re|aw|fw|fwd|wg|antw|sv|rv|r|tr|i)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)


@dataclass
class Mail:
    """One row of `messages`."""

    pk: int
    mailbox: str
    folder: str
    immutable_id: str
    item_id: str
    internet_message_id: str
    conversation_id: str
    topic: str
    received: str
    created: str
    modified: str
    change_key: str
    is_read: bool
    is_draft: bool
    doc: dict[str, Any]


_COLUMNS = (
    "pk, mailbox, folder, immutable_id, item_id, internet_message_id, conversation_id, topic, received, created, "
    "modified, change_key, is_read, is_draft, doc"
)


def _mail(row: sqlite3.Row) -> Mail:
    values = dict(row)
    values["doc"] = json.loads(values["doc"])
    return Mail(**{**values, "is_read": bool(values["is_read"]), "is_draft": bool(values["is_draft"])})


def select(tx: Tx, where: str, *values: Any) -> list[Mail]:
    """The mails that meet an SQL condition (ours, never a caller's text), in its order."""
    return [_mail(row) for row in tx.all(f"SELECT {_COLUMNS} FROM messages WHERE {where}", *values)]


def _random(length: int) -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(length)).decode().rstrip("=")


def _new_item_id() -> str:
    return f"AAMkAGI{_random(66)}AAA="


def _new_immutable_id() -> str:
    return f"AAkALgAAAAAAHYQD{_random(54)}AAA="


def _new_change_key() -> str:
    return f"CQAAABYAAAB{_random(18)}"


def folder_id(person: Person, name: str) -> str:
    """The id of a well-known folder: the same in every sandbox."""
    digest = hashlib.sha256(f"{person.id}/{name}".encode()).digest() + hashlib.sha256(name.encode()).digest()
    return f"AAMkAGF{base64.urlsafe_b64encode(digest[:60]).decode().rstrip('=')}AAA="


def make_folders(tx: Tx, person: Person) -> None:
    """Gives a new mailbox its folders."""
    for well_known, (english, german) in WELL_KNOWN.items():
        name = german if person.language == "de" else english
        tx.run(
            "INSERT OR IGNORE INTO folders VALUES (?, ?, ?, ?)", folder_id(person, well_known), person.id, name,
            well_known,
        )  # fmt: skip


def find_folder(tx: Tx, person: Person, key: str) -> sqlite3.Row | None:
    """A folder by its id or well-known name."""
    return tx.one("SELECT * FROM folders WHERE mailbox = ? AND (id = ? OR well_known = ?)", person.id, key, key.lower())


def find(tx: Tx, person: Person, key: str) -> Mail | None:
    """A mail by either of its ids."""
    found = select(tx, "mailbox = ? AND (item_id = ? OR immutable_id = ?)", person.id, key, key)
    return found[0] if found else None


def topic_of(subject: str) -> str:
    """The subject without its reply prefixes: Exchange's conversation topic."""
    return _PREFIX.sub("", subject).strip().lower()


def new_message_id(mailbox_id: str) -> str:
    """An internetMessageId as Exchange Online makes them."""
    return f"<{uuid.uuid4().hex.upper()}.{mailbox_id[:8].upper()}@NORDP251MB0001.eurp251.prod.outlook.example>"


def conversation(tx: Tx, mailbox_id: str, topic: str, linked: list[str]) -> tuple[str, str]:
    """Conversation id and index of a mail with this topic that names these earlier message ids.

    A conversation is a matter of one mailbox, and a changed subject begins a new one.
    """
    for message_id in reversed(linked):
        row = tx.one(
            "SELECT conversation_id, doc FROM messages WHERE mailbox = ? AND internet_message_id = ? AND topic = ?",
            mailbox_id, message_id, topic,
        )  # fmt: skip
        if row:
            parent = base64.b64decode(json.loads(row["doc"])["conversationIndex"])
            return row["conversation_id"], base64.b64encode(parent + secrets.token_bytes(5)).decode()
    index = base64.b64encode(b"\x01" + secrets.token_bytes(21)).decode()
    return f"AAQkAGI{_random(24)}AQA{_random(12)}=", index


def add(
    tx: Tx,
    person: Person,
    folder: str,
    doc: dict[str, Any],
    *,
    parts: list[mime.Part],
    raw: bytes | None,
    message_id: str,
    linked: list[str],
    is_read: bool,
    is_draft: bool,
    at: str | None = None,
) -> Mail:
    """Puts a mail into the folder with id `folder`."""
    now = at or stamp(tx.store.now())
    topic = topic_of(doc["subject"])
    conversation_id, index = conversation(tx, person.id, topic, linked)
    doc = {**doc, "conversationIndex": index, "hasAttachments": any(not part.inline for part in parts)}
    cursor = tx.run(
        "INSERT INTO messages (mailbox, folder, immutable_id, item_id, internet_message_id, conversation_id, topic, "
        "received, created, modified, change_key, is_read, is_draft, doc, mime) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        person.id, folder, _new_immutable_id(), _new_item_id(), message_id, conversation_id, topic,
        now, now, now, _new_change_key(), is_read, is_draft, json.dumps(doc), raw,
    )  # fmt: skip
    pk = int(cursor.lastrowid or 0)
    for part in parts:
        attach(tx, pk, part)
    mail = select(tx, "pk = ?", pk)[0]
    _record(tx, mail, "created")
    return mail


def _record(tx: Tx, mail: Mail, kind: str) -> None:
    """Notes a change for delta queries, subscriptions and the open pages."""
    tx.run(
        "INSERT INTO changes (mailbox, folder, message, immutable_id, item_id, kind) VALUES (?, ?, ?, ?, ?, ?)",
        mail.mailbox, mail.folder, mail.pk, mail.immutable_id, mail.item_id, kind,
    )  # fmt: skip
    tx.touched.add(mail.mailbox)
    notices.queue(tx, mail.mailbox, mail.folder, kind, mail.item_id, mail.immutable_id, mail.change_key)


def save(tx: Tx, mail: Mail, *, keep_raw: bool = True) -> None:
    """Writes back a changed mail. `keep_raw=False` when its content changed, so that the MIME is made anew."""
    mail.modified, mail.change_key = stamp(tx.store.now()), _new_change_key()
    mail.topic = topic_of(mail.doc["subject"])
    tx.run(
        "UPDATE messages SET folder = ?, item_id = ?, internet_message_id = ?, conversation_id = ?, topic = ?, "
        "received = ?, modified = ?, change_key = ?, is_read = ?, is_draft = ?, doc = ? WHERE pk = ?",
        mail.folder, mail.item_id, mail.internet_message_id, mail.conversation_id, mail.topic, mail.received,
        mail.modified, mail.change_key, mail.is_read, mail.is_draft, json.dumps(mail.doc), mail.pk,
    )  # fmt: skip
    if not keep_raw:
        tx.run("UPDATE messages SET mime = NULL WHERE pk = ?", mail.pk)
    _record(tx, mail, "updated")


def move(tx: Tx, mail: Mail, folder: str, *, immutable: bool = True) -> None:
    """Moves a mail: gone from one folder, new in the other, with another id, and unless `immutable` another of both."""
    if folder == mail.folder:
        return
    _record(tx, mail, "moved-out")
    mail.folder, mail.item_id, mail.change_key = folder, _new_item_id(), _new_change_key()
    mail.immutable_id = mail.immutable_id if immutable else _new_immutable_id()
    mail.modified = stamp(tx.store.now())
    tx.run(
        "UPDATE messages SET folder = ?, item_id = ?, immutable_id = ?, change_key = ?, modified = ?, is_draft = ?, "
        "doc = ? WHERE pk = ?",
        folder, mail.item_id, mail.immutable_id, mail.change_key, mail.modified, mail.is_draft,
        json.dumps(mail.doc), mail.pk,
    )  # fmt: skip
    _record(tx, mail, "moved-in")


def remove(tx: Tx, person: Person, mail: Mail) -> None:
    """Deletes: into Deleted Items, and from there for good."""
    bin_id = folder_id(person, "deleteditems")
    if mail.folder != bin_id:
        move(tx, mail, bin_id)
        return
    _record(tx, mail, "deleted")
    tx.run("DELETE FROM messages WHERE pk = ?", mail.pk)


def attach(tx: Tx, pk: int, part: mime.Part) -> str:
    """Adds an attachment to the mail with key `pk`; gives its id."""
    key = f"AAMkAGI{_random(60)}BEgAQ{_random(16)}="
    doc = {
        "name": part.name, "contentType": part.content_type, "isInline": part.inline, "contentId": part.content_id,
        "kind": part.kind, "size": len(part.content), "modified": stamp(tx.store.now()),
    }  # fmt: skip
    tx.run(
        "INSERT INTO attachments (message, id, doc, content) VALUES (?, ?, ?, ?)", pk, key, json.dumps(doc),
        part.content,
    )  # fmt: skip
    return key


def parts_of(tx: Tx, pk: int) -> list[mime.Part]:
    """All attachments of a mail."""
    parts = []
    for row in tx.all("SELECT doc, content FROM attachments WHERE message = ? ORDER BY pk", pk):
        doc = json.loads(row["doc"])
        part = mime.Part(doc["name"], doc["contentType"], row["content"], doc["isInline"], doc["contentId"])
        part.kind = doc["kind"]
        parts.append(part)
    return parts


def raw_of(tx: Tx, mail: Mail) -> bytes:
    """The mail's MIME: the bytes it came with, or made of its properties."""
    row = tx.one("SELECT mime FROM messages WHERE pk = ?", mail.pk)
    if row and row["mime"] is not None:
        return bytes(row["mime"])
    body = mail.doc["body"]
    text = bodies.text_of(body["content"]) if body["contentType"] == "html" else body["content"]
    sent = datetime.fromisoformat(mail.doc.get("sentDateTime") or mail.modified)
    return mime.write(mail.doc, mail.internet_message_id, sent, text, parts_of(tx, mail.pk))


def document(letter: mime.Letter, received: str) -> dict[str, Any]:
    """What Graph shows of a mail that came as MIME."""
    text = letter.text if letter.text is not None else bodies.text_of(letter.html or "")
    kind = "html" if letter.html is not None else "text"
    content = letter.html if letter.html is not None else (letter.text or "")
    return {
        "subject": letter.subject,
        "body": {"contentType": kind, "content": content},
        "converted": kind == "text",
        "bodyPreview": bodies.preview(bodies.text_of(content) if kind == "html" and not text else text),
        "from": letter.author or letter.sender,
        "sender": letter.sender or letter.author,
        "to": letter.to,
        "cc": letter.cc,
        "bcc": letter.bcc,
        "replyTo": letter.reply_to,
        "importance": letter.importance,
        "categories": [],
        "flag": {"flagStatus": "notFlagged"},
        "inReplyTo": letter.in_reply_to,
        "references": letter.references,
        "headers": letter.headers,
        "customHeaders": [pair for pair in letter.headers if not mime.STRUCTURE.fullmatch(pair[0])],
        "sentDateTime": stamp(letter.date) if letter.date else received,
    }


def receive(
    tx: Tx, person: Person, raw: bytes, *, folder: str = "inbox", is_read: bool = False, at: str | None = None
) -> Mail:
    """A mail arrives as it is; only what Exchange keeps beside the bytes is worked out. `at` dates it back."""
    letter = mime.read(raw)
    doc = document(letter, at or stamp(tx.store.now()))
    linked = letter.references + ([letter.in_reply_to] if letter.in_reply_to else [])
    return add(
        tx, person, folder_id(person, folder), doc, parts=letter.parts, raw=raw,
        message_id=letter.message_id or new_message_id(person.id), linked=linked, is_read=is_read, is_draft=False,
        at=at,
    )  # fmt: skip
