"""Mail in mailboxes of the tenant, by application permission: always /users/{address}, never /me."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog

from backend import config
from backend.microsoft import graph

log = structlog.get_logger(__name__)
# A request may have 4 MB and base64 makes four bytes of three.
LARGEST_MIME = 2_900_000
_SMALL_FILE = 2_999_999  # up to here one POST; from 3 MB on an upload session, which takes no less
_CHUNK = 10 * 320 * 1024  # multiples of 320 KiB, at most 4 MB
_PAGE = 100
_STORED = "id,internetMessageId,isDraft,parentFolderId"
# A named property of our own (https://learn.microsoft.com/graph/api/resources/extended-properties-overview).
_MARK = "String {6f0a7c52-6a0e-4c57-9d0b-6d6573736167} Name DesksideMail"
_NO_MAIL = "deskside-asks-whether-it-may"
_UPLOAD_TIMEOUT = httpx.Timeout(60.0, connect=10.0)


@dataclass(frozen=True)
class ChangedMessage:
    """One line of a delta answer."""

    id: str
    internet_message_id: str
    removed: bool


@dataclass(frozen=True)
class Changes:
    """A page of changes and the link behind it; `complete`: nothing further has changed until now."""

    messages: tuple[ChangedMessage, ...]
    link: str
    complete: bool


@dataclass(frozen=True)
class Draft:
    """A mail made in a mailbox, with the Message-ID that Exchange says it has."""

    id: str
    internet_message_id: str


@dataclass(frozen=True)
class StoredMail:
    """A mail of ours found in the mailbox."""

    id: str
    internet_message_id: str
    is_draft: bool
    folder_id: str


@dataclass(frozen=True)
class File:
    """A file to put on a draft."""

    name: str
    content_type: str
    content: bytes = field(repr=False)
    inline: bool = False
    content_id: str = ""


def changes(address: str, link: str = "") -> Changes:
    """What changed in the Inbox of `address` since `link` was given out; everything in it without a link.

    Raises graph.DeltaExpired when the link is too old, and what graph.call raises.
    https://learn.microsoft.com/graph/delta-query-messages
    """
    inbox = graph.client().users.by_user_id(address).mail_folders.by_mail_folder_id("inbox")
    if link:
        info = graph.request(inbox.messages.delta.with_url(_of_graph(link)))
    else:
        info = graph.request(inbox.messages.delta, query={"$select": "internetMessageId,receivedDateTime"})
    info.headers.add("Prefer", f"odata.maxpagesize={_PAGE}")
    answer = graph.call(info, of=address)
    further = answer.get("@odata.nextLink")
    next_time = further or answer.get("@odata.deltaLink")
    if not next_time:
        raise graph.Malformed("a page of changes without a link")
    return Changes(_lines(answer), str(next_time), complete=not further)


def listed(address: str, link: str = "") -> Changes:
    """A page of what lies in the Inbox of `address`, the newest first; `link` is that of the page before.

    Nothing that a delta query has forgotten is missing here. Raises graph.Missing and what graph.call raises.
    """
    inbox = graph.client().users.by_user_id(address).mail_folders.by_mail_folder_id("inbox").messages
    if link:
        info = graph.request(inbox.with_url(_of_graph(link)))
    else:
        info = graph.request(inbox, query={"$select": "internetMessageId", "$top": _PAGE})
    answer = graph.call(info, of=address)
    further = str(answer.get("@odata.nextLink") or "")
    return Changes(_lines(answer), further, complete=not further)


def _lines(answer: dict[str, Any]) -> tuple[ChangedMessage, ...]:
    try:
        return tuple(
            ChangedMessage(
                id=str(one["id"]),
                internet_message_id=str(one.get("internetMessageId") or ""),
                removed="@removed" in one,
            )
            for one in answer["value"]
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise graph.Malformed("a list of mails that is none") from error


def _of_graph(link: str) -> str:
    if urlsplit(link)[:2] != urlsplit(config.current().graph_url)[:2]:
        raise graph.DeltaExpired("the link is another tenant's")
    return link


def folder_id(address: str, name: str) -> str:
    """The id of the folder with that well-known name. Raises graph.Missing without such a mailbox, graph.Forbidden."""
    folder = graph.client().users.by_user_id(address).mail_folders.by_mail_folder_id(name)
    return str(graph.call(graph.request(folder, query={"$select": "id"})).get("id") or "")


def may_write(address: str) -> bool:
    """Whether the app may change mails of the mailbox (Mail.ReadWrite): tried on one that does not exist."""
    message = graph.client().users.by_user_id(address).messages.by_message_id(_NO_MAIL)
    return _allowed(graph.request(message, "PATCH", body={"isRead": True}))


def may_send(address: str) -> bool:
    """Whether the app may send from the mailbox (Mail.Send): tried on a draft that does not exist."""
    message = graph.client().users.by_user_id(address).messages.by_message_id(_NO_MAIL)
    return _allowed(graph.request(message.send, "POST"))


def _allowed(info: Any) -> bool:
    """Rights are looked at before the mail is: what is allowed is answered with 404 (or 400 for an id of no mail)."""
    try:
        graph.call_bytes(info)
    except graph.Forbidden:
        return False
    except (graph.Missing, graph.GraphRefused):
        return True
    return True


def mime(address: str, message_id: str) -> bytes:
    """The mail as it came. Raises graph.Missing when it is gone, and what graph.call raises."""
    message = graph.client().users.by_user_id(address).messages.by_message_id(message_id)
    return graph.call_bytes(graph.request(message.content))


def create_draft(address: str, content: bytes) -> Draft:
    """Makes a draft of a whole mail (at most LARGEST_MIME bytes) in the mailbox; its own headers are kept.

    https://learn.microsoft.com/graph/api/user-post-messages (MIME format). Raises what graph.call raises.
    """
    info = graph.request(graph.client().users.by_user_id(address).messages, "POST")
    info.set_stream_content(base64.b64encode(content), "text/plain")
    made = graph.call(info)
    return Draft(str(made["id"]), str(made.get("internetMessageId") or ""))


def find_by_message_id(address: str, internet_message_id: str) -> list[StoredMail]:
    """The mails in all folders of the mailbox with that Message-ID, sent ones first."""
    if not internet_message_id:
        return []
    query = {"$filter": f"internetMessageId eq {graph.literal(internet_message_id)}", "$select": _STORED, "$top": 10}
    return _found(graph.call(graph.request(graph.client().users.by_user_id(address).messages, query=query)))


def mark(address: str, draft_id: str, word: str) -> None:
    """Writes `word` on the mail where only programs see it; the sent copy keeps it, whatever its ids become."""
    message = graph.client().users.by_user_id(address).messages.by_message_id(draft_id)
    body = {"singleValueExtendedProperties": [{"id": _MARK, "value": word}]}
    graph.call(graph.request(message, "PATCH", body=body))


def find_by_mark(address: str, word: str) -> list[StoredMail]:
    """The mails in all folders of the mailbox that carry `word`, sent ones first."""
    test = f"ep/id eq {graph.literal(_MARK)} and ep/value eq {graph.literal(word)}"
    query = {"$filter": f"singleValueExtendedProperties/any(ep: {test})", "$select": _STORED, "$top": 10}
    return _found(graph.call(graph.request(graph.client().users.by_user_id(address).messages, query=query)))


def look(address: str, message_id: str) -> StoredMail:
    """The mail with that id as it stands now. Raises graph.Missing."""
    message = graph.client().users.by_user_id(address).messages.by_message_id(message_id)
    return _stored(graph.call(graph.request(message, query={"$select": _STORED})))


def _found(answer: dict[str, Any]) -> list[StoredMail]:
    return sorted((_stored(one) for one in answer.get("value", [])), key=lambda one: one.is_draft)


def _stored(one: dict[str, Any]) -> StoredMail:
    return StoredMail(
        id=str(one["id"]),
        internet_message_id=str(one.get("internetMessageId") or ""),
        is_draft=bool(one.get("isDraft")),
        folder_id=str(one.get("parentFolderId") or ""),
    )


def send_draft(address: str, draft_id: str) -> None:
    """Sends the draft; Exchange answers 202 and moves it to Sent Items. Raises graph.Missing and its kin.

    Not idempotent: after an unclear end, look for the sent copy first.
    """
    message = graph.client().users.by_user_id(address).messages.by_message_id(draft_id)
    graph.call_bytes(graph.request(message.send, "POST"))


def attach(address: str, draft_id: str, files: Sequence[File]) -> None:
    """Puts those of `files` on the draft that are not on it yet. Raises what graph.call raises."""
    attachments = graph.client().users.by_user_id(address).messages.by_message_id(draft_id).attachments
    listed = graph.call(graph.request(attachments, query={"$select": "name,isInline", "$top": 100}))
    there = [str(one.get("name")) for one in listed.get("value", [])]
    for file in files:
        if file.name in there:
            there.remove(file.name)
        elif len(file.content) <= _SMALL_FILE:
            graph.call(graph.request(attachments, "POST", body=_small(file)))
        else:
            _upload(address, attachments, file)


def _small(file: File) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": file.name,
        "contentType": file.content_type,
        "contentBytes": base64.b64encode(file.content).decode(),
        "isInline": file.inline,
        **({"contentId": file.content_id} if file.content_id else {}),
    }


def _upload(address: str, attachments: Any, file: File) -> None:
    """Sends a large file in pieces (https://learn.microsoft.com/graph/outlook-large-attachments).

    The upload address is secret enough of itself and must not get our token. The mailbox counts each piece as a
    request, and the bytes of five minutes (150 MB).
    """
    item = {"attachmentType": "file", "name": file.name, "size": len(file.content), "contentType": file.content_type}
    opened = graph.call(graph.request(attachments.create_upload_session, "POST", body={"AttachmentItem": item}))
    with httpx.Client(timeout=_UPLOAD_TIMEOUT, trust_env=graph.outside()) as http:
        for start in range(0, len(file.content), _CHUNK):
            piece = file.content[start : start + _CHUNK]
            reach = f"bytes {start}-{start + len(piece) - 1}/{len(file.content)}"
            headers = {"Content-Range": reach, "Content-Type": "application/octet-stream"}
            graph.put(http, str(opened["uploadUrl"]), piece, headers, of=address)
