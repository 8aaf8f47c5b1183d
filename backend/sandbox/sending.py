"""Mails leave: into the inboxes of this sandbox, the sender's Sent Items and the list of all sent mail."""

import html
import json
import re
import secrets
import uuid
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from backend.sandbox import bodies, drafts, head, mailbox, mime, notices
from backend.sandbox.graph import GraphError
from backend.sandbox.mailbox import Mail
from backend.sandbox.people import Person, by_mail
from backend.sandbox.store import Tx, stamp

# Both behaviours have been seen with Microsoft (docs/sandbox.md); the first is the default.
SWITCHES = {
    "sent_copy": ("same", "new"),
    "message_id": ("kept", "replaced"),
    "event_notifications": notices.EVENT_NOTIFICATIONS,
    "calendar_delta": ("known", "stale"),
    # https://github.com/microsoftgraph/microsoft-graph-docs/issues/21752
    "delta_return": ("told", "lost"),
    # https://github.com/microsoftgraph/microsoft-graph-docs/issues/11068
    "sent_notification": ("right", "outbox"),
    "external_people": ("guest", "member"),
}


def switch(tx: Tx, name: str) -> str:
    """How a switch stands."""
    return tx.meta(f"switch.{name}", SWITCHES[name][0])


def _complete(tx: Tx, person: Person, mail: Mail, raw_given: bool) -> bytes:
    """Gives a draft what Exchange adds on sending; the MIME as it goes out, Bcc included."""
    me = [{"name": person.name, "address": person.mail}]
    doc = mail.doc
    added: list[tuple[str, str]] = []
    author = doc["from"][0]["address"].lower() if doc["from"] else ""
    if author and author != person.mail:
        raise GraphError(
            403,
            "ErrorSendAsDenied",
            "The user account which was used to submit this request does not have the right to send mail on behalf "
            "of the specified sending account.",
        )
    if not author:
        doc["from"] = me
        added.append(("From", f'"{person.name}" <{person.mail}>' if person.name.isascii() else person.mail))
    doc["sender"] = me
    now = tx.store.now()
    if switch(tx, "message_id") == "replaced":
        mail.internet_message_id = mailbox.new_message_id(person.id)
    if doc.get("sentDateTime") is None:
        doc["sentDateTime"] = stamp(now)
    if not raw_given:
        return mailbox.raw_of(tx, mail)
    raw = mailbox.raw_of(tx, mail)
    letter = mime.read(raw)
    if letter.message_id != mail.internet_message_id:
        added.append(("Message-ID", mail.internet_message_id))
    if letter.date is None:
        added.append(("Date", format_datetime(datetime.fromtimestamp(now.timestamp(), UTC))))
    return head.with_headers(raw, added) if added else raw


def send(tx: Tx, person: Person, mail: Mail, *, keep: bool = True) -> None:
    """Sends a draft. Raises GraphError 400 when it is none or nobody is to get it, 403 for a foreign From."""
    if not mail.is_draft:
        raise GraphError(400, "ErrorInvalidOperation", "The message is not a draft; it has been sent already.")
    recipients = mail.doc["to"] + mail.doc["cc"] + mail.doc["bcc"]
    if not recipients or any("@" not in one["address"] for one in recipients):
        raise GraphError(
            400, "ErrorInvalidRecipients", "At least one recipient is not valid. Recipients must have an address."
        )
    row = tx.one("SELECT mime IS NOT NULL AS given FROM messages WHERE pk = ?", mail.pk)
    raw = _complete(tx, person, mail, bool(row and row["given"]))
    _note(tx, person, mail, raw)
    if switch(tx, "sent_notification") == "outbox":
        _tell_of_outbox(tx, person, mail)
    tx.run("UPDATE messages SET mime = ? WHERE pk = ?", raw, mail.pk)
    if switch(tx, "sent_copy") == "new":
        _copy_to_sent(tx, person, mail, raw, keep)
    else:
        mail.is_draft, mail.is_read, mail.received = False, True, stamp(tx.store.now())
        mail.doc["headers"] = mime.read(raw).headers
        mailbox.save(tx, mail)
        mailbox.move(tx, mail, mailbox.folder_id(person, "sentitems"))
    if not keep and switch(tx, "sent_copy") == "same":
        mailbox.remove(tx, person, mail)
        mailbox.remove(tx, person, mail)
    for address in dict.fromkeys(one["address"].strip().lower() for one in recipients):
        if receiver := by_mail(address):
            mailbox.receive(tx, receiver, head.without_bcc(raw))


def _tell_of_outbox(tx: Tx, person: Person, mail: Mail) -> None:
    """The notification about the mail as it stood in the Outbox: nobody finds that id any more."""
    gone = f"AAMkAGI{secrets.token_urlsafe(66)}AAA="
    notices.queue(tx, person.id, mailbox.folder_id(person, "sentitems"), "created", gone, gone, mail.change_key)


def _copy_to_sent(tx: Tx, person: Person, mail: Mail, raw: bytes, keep: bool) -> None:
    """The draft goes for good, and a separate copy with ids of its own is what Sent Items has."""
    kept = tx.all("SELECT id, value FROM properties WHERE message = ?", mail.pk)
    parts = mailbox.parts_of(tx, mail.pk)
    mailbox.move(tx, mail, mailbox.folder_id(person, "deleteditems"))
    mailbox.remove(tx, person, mail)
    if not keep:
        return
    doc = {**mail.doc, "headers": mime.read(raw).headers}
    copy = mailbox.add(
        tx, person, mailbox.folder_id(person, "sentitems"), doc, parts=parts, raw=raw,
        message_id=mail.internet_message_id, linked=mail.doc.get("references") or [], is_read=True, is_draft=False,
    )  # fmt: skip
    for row in kept:
        tx.run("INSERT INTO properties VALUES (?, ?, ?)", copy.pk, row["id"], row["value"])


def _note(tx: Tx, person: Person, mail: Mail, raw: bytes) -> None:
    """Writes a mail into the list of all sent mail."""
    doc = mail.doc
    kept = {
        "mailbox": person.mail,
        "from": doc["from"][0]["address"],
        "to": [one["address"] for one in doc["to"]],
        "cc": [one["address"] for one in doc["cc"]],
        "bcc": [one["address"] for one in doc["bcc"]],
        "subject": doc["subject"],
        "internetMessageId": mail.internet_message_id,
        "inReplyTo": doc.get("inReplyTo"),
        "at": stamp(tx.store.now()),
    }
    tx.run("INSERT INTO sent (id, doc, mime) VALUES (?, ?, ?)", uuid.uuid4().hex, json.dumps(kept), raw)


def _line(person_or_address: dict[str, str]) -> str:
    name, address = person_or_address.get("name", ""), person_or_address["address"]
    return html.escape(f"{name} <{address}>" if name and name != address else address)


def _history(mail: Mail, comment: str) -> dict[str, str]:
    """The body of an answer: the comment above what Outlook puts before the quoted mail."""
    doc = mail.doc
    original = doc["body"]["content"]
    if doc["body"]["contentType"] == "text":
        original = bodies.html_of(original)
    inner = re.search(r"<body[^>]*>(.*)</body>", bodies.safe(original), re.DOTALL | re.IGNORECASE)
    sent = datetime.fromisoformat(doc.get("sentDateTime") or mail.received)
    lines = [
        f"<b>From:</b> {'; '.join(map(_line, doc['from']))}",
        f"<b>Sent:</b> {sent.strftime('%A, %B %d, %Y %H:%M')}",
        f"<b>To:</b> {'; '.join(map(_line, doc['to']))}",
    ]
    if doc["cc"]:
        lines.append(f"<b>Cc:</b> {'; '.join(map(_line, doc['cc']))}")
    lines.append(f"<b>Subject:</b> {html.escape(doc['subject'])}")
    above = html.escape(comment).replace("\r\n", "\n").replace("\n", "<br>")
    content = (
        '<html><head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>'
        f"{above}<br>"
        '<hr tabindex="-1" style="display:inline-block; width:98%">'
        '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" color="#000000" style="font-size:11pt">'
        f"{'<br>'.join(lines)}</font><div>&nbsp;</div></div>{inner[1] if inner else ''}</body></html>"
    )
    return {"contentType": "html", "content": content}


def _addressed(person: Person, mail: Mail, verb: str) -> dict[str, Any]:
    """Who gets an answer, and under which subject."""
    mine = person.mail
    doc = mail.doc
    own = bool(doc["from"]) and doc["from"][0]["address"].lower() == mine
    to = doc["to"] if own else (doc["replyTo"] or doc["from"])
    cc: list[dict[str, str]] = []
    if verb == "createReplyAll":
        there = {one["address"].lower() for one in to} | {mine}
        others = doc["cc"] if own else doc["to"] + doc["cc"]
        cc = [one for one in others if one["address"].lower() not in there]
    if verb == "createForward":
        to, cc = [], []
    prefix = "FW" if verb == "createForward" else "RE"
    known = r"(?i)^\s*(fw|fwd|wg)\s*:" if prefix == "FW" else r"(?i)^\s*(re|aw)\s*:"
    subject = doc["subject"] if re.match(known, doc["subject"]) else f"{prefix}: {doc['subject']}"
    return {"to": to, "cc": cc, "subject": subject}


def answer(tx: Tx, person: Person, mail: Mail, verb: str, given: dict[str, Any]) -> Mail:
    """The draft of createReply, createReplyAll or createForward. Raises GraphError 400."""
    message, comment = given.get("message") or {}, given.get("comment")
    if comment is not None and "body" in message:
        raise GraphError(400, "ErrorInvalidArgument", "Give either a comment or the body of the message, not both.")
    doc = drafts.empty()
    me = [{"name": person.name, "address": person.mail}]
    doc.update(_addressed(person, mail, verb), sender=me)
    doc["from"] = me
    doc["body"] = _history(mail, comment or "")
    doc["bodyPreview"] = bodies.preview(bodies.text_of(doc["body"]["content"]))
    doc["inReplyTo"] = mail.internet_message_id
    doc["references"] = [*(mail.doc.get("references") or []), mail.internet_message_id]
    if "toRecipients" in given:
        message = {**message, "toRecipients": given["toRecipients"]}
    drafts.apply(doc, message)
    everything = verb == "createForward"
    parts = [part for part in mailbox.parts_of(tx, mail.pk) if everything or part.inline]
    parts += [drafts.part(one) for one in message.get("attachments") or []]
    draft = mailbox.add(
        tx, person, mailbox.folder_id(person, "drafts"), doc, parts=parts, raw=None,
        message_id=mailbox.new_message_id(person.id), linked=[mail.internet_message_id], is_read=True, is_draft=True,
    )  # fmt: skip
    if message.get("singleValueExtendedProperties"):
        drafts.extend(tx, draft, message["singleValueExtendedProperties"])
        mailbox.save(tx, draft, keep_raw=False)
    return draft
