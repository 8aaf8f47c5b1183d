"""Change notifications, to an endpoint over real HTTP."""

from datetime import UTC, datetime, timedelta
from queue import Empty
from typing import Any

import pytest

from backend.sandbox.people import HOME_TENANT
from tests.sandbox.tenant import IMMUTABLE, SERVICE, Receiver, Tenant, known, letter

S = f"/users/{SERVICE}"


def _ends(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def _wish(hook: Receiver, **given: Any) -> dict[str, Any]:
    return {
        "changeType": "created", "notificationUrl": hook.url,
        "resource": f"users/{SERVICE}/mailFolders('inbox')/messages",
        "expirationDateTime": _ends(4200), "clientState": "secret-state", **given,
    }  # fmt: skip


def _subscribe(tenant: Tenant, hook: Receiver, **given: Any) -> dict[str, Any]:
    return tenant.json("POST", "/subscriptions", json=_wish(hook, **given), headers=IMMUTABLE)


def _only_this_one_hears(tenant: Tenant, hook: Receiver, made: dict[str, Any]) -> None:
    """One mail's notifications to one address come in one request, so nothing can be on its way after the first."""
    tenant.deliver(letter())
    assert hook.next()["subscriptionId"] == made["id"]
    assert hook.got.empty()


def test_a_new_mail_is_told(tenant: Tenant, hook: Receiver) -> None:
    made = _subscribe(tenant, hook)
    assert len(hook.handshakes) == 1
    got = tenant.deliver(letter())
    told = hook.next()
    assert told["subscriptionId"] == made["id"]
    assert told["clientState"] == "secret-state"
    assert told["tenantId"] == HOME_TENANT
    assert told["changeType"] == "created"
    assert told["resourceData"]["id"] == got["immutableId"]
    path = f"Users/{known(SERVICE).id}/Messages/{got['immutableId']}"
    assert told["resource"] == told["resourceData"]["@odata.id"] == path
    assert (
        tenant.json("GET", f"/{path.replace('Users', 'users').replace('Messages', 'messages')}")["subject"] == "Hello"
    )


def test_updates_and_deletions_are_told_to_those_who_asked(tenant: Tenant, hook: Receiver) -> None:
    _subscribe(tenant, hook, changeType="updated,deleted")
    got = tenant.deliver(letter())
    tenant.graph("PATCH", f"{S}/messages/{got['immutableId']}", json={"isRead": True}, want=200)
    assert hook.next()["changeType"] == "updated"
    tenant.graph("DELETE", f"{S}/messages/{got['immutableId']}", want=204)
    assert hook.next()["changeType"] == "deleted"


def test_the_whole_mailbox_can_be_watched(tenant: Tenant, hook: Receiver) -> None:
    _subscribe(tenant, hook, resource=f"/users/{known(SERVICE).id}/messages")
    tenant.json("POST", f"{S}/messages", json={"subject": "A draft"})
    assert hook.next()["changeType"] == "created"


@pytest.mark.parametrize(
    "answer",
    [(200, "text/plain", "other"), (200, "text/html", None), (202, "text/plain", None), (500, "text/plain", None)],
    ids=["another token", "as HTML", "accepted only", "failing"],
)
def test_a_wrong_handshake_makes_no_subscription(
    tenant: Tenant, hook: Receiver, answer: tuple[int, str, str | None]
) -> None:
    hook.validate = lambda token: (answer[0], answer[1], answer[2] or token)
    refused = tenant.graph("POST", "/subscriptions", json=_wish(hook), want=400)
    assert refused.json()["error"]["code"] == "ValidationError"
    assert tenant.json("GET", "/subscriptions")["value"] == []


@pytest.mark.parametrize(
    "given",
    [
        {"notificationUrl": "https://example.com/hook"},
        {"notificationUrl": "http://192.0.2.1/hook"},
        {"expirationDateTime": _ends(4300)},
        {"expirationDateTime": _ends(-1)},
        {"changeType": "read"},
        {"clientState": "x" * 129},
        {"resource": "users/nobody@nordlicht-it.example/messages"},
        {"resource": "me/messages"},
    ],
    ids=lambda given: next(iter(given)),
)
def test_wrong_wishes_are_refused(tenant: Tenant, hook: Receiver, given: dict[str, Any]) -> None:
    assert tenant.graph("POST", "/subscriptions", json=_wish(hook, **given)).status_code in (400, 404)
    assert hook.handshakes == []


def test_both_addresses_are_validated(tenant: Tenant, hook: Receiver) -> None:
    made = _subscribe(tenant, hook, lifecycleNotificationUrl=f"{hook.url}/life")
    assert len(hook.handshakes) == 2
    told = tenant.control("POST", "/lifecycle", json={"event": "missed", "subscription": made["id"]}).json()
    assert told == {"told": 1}
    assert hook.next()["lifecycleEvent"] == "missed"
    tenant.control("POST", "/lifecycle", json={"event": "subscriptionRemoved"})
    assert hook.next()["lifecycleEvent"] == "subscriptionRemoved"
    assert tenant.graph("GET", f"/subscriptions/{made['id']}").status_code == 404


def test_it_ends_by_the_sandbox_clock_and_can_be_renewed(tenant: Tenant, hook: Receiver) -> None:
    made = _subscribe(tenant, hook, expirationDateTime=_ends(60))
    path = f"/subscriptions/{made['id']}"
    tenant.graph("POST", f"{path}/reauthorize", want=204)
    renewed = tenant.json("PATCH", path, json={"expirationDateTime": _ends(120)})
    assert renewed["expirationDateTime"] > made["expirationDateTime"]
    tenant.control("POST", "/clock", json={"advance": 90 * 60})
    tenant.token = tenant.app_token()
    tenant.deliver(letter())
    hook.next()
    tenant.control("POST", "/clock", json={"advance": 40 * 60})
    assert tenant.json("GET", "/subscriptions")["value"] == []
    assert tenant.graph("PATCH", path, json={"expirationDateTime": _ends(9000)}).status_code == 404
    _only_this_one_hears(tenant, hook, _subscribe(tenant, hook, expirationDateTime=_ends(300)))


def test_a_deleted_one_is_silent(tenant: Tenant, hook: Receiver) -> None:
    made = _subscribe(tenant, hook)
    other = _subscribe(tenant, hook)
    tenant.graph("DELETE", f"/subscriptions/{made['id']}", want=204)
    _only_this_one_hears(tenant, hook, other)


def test_refused_notifications_come_again(tenant: Tenant, hook: Receiver) -> None:
    _subscribe(tenant, hook)
    hook.statuses = [500, 503]
    got = tenant.deliver(letter())
    assert hook.next()["resourceData"]["id"] == got["immutableId"]
    assert hook.statuses == []


def test_the_last_one_can_be_repeated(tenant: Tenant, hook: Receiver) -> None:
    _subscribe(tenant, hook)
    tenant.deliver(letter())
    first = hook.next()
    tenant.control("POST", "/notify", json={"mailbox": SERVICE, "times": 4})
    assert [hook.next() for _ in range(4)] == [first] * 4


def test_notifications_can_come_twice_or_not_at_all(tenant: Tenant, hook: Receiver) -> None:
    _subscribe(tenant, hook)
    tenant.control("POST", "/faults", json={"notifications": {"duplicate": 2}})
    tenant.deliver(letter())
    assert len({hook.next()["resourceData"]["id"] for _ in range(3)}) == 1
    tenant.control("POST", "/faults", json={"notifications": {"lose": 1}})
    tenant.deliver(letter())
    with pytest.raises(Empty):
        hook.next(timeout=0.3)
