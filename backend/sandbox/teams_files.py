"""Files and pictures that somebody sends to the bot, as the bot gets them.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4
"""

import base64
import binascii
import secrets
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort

from backend.sandbox.control import Unclear
from backend.sandbox.store import Tx
from backend.sandbox.teams_world import root, service_url
from backend.sandbox.world import world

DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"
_PICTURES = ("image/png", "image/jpeg", "image/gif")
LARGEST = 20 * 1024 * 1024  # bytes; the sandbox's own limit

blueprint = Blueprint("teams_files", __name__)


def attached(tx: Tx, asked: Any, *, in_channel: bool) -> list[dict[str, Any]]:
    """Attachments of an activity from `{name, contentType, content}` (base64); what has a `contentUrl` or is a card
    goes as it is. In a channel a bot gets no files. Raises Unclear.
    """
    if not isinstance(asked, list) or not all(isinstance(one, dict) for one in asked):
        raise Unclear("`attachments` is a list of objects.")
    found = []
    for one in asked:
        if not isinstance(one.get("content"), str):
            found.append(one)
            continue
        try:
            content = base64.b64decode(one["content"], validate=True)
        except binascii.Error as error:
            raise Unclear("An attachment's `content` is not base64.") from error
        if len(content) > LARGEST:
            raise Unclear("An attachment is larger than 20 MB.", 413)
        made = _kept(tx, str(one.get("name") or "file"), str(one.get("contentType") or ""), content)
        if made["contentType"] != DOWNLOAD or not in_channel:
            found.append(made)
    return found


def _kept(tx: Tx, name: str, kind: str, content: bytes) -> dict[str, Any]:
    key = secrets.token_urlsafe(24)
    tx.run("INSERT INTO teams_files VALUES (?, ?, ?, ?)", key, name, kind or "application/octet-stream", content)
    if kind in _PICTURES:
        return {"contentType": "image/*", "contentUrl": f"{service_url()}v3/attachments/{key}/views/original"}
    ending = name.rpartition(".")[2] if "." in name else ""
    address = f"{root()}/sharepoint/files/{key}/{quote(name, safe='')}"
    return {
        "contentType": DOWNLOAD, "contentUrl": f"{root()}/sharepoint/documents/{quote(name, safe='')}", "name": name,
        "content": {"downloadUrl": address, "uniqueId": key, "fileType": ending},
    }  # fmt: skip


@blueprint.get("/sharepoint/files/<key>/<name>")
def download(key: str, name: str) -> Response:
    """A file by the address that opens without a token, as it was given to the bot."""
    with world().store.read() as tx:
        row = tx.one("SELECT * FROM teams_files WHERE id = ? AND name = ?", key, name)
    if row is None:
        abort(404)
    # Never shown in the page's own site: it may be a page itself.
    headers = {"X-Content-Type-Options": "nosniff", "Content-Disposition": "attachment"}
    return Response(bytes(row["content"]), content_type="application/octet-stream", headers=headers)
