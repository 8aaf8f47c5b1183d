"""Change notifications: Graph is asked to say when something is new in a mailbox, and to go on saying it.

https://learn.microsoft.com/graph/api/resources/subscription
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from backend import clock
from backend.microsoft import graph

# Microsoft's pages differ on the longest life for mail (4,230 or 10,080 minutes); this one is always granted.
LIFETIME = timedelta(minutes=4200)


@dataclass(frozen=True)
class Subscription:
    """A subscription as Graph has it."""

    id: str
    resource: str
    notification_url: str
    expires_at: datetime


def inbox_of(address: str) -> str:
    """The resource name of a mailbox's Inbox."""
    return f"/users/{address}/mailFolders('inbox')/messages"


def create(address: str, *, notification_url: str, lifecycle_url: str, client_state: str) -> Subscription:
    """Asks for word of new mail in the Inbox of `address`. Graph tries both addresses before it answers."""
    body = {
        "changeType": "created",
        "notificationUrl": notification_url,
        "lifecycleNotificationUrl": lifecycle_url,
        "resource": inbox_of(address),
        "expirationDateTime": _stamp(clock.now() + LIFETIME),
        "clientState": client_state,
    }
    return _read(graph.call(graph.request(graph.client().subscriptions, "POST", body=body)))


def renew(subscription_id: str) -> Subscription:
    """Gives the subscription its full life again. Raises graph.Missing when it has ended."""
    one = graph.client().subscriptions.by_subscription_id(subscription_id)
    body = {"expirationDateTime": _stamp(clock.now() + LIFETIME)}
    return _read(graph.call(graph.request(one, "PATCH", body=body)))


def delete(subscription_id: str) -> None:
    """Ends the subscription. Raises graph.Missing when it has ended already."""
    graph.call(graph.request(graph.client().subscriptions.by_subscription_id(subscription_id), "DELETE"))


def all_of_ours() -> list[Subscription]:
    """Every subscription of this app, from all pages."""
    subscriptions = graph.client().subscriptions
    answer = graph.call(graph.request(subscriptions))
    found = list(answer.get("value", []))
    while answer.get("@odata.nextLink"):
        answer = graph.call(graph.request(subscriptions.with_url(answer["@odata.nextLink"])))
        found += answer.get("value", [])
    return [_read(one) for one in found]


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(one: dict[str, Any]) -> Subscription:
    return Subscription(
        id=str(one["id"]),
        resource=str(one.get("resource") or ""),
        notification_url=str(one.get("notificationUrl") or ""),
        expires_at=datetime.fromisoformat(str(one["expirationDateTime"])).astimezone(UTC),
    )
