"""What Microsoft refuses with 429 all by itself, because it is too much at once.

Outlook: https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits (four requests at a time, 150 MB
uploaded in five minutes); Teams: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit.
"""

import math
import re
import time
from urllib.parse import unquote

import jwt
from flask import g, request

from backend.sandbox.connector_auth import ConnectorError
from backend.sandbox.graph import GraphError
from backend.sandbox.people import find
from backend.sandbox.world import world

AT_ONCE = 4  # requests of one app to one mailbox
UPLOADED = 150 * 1024 * 1024  # bytes of PATCH, POST and PUT to one mailbox
UPLOAD_WINDOW = 300.0  # seconds
IN_CONVERSATION = 7  # messages of the bot to one conversation in a second
OF_BOT = 50  # requests of the bot in a second
_MAILBOX = re.compile(r"/v1\.0/users/([^/]+)/")
_SENDING = re.compile(r"/v3/conversations/([^/]+)/activities(?:/[^/]+)?")


def _throttled(limit: str, seconds: float) -> GraphError:
    error = GraphError(429, "ApplicationThrottled", f"Application is over its {limit} limit.")
    error.retry_after = max(1, math.ceil(seconds))
    return error


def _app() -> str:
    """The app that asks, by its word: whether the token is good is looked at later. "" for the sandbox's own pages."""
    token = request.headers.get("Authorization", "").partition(" ")[2].strip()
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return ""
    return "" if claims.get("sandbox_everywhere") else str(claims.get("appid") or claims.get("azp") or "")


def enter_mailbox() -> None:
    """Counts a request to a mailbox as under way. Raises GraphError 429 for the fifth, and for too many bytes."""
    match = _MAILBOX.match(request.path)
    person = find(unquote(match[1])) if match else None
    app = _app() if person else ""
    if person is None or not app:
        return
    key = f"{app} {person.id}"
    if not world().limits.enter(key, AT_ONCE):
        # It is 1 whatever the load: https://github.com/microsoftgraph/msgraph-sdk-javascript/issues/297
        raise _throttled("MailboxConcurrency", 1)
    g.in_mailbox = key
    if request.method in ("PATCH", "POST", "PUT"):
        count_upload(person.id, request.content_length or 0)


def leave_mailbox(_error: BaseException | None) -> None:
    """The request is over."""
    key = g.pop("in_mailbox", None)
    if key is not None:
        world().limits.leave(key)


def count_upload(mailbox_id: str, size: int) -> None:
    """Counts bytes for a mailbox, whichever app brings them. Raises GraphError 429."""
    # Another app id does not help: https://github.com/microsoftgraph/microsoft-graph-docs-contrib/pull/9394
    wait = world().limits.take(
        f"bytes {mailbox_id}", size, most=UPLOADED, seconds=UPLOAD_WINDOW, now=world().store.now().timestamp()
    )
    if wait:
        raise _throttled("IncomingBytes", wait)


def check_bot_rate() -> None:
    """Raises ConnectorError 429 for what a bot says too fast, in a conversation or in all."""
    limits, now = world().limits, time.monotonic()
    wait = limits.take("bot", 1, most=OF_BOT, seconds=1.0, now=now)
    match = _SENDING.fullmatch(request.path)
    if not wait and match and request.method == "POST":
        wait = limits.take(f"said {match[1]}", 1, most=IN_CONVERSATION, seconds=1.0, now=now)
    if wait:
        error = ConnectorError(429, "Throttled", "Too many requests.")
        error.retry_after = max(1, math.ceil(wait))
        raise error
