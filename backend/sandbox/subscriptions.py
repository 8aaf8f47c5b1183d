"""Graph's change notification subscriptions on mail and calendars.

https://learn.microsoft.com/graph/api/resources/subscription
"""

import http.client
import json
import re
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Response, g, jsonify

from backend.sandbox import mailbox, notices
from backend.sandbox.graph import (
    GraphError,
    blueprint,
    body_json,
    demand,
    mailbox_of,
    metadata,
    needs,
    prefs,
    store,
)
from backend.sandbox.people import CLIENT_ID
from backend.sandbox.store import Tx

LONGEST = timedelta(minutes=4230)
HANDSHAKE = 10.0  # seconds a notification address has for its answer
_RESOURCE = re.compile(
    r"/?users(?:/|\(')(?P<user>[^/']+)(?:'\))?"
    r"(?:(?:/mailfolders(?:/|\(')(?P<folder>[^/']+)(?:'\))?)?/messages|(?P<events>(?:/calendar)?/events))/?",
    re.IGNORECASE,
)
_KINDS = {"created", "updated", "deleted"}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def _bad(message: str, code: str = "ValidationError") -> GraphError:
    return GraphError(400, code, message)


def _address(value: Any, name: str) -> str:
    parts = urlsplit(str(value or ""))
    if parts.scheme not in ("http", "https") or parts.hostname is None:
        raise _bad(f"The '{name}' must be an absolute address.", "InvalidRequest")
    # Microsoft demands https; here notifications must not leave the machine, so loopback is demanded instead.
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
        raise _bad(f"The sandbox notifies only addresses on this machine; '{name}' is none.", "InvalidRequest")
    return str(value)


def _handshake(address: str) -> None:
    """Calls the address with a validationToken. Raises GraphError 400 unless it comes back at once, as plain text."""
    parts = urlsplit(address)
    token = f"Validation: Testing client application reachability for subscription Request-Id: {secrets.token_hex(8)}+ä"
    query = f"{parts.query}&" if parts.query else ""
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port or 80, timeout=HANDSHAKE)
    try:
        connection.request(
            "POST", f"{parts.path or '/'}?{query}validationToken={quote(token, safe='')}", body=b"",
            headers={"Content-Type": "text/plain; charset=utf-8", "Content-Length": "0"},
        )  # fmt: skip
        answer = connection.getresponse()
        body = answer.read(4096).decode("utf-8", "replace")
        kind = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
        said = f"HTTP {answer.status}, {kind or 'no content type'}"
        good = answer.status == 200 and kind == "text/plain" and body == token
    except (OSError, http.client.HTTPException) as error:
        good, said = False, type(error).__name__
    finally:
        connection.close()
    if not good:
        raise _bad(
            "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation "
            f"request, as text/plain with the token within 10 seconds. It answered: {said}."
        )


def _expiry(value: Any) -> datetime:
    try:
        # Graph writes up to seven digits of a second; Python reads six.
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", str(value)))
    except ValueError as error:
        raise _bad("The 'expirationDateTime' cannot be read.", "InvalidRequest") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    now = store().now()
    if moment <= now:
        raise _bad("Subscription expiration date must be in the future.")
    if moment > now + LONGEST + timedelta(seconds=60):
        raise _bad("Subscription expiration can only be 4230 minutes in the future.")
    return moment.astimezone(UTC)


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def _kinds(value: Any) -> str:
    kinds = [kind.strip().lower() for kind in str(value or "").split(",") if kind.strip()]
    if not kinds or not set(kinds) <= _KINDS:
        raise _bad("The 'changeType' must be one or more of created, updated, deleted.", "InvalidRequest")
    return ",".join(kinds)


def _target(tx: Tx, resource: str) -> tuple[str, str | None]:
    """Mailbox and folder id (None: the whole mailbox) of a resource. Raises GraphError 400, 403."""
    match = _RESOURCE.fullmatch(resource)
    if not match:
        raise _bad(f"Unsupported resource '{resource}'.", "InvalidRequest")
    demand("Calendars.ReadWrite" if match["events"] else "Mail.ReadWrite")
    person = mailbox_of(match["user"])
    if match["events"]:
        return person.id, notices.CALENDAR
    if match["folder"] is None:
        return person.id, None
    row = mailbox.find_folder(tx, person, match["folder"])
    if row is None:
        raise GraphError(404, "ErrorItemNotFound", "The specified folder could not be found in the store.")
    return person.id, str(row["id"])


def _shown(row: Any) -> dict[str, Any]:
    doc = json.loads(row["doc"])
    return {
        "id": row["id"], "resource": doc["resource"], "applicationId": CLIENT_ID, "changeType": doc["changeType"],
        "clientState": None, "notificationUrl": doc["notificationUrl"], "notificationQueryOptions": None,
        "lifecycleNotificationUrl": doc["lifecycleNotificationUrl"],
        "expirationDateTime": doc["expirationDateTime"], "creatorId": doc["creator"], "includeResourceData": None,
        "latestSupportedTlsVersion": "v1_2", "encryptionCertificate": None, "encryptionCertificateId": None,
        "notificationUrlAppId": None,
    }  # fmt: skip


def _row(tx: Tx, key: str) -> Any:
    """The living subscription of the token's tenant. Raises GraphError 404."""
    row = tx.one("SELECT * FROM subscriptions WHERE id = ? AND expires > ?", key, store().now().timestamp())
    if row is None or json.loads(row["doc"])["tenant"] != g.claims["tid"]:
        raise GraphError(404, "ResourceNotFound", "The object was not found.")
    return row


@blueprint.post("/subscriptions")
@needs("Mail.ReadWrite", "Calendars.ReadWrite")
def create_subscription() -> tuple[Response, int]:
    """Makes one, after its addresses have answered the handshake."""
    given = body_json()
    url = _address(given.get("notificationUrl"), "notificationUrl")
    lifecycle = given.get("lifecycleNotificationUrl")
    state = given.get("clientState")
    if state is not None and len(str(state)) > 128:
        raise _bad("The 'clientState' has at most 128 characters.", "InvalidRequest")
    if given.get("includeResourceData"):
        raise _bad("The sandbox sends no resource data.", "InvalidRequest")
    expires, kinds = _expiry(given.get("expirationDateTime")), _kinds(given.get("changeType"))
    with store().read() as tx:
        owner, folder = _target(tx, str(given.get("resource") or ""))
    _handshake(url)
    if lifecycle is not None:
        _handshake(_address(lifecycle, "lifecycleNotificationUrl"))
    doc = {
        "resource": given["resource"], "changeType": kinds, "notificationUrl": url, "clientState": state,
        "lifecycleNotificationUrl": lifecycle, "expirationDateTime": _written(expires), "tenant": g.claims["tid"],
        "creator": g.claims["oid"], "immutable": prefs().immutable,
    }  # fmt: skip
    key = str(uuid.uuid4())
    with store().write() as tx:
        tx.run("DELETE FROM subscriptions WHERE expires <= ?", store().now().timestamp())
        tx.run(
            "INSERT INTO subscriptions VALUES (?, ?, ?, ?, ?)", key, owner, folder, expires.timestamp(), json.dumps(doc)
        )
        shown = _shown(_row(tx, key))
    return jsonify({"@odata.context": metadata("subscriptions/$entity"), **shown, "clientState": state}), 201


@blueprint.get("/subscriptions")
@needs("Mail.ReadWrite", "Calendars.ReadWrite")
def list_subscriptions() -> Response:
    """The app's living ones."""
    with store().read() as tx:
        rows = tx.all("SELECT * FROM subscriptions WHERE expires > ? ORDER BY rowid", store().now().timestamp())
        found = [_shown(row) for row in rows if json.loads(row["doc"])["tenant"] == g.claims["tid"]]
    return jsonify({"@odata.context": metadata("subscriptions"), "value": found})


@blueprint.get("/subscriptions/<key>")
@needs("Mail.ReadWrite", "Calendars.ReadWrite")
def read_subscription(key: str) -> Response:
    """One."""
    with store().read() as tx:
        shown = _shown(_row(tx, key))
    return jsonify({"@odata.context": metadata("subscriptions/$entity"), **shown})


@blueprint.patch("/subscriptions/<key>")
@needs("Mail.ReadWrite", "Calendars.ReadWrite")
def renew_subscription(key: str) -> Response:
    """Moves its end; Microsoft lets nothing else but the notification address change."""
    given = body_json()
    if further := sorted(given.keys() - {"expirationDateTime", "notificationUrl"}):
        raise _bad(f"'{further[0]}' cannot be changed.", "InvalidRequest")
    if "notificationUrl" in given:
        _handshake(_address(given["notificationUrl"], "notificationUrl"))
    with store().write() as tx:
        row = _row(tx, key)
        doc = json.loads(row["doc"])
        expires = _expiry(given["expirationDateTime"]) if "expirationDateTime" in given else None
        if expires:
            doc["expirationDateTime"] = _written(expires)
        doc["notificationUrl"] = given.get("notificationUrl", doc["notificationUrl"])
        tx.run(
            "UPDATE subscriptions SET expires = ?, doc = ? WHERE id = ?",
            expires.timestamp() if expires else row["expires"], json.dumps(doc), key,
        )  # fmt: skip
        shown = _shown(_row(tx, key))
    return jsonify({"@odata.context": metadata("subscriptions/$entity"), **shown})


@blueprint.delete("/subscriptions/<key>")
@needs("Mail.ReadWrite", "Calendars.ReadWrite")
def delete_subscription(key: str) -> tuple[str, int]:
    """Ends it."""
    with store().write() as tx:
        tx.run("DELETE FROM subscriptions WHERE id = ?", _row(tx, key)["id"])
    return "", 204


@blueprint.post("/subscriptions/<key>/reauthorize")
@needs("Mail.ReadWrite", "Calendars.ReadWrite")
def reauthorize(key: str) -> tuple[str, int]:
    """Renews the permission behind it, not its end."""
    with store().read() as tx:
        _row(tx, key)
    return "", 204
