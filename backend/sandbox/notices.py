"""Which change notifications a change makes. They are rows of the same transaction; `notifier.py` delivers them.

Shape: https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
"""

import json
import time
from typing import Any

from backend.sandbox.store import Tx

# https://learn.microsoft.com/graph/change-notifications-lifecycle-events
LIFECYCLE = ("missed", "subscriptionRemoved", "reauthorizationRequired")
# What stands in place of a folder's id in the subscriptions on a calendar.
CALENDAR = "calendar"
# How many notifications one change of an event may bring; the first is the default.
EVENT_NOTIFICATIONS = ("3", "1", "2", "4")
# What subscribers of one folder and of the whole mailbox hear of a change.
_IN_FOLDER = {
    "created": "created",
    "updated": "updated",
    "deleted": "deleted",
    "moved-out": "deleted",
    "moved-in": "created",
}
_IN_MAILBOX = {"created": "created", "updated": "updated", "deleted": "deleted", "moved-in": "updated"}


def queue(tx: Tx, mailbox: str, folder: str, kind: str, item_id: str, immutable_id: str, change_key: str) -> None:
    """Queues a notification for each living subscription that asked for such a change."""
    if tx.meta(f"mailbox.{mailbox}"):
        return  # what an app may not see it does not hear of
    now = tx.store.now().timestamp()
    for row in tx.all("SELECT * FROM subscriptions WHERE mailbox = ? AND expires > ?", mailbox, now):
        heard = (_IN_MAILBOX if row["folder"] is None else _IN_FOLDER).get(kind)
        doc = json.loads(row["doc"])
        if row["folder"] not in (None, folder) or heard not in doc["changeType"].split(","):
            continue
        _tell(tx, row, str(heard), "Message", immutable_id if doc["immutable"] else item_id, change_key)


def queue_event(tx: Tx, mailbox: str, kind: str, item_id: str, immutable_id: str, change_key: str) -> None:
    """The same for an event of a calendar: several notifications for one change, as Microsoft sends them.

    https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/3072; how many is a switch.
    """
    if tx.meta(f"mailbox.{mailbox}"):
        return
    now = tx.store.now().timestamp()
    often = 1 if kind == "deleted" else int(tx.meta("switch.event_notifications", EVENT_NOTIFICATIONS[0]))
    rows = tx.all(
        "SELECT * FROM subscriptions WHERE mailbox = ? AND folder = ? AND expires > ?", mailbox, CALENDAR, now
    )
    for row in rows:
        doc = json.loads(row["doc"])
        # After its creation an event is worked on by the server, which is heard as updates.
        for heard in [kind] + ["updated"] * (often - 1):
            if heard in doc["changeType"].split(","):
                _tell(tx, row, heard, "Event", immutable_id if doc["immutable"] else item_id, change_key)


def _tell(tx: Tx, row: Any, heard: str, kind: str, key: str, change_key: str) -> None:
    doc = json.loads(row["doc"])
    path = f"Users/{row['mailbox']}/{kind}s/{key}"
    payload = {
        "subscriptionId": row["id"],
        "subscriptionExpirationDateTime": doc["expirationDateTime"],
        "changeType": heard,
        "resource": path,
        "resourceData": {
            "@odata.type": f"#Microsoft.Graph.{kind}",
            "@odata.id": path,
            "@odata.etag": f'W/"{change_key}"',
            "id": key,
        },
        "clientState": doc["clientState"],
        "tenantId": doc["tenant"],
    }
    put(tx, row["mailbox"], doc["notificationUrl"], payload)


def put(tx: Tx, mailbox: str, url: str, payload: dict[str, Any], *, remember: bool = True) -> None:
    """Queues one notification for `url`; `remember` keeps it as the mailbox's last one."""
    text = json.dumps(payload)
    tx.run("INSERT INTO notifications (url, payload, due) VALUES (?, ?, ?)", url, text, time.time())
    if remember:
        tx.run("INSERT OR REPLACE INTO last_notifications VALUES (?, ?, ?)", mailbox, url, text)


def chosen(tx: Tx, subscription: str | None, mailbox: str | None) -> list[Any]:
    """The subscriptions with this id and on this mailbox; None takes any."""
    return tx.all(
        "SELECT * FROM subscriptions WHERE (id = ? OR ? IS NULL) AND (mailbox = ? OR ? IS NULL) ORDER BY rowid",
        subscription, subscription, mailbox, mailbox,
    )  # fmt: skip


def lifecycle(tx: Tx, event: str, subscription: str | None = None, mailbox: str | None = None) -> int:
    """Queues a lifecycle event for those subscriptions that want to hear of it; gives how many were told."""
    told = 0
    for row in chosen(tx, subscription, mailbox):
        doc = json.loads(row["doc"])
        if event == "subscriptionRemoved":
            tx.run("DELETE FROM subscriptions WHERE id = ?", row["id"])
        if doc["lifecycleNotificationUrl"] is None:
            continue
        told += 1
        tx.touched.add(row["mailbox"])
        payload = {
            "subscriptionId": row["id"],
            "subscriptionExpirationDateTime": doc["expirationDateTime"],
            "tenantId": doc["tenant"],
            "clientState": doc["clientState"],
            "lifecycleEvent": event,
        }
        put(tx, row["mailbox"], doc["lifecycleNotificationUrl"], payload, remember=False)
    return told
