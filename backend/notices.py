"""Change notifications as they arrive from Microsoft: the handshake, and which of them are believed.

Whoever follows something has two addresses of their own (for changes, and for the life of the subscription) and says
which subscriptions they have. Nothing of a notification is believed before its secret word is.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import structlog
from flask import Response, make_response, request
from werkzeug.exceptions import RequestEntityTooLarge

from backend import config
from backend.errors import Invalid
from backend.i18n import _

log = structlog.get_logger(__name__)
Watch = TypeVar("Watch")
_LARGEST = 1_000_000  # bytes; Microsoft sends far less
_MOST = 2_000  # notifications in one request
_LONGEST_TOKEN = 4_000
_SUBSCRIPTION = re.compile(r"[A-Za-z0-9._:=+/-]{1,200}")


def secret_word(resource: str) -> str:
    """The word that notifications for `resource` must bring: made of our key, so nobody else knows it."""
    key = config.current().secret_key.encode()
    return hmac.new(key, f"subscription:{resource}".encode(), hashlib.sha256).hexdigest()


def handshake() -> Response | None:
    """Microsoft's question whether this address wants notifications, answered by what it asked; None without one."""
    token = request.args.get("validationToken")
    if token is None:
        return None
    if len(token) > _LONGEST_TOKEN:
        raise Invalid(_("This request could not be read. Please reload the page and try again."))
    response = make_response(token)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def told() -> list[dict[str, Any]]:
    """The notifications in the request's body. Raises for a body that is too large or no list of them."""
    if (request.content_length or 0) > _LARGEST:
        raise RequestEntityTooLarge
    request.max_content_length = _LARGEST
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise Invalid(_("This request could not be read. Please reload the page and try again.")) from error
    found = body.get("value") if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise Invalid(_("This request could not be read. Please reload the page and try again."))
    return [one for one in found[:_MOST] if isinstance(one, dict)]


def believed(
    watched: Callable[[list[str]], Mapping[str, tuple[str, Watch]]],
) -> list[tuple[Watch, dict[str, Any]]]:
    """The notifications of this request that come for a subscription of ours, bring its secret word, and are our
    tenant's; nothing else in them is believed.

    `watched` is given subscription ids and answers, by id, for what the secret word was made and what follows it.
    """
    notices = told()
    ids = {str(one.get("subscriptionId") or "") for one in notices}
    ours = watched([one for one in ids if _SUBSCRIPTION.fullmatch(one)])
    found, doubted = [], 0
    for one in notices:
        resource, watch = ours.get(str(one.get("subscriptionId") or ""), ("", None))
        state = str(one.get("clientState") or "").encode(errors="replace")
        tenant = str(one.get("tenantId") or config.current().tenant_id).lower()
        if watch is None or not hmac.compare_digest(state, secret_word(resource).encode()):
            doubted += 1
        elif tenant == config.current().tenant_id:
            found.append((watch, one))
    if doubted:
        log.warning("notifications were not believed", number=doubted)
    return found
