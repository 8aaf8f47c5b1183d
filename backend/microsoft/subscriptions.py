"""Change notifications: Graph is asked to say when something is new, and to go on saying it.

https://learn.microsoft.com/graph/api/resources/subscription
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from backend import clock
from backend.microsoft import graph

log = structlog.get_logger(__name__)
# Microsoft's pages differ on the longest life for mail and events (4,230 or 10,080 minutes); this is always granted.
LIFETIME = timedelta(minutes=4200)


@dataclass(frozen=True)
class Wish:
    """What is to be told, and to whom. `client_state` is the secret word that each notification brings."""

    resource: str
    change_type: str
    notification_url: str
    lifecycle_url: str
    client_state: str


@dataclass(frozen=True)
class Subscription:
    """A subscription as Graph has it."""

    id: str
    resource: str
    notification_url: str
    expires_at: datetime

    @property
    def fresh(self) -> bool:
        """Whether more than half of its life is left."""
        return self.expires_at - clock.now() >= LIFETIME / 2


def inbox_of(address: str) -> str:
    """The resource name of a mailbox's Inbox."""
    return f"/users/{address}/mailFolders('inbox')/messages"


def calendar_of(address: str) -> str:
    """The resource name of a mailbox's calendar."""
    return f"/users/{address}/events"


def keep(wish: Wish, known_id: str, *, whole_life: bool = False) -> tuple[Subscription, bool]:
    """Sees to it that `wish` has one subscription with at least half of its life: (it, whether it was made anew).

    `known_id` is the one there was, further equal ones are ended; `whole_life`: it is renewed also when it is fresh.
    Raises what graph.call raises.
    """
    ours = fitting(all_of_ours(), wish)
    chosen = next((one for one in ours if one.id == known_id), ours[0] if ours else None)
    for extra in ours:
        if extra is not chosen:
            _end(extra)
    if chosen is not None and (whole_life or not chosen.fresh):
        chosen = _renewed(chosen)
    return (chosen, False) if chosen is not None else (create(wish), True)


def fitting(some: Sequence[Subscription], wish: Wish) -> list[Subscription]:
    """Those of `some` that live and tell what `wish` wants to where it wants it."""
    return [
        one
        for one in some
        if one.resource.strip("/").lower() == wish.resource.strip("/").lower()
        and one.notification_url == wish.notification_url
        and one.expires_at > clock.now()
    ]


def _end(subscription: Subscription) -> None:
    try:
        delete(subscription.id)
    except graph.Missing:
        log.info("a subscription had ended already", subscription=subscription.id)


def _renewed(subscription: Subscription) -> Subscription | None:
    try:
        return renew(subscription.id)
    except graph.Missing:
        return None


def create(wish: Wish) -> Subscription:
    """Asks to be told. Graph tries both addresses before it answers."""
    body = {
        "changeType": wish.change_type,
        "notificationUrl": wish.notification_url,
        "lifecycleNotificationUrl": wish.lifecycle_url,
        "resource": wish.resource,
        "expirationDateTime": _stamp(clock.now() + LIFETIME),
        "clientState": wish.client_state,
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
