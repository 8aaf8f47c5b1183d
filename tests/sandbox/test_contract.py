"""The sandbox speaks as Microsoft describes Graph, and the check that says so can tell a lie."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox import contract
from tests.sandbox.tenant import AYLIN, JANA, PIET, SERVICE, Receiver, Tenant, at, invited, letter, visit

pytestmark = pytest.mark.skipif(contract.missing() is not None, reason=contract.missing() or "")
S, P = f"/users/{SERVICE}", f"/users/{PIET}"


def _calendar(tenant: Tenant) -> None:
    for events in (f"{P}/events", f"{P}/calendar/events"):
        made = tenant.json("POST", events, json=visit(attendees=invited(AYLIN), transactionId=events))
        tenant.json("PATCH", f"{events}/{made['id']}", json={"subject": "Anders", "location": {"displayName": "Hof"}})
        tenant.graph("GET", f"{events}/{made['id']}", want=200)
    window = "startDateTime=2026-11-30T00:00:00Z&endDateTime=2026-12-07T00:00:00Z"
    for path in (
        "calendar", "events", f"calendarView?{window}", f"calendarView/delta?{window}", "events/none", "calendarView",
    ):  # fmt: skip
        tenant.graph("GET", f"{P}/{path}")
    theirs = f"/users/{AYLIN}/events"
    first, second = tenant.json("GET", theirs)["value"]
    tenant.graph("POST", f"{theirs}/{first['id']}/accept", json={"comment": "x", "sendResponse": True}, want=202)
    slot = {"start": at("2026-12-02T09:00:00"), "end": at("2026-12-02T10:00:00")}
    later = {"comment": "x", "sendResponse": True, "proposedNewTime": slot}
    tenant.graph("POST", f"{theirs}/{first['id']}/tentativelyAccept", json=later, want=202)
    tenant.graph("POST", f"{theirs}/{second['id']}/decline", json=later, want=202)
    question = {"schedules": [PIET, "nobody@x.example"], "startTime": slot["start"], "endTime": slot["end"]}
    tenant.json("POST", f"{P}/calendar/getSchedule", json={**question, "availabilityViewInterval": 30})
    one, other = (event["id"] for event in tenant.json("GET", f"{P}/events")["value"])
    tenant.graph("POST", f"{P}/events/{one}/cancel", json={"comment": "x"}, want=202)
    tenant.graph("DELETE", f"{P}/events/{other}", want=204)


def _everything(tenant: Tenant, hook: Receiver) -> None:
    """One request to each endpoint that Deskside uses."""
    _calendar(tenant)
    got = tenant.deliver(letter("Frage", Cc=PIET, Message_ID="<c1@x>"))["id"]
    mail = f"{S}/messages/{got}"
    for path in (
        S, "/users", f"{S}/messages", f"{S}/mailFolders", f"{S}/mailFolders/inbox", f"{S}/mailFolders/inbox/messages",
        f"{S}/mailFolders/inbox/messages/delta", mail, f"{mail}/$value", f"{mail}/attachments",
        f"{mail}?$select=uniqueBody,internetMessageHeaders", f"{S}/messages/none", f"{S}/messages?$filter=wrong",
    ):  # fmt: skip
        tenant.graph("GET", path)
    tenant.graph("PATCH", mail, json={"isRead": True}, want=200)
    for verb in ("createReply", "createReplyAll", "createForward"):
        to = {} if verb != "createForward" else {"toRecipients": [{"emailAddress": {"address": PIET}}]}
        draft = tenant.json("POST", f"{mail}/{verb}", json={"comment": "x", "message": to})
        tenant.graph("POST", f"{S}/messages/{draft['id']}/send", want=202)
    for verb in ("reply", "replyAll", "forward"):
        body: dict[str, Any] = {"comment": "x", "message": {"toRecipients": [{"emailAddress": {"address": JANA}}]}}
        tenant.graph("POST", f"{mail}/{verb}", json=body, want=202)
    message = {"subject": "s", "toRecipients": [{"emailAddress": {"address": PIET}}], "importance": "high"}
    tenant.graph("POST", f"{S}/sendMail", json={"message": message, "saveToSentItems": True}, want=202)
    draft = tenant.json("POST", f"{S}/messages", json=message)
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "aGFsbG8="}
    parts = f"{S}/messages/{draft['id']}/attachments"
    added = tenant.json("POST", parts, json=file)
    tenant.graph("GET", f"{parts}/{added['id']}", want=200)
    tenant.graph("DELETE", f"{parts}/{added['id']}", want=204)
    item = {"AttachmentItem": {"attachmentType": "file", "name": "b", "size": 4_000_000}}
    tenant.graph("POST", f"{parts}/createUploadSession", json=item, want=201)
    moved = tenant.json("POST", f"{mail}/move", json={"destinationId": "archive"})
    tenant.graph("DELETE", f"{S}/messages/{moved['id']}", want=204)
    wish = {
        "changeType": "created", "notificationUrl": hook.url, "resource": f"users/{SERVICE}/messages",
        "expirationDateTime": (datetime.now(UTC) + timedelta(hours=2)).isoformat(),
    }  # fmt: skip
    path = f"/subscriptions/{tenant.json('POST', '/subscriptions', json=wish)['id']}"
    tenant.graph("GET", "/subscriptions", want=200)
    tenant.graph("GET", path, want=200)
    later = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    tenant.graph("PATCH", path, json={"expirationDateTime": later}, want=200)
    tenant.graph("POST", f"{path}/reauthorize", want=204)
    tenant.graph("DELETE", path, want=204)


def test_every_endpoint_is_as_described(tenant: Tenant, hook: Receiver) -> None:
    _everything(tenant, hook)
    entries = tenant.control("GET", "/requests").json()
    assert [offence for entry in entries for offence in contract.offences(entry)] == []
    used = {(entry["method"], entry["path"].partition("/messages")[0]) for entry in entries}
    assert len(used) > 5


@pytest.mark.slow
def test_each_exception_is_needed(tenant: Tenant, hook: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    _everything(tenant, hook)
    entries = tenant.control("GET", "/requests").json()

    def without(table: dict[Any, Any], key: Any) -> bool:
        with monkeypatch.context() as patch:
            patch.delitem(table, key)
            return any(contract.offences(entry) for entry in entries)

    needless = [
        key
        for table in (contract.STATUSES, contract.BODIES, contract.NAMES)
        for key in list(table)
        if not without(table, key)
    ]
    assert needless == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"subject": 5}, "is not of type"),
        ({"colour": "red"}, "colour is no property"),
        ({"receivedDateTime": "yesterday"}, "does not match"),
        ({"from": {"address": "a@b"}}, "address is no property"),
        ({"importance": "urgent"}, "importance"),
    ],
    ids=str,
)
def test_a_lie_is_noticed(tenant: Tenant, change: dict[str, Any], said: str) -> None:
    got = tenant.deliver(letter())
    tenant.json("GET", f"{S}/messages/{got['id']}")
    entry = tenant.control("GET", "/requests").json()[-1]
    assert contract.offences(entry) == []
    entry["answer"] = json.dumps({**json.loads(entry["answer"]), **change})
    assert any(said in offence for offence in contract.offences(entry))


def test_a_wrong_status_or_path_is_noticed(tenant: Tenant) -> None:
    tenant.json("GET", f"{S}/messages")
    entry = tenant.control("GET", "/requests").json()[-1]
    assert contract.offences({**entry, "status": 203})
    assert contract.offences({**entry, "path": "/v1.0/users/x/letters"})
    assert contract.offences({**entry, "method": "DELETE"})
