"""The delta query: the truth about a folder, page by page."""

from typing import Any

from tests.sandbox.tenant import IMMUTABLE, SERVICE, Tenant, letter

S = f"/users/{SERVICE}"
INBOX = f"{S}/mailFolders/inbox/messages/delta"


def _round(tenant: Tenant, link: str, **headers: str) -> tuple[list[dict[str, Any]], str]:
    """All entries up to the delta link, and that link."""
    found: list[dict[str, Any]] = []
    while True:
        page = tenant.json("GET", link, headers={**IMMUTABLE, **headers})
        found += page["value"]
        if "@odata.deltaLink" in page:
            return found, page["@odata.deltaLink"]
        link = page["@odata.nextLink"]


def test_first_everything_then_only_changes(tenant: Tenant) -> None:
    ids = [tenant.deliver(letter(f"Mail {n}"))["immutableId"] for n in range(23)]
    first, link = _round(tenant, f"{INBOX}?$select=subject,isRead")
    assert [one["id"] for one in first] == ids[::-1]
    assert set(first[0]) == {"@odata.etag", "id", "subject", "isRead"}
    assert _round(tenant, link)[0] == []
    tenant.graph("PATCH", f"{S}/messages/{ids[3]}", json={"isRead": True}, want=200)
    tenant.graph("POST", f"{S}/messages/{ids[4]}/move", json={"destinationId": "archive"}, want=201)
    tenant.graph("DELETE", f"{S}/messages/{ids[5]}", want=204)
    new = tenant.deliver(letter("New"))["immutableId"]
    later, link = _round(tenant, link)
    told = {one["id"]: one for one in later}
    assert set(told) == {ids[3], ids[4], ids[5], new}
    assert told[ids[3]]["isRead"] is True
    assert told[ids[4]]["@removed"] == {"reason": "deleted"}
    assert told[ids[5]]["@removed"] == {"reason": "deleted"}
    assert told[new]["subject"] == "New"
    assert _round(tenant, link)[0] == []


def test_pages_have_the_size_asked_for(tenant: Tenant) -> None:
    for n in range(5):
        tenant.deliver(letter(f"Mail {n}"))
    page = tenant.json("GET", INBOX, headers={"Prefer": "odata.maxpagesize=2"})
    assert len(page["value"]) == 2
    assert "@odata.deltaLink" not in page


def test_nothing_is_missed_when_mail_goes_between_pages(tenant: Tenant) -> None:
    ids = [tenant.deliver(letter(f"Mail {n}"))["immutableId"] for n in range(6)]
    small = {"Prefer": 'IdType="ImmutableId", odata.maxpagesize=2'}
    first = tenant.json("GET", INBOX, headers=small)
    assert [one["id"] for one in first["value"]] == [ids[5], ids[4]]
    tenant.graph("DELETE", f"{S}/messages/{ids[5]}", want=204)
    new = tenant.deliver(letter("While paging"))["immutableId"]
    rest, link = _round(tenant, first["@odata.nextLink"])
    assert [one["id"] for one in rest] == ids[3::-1]
    later, _ = _round(tenant, link)
    assert {one["id"]: "@removed" in one for one in later} == {ids[5]: True, new: False}


def test_ids_that_change_are_told_as_they_were(tenant: Tenant) -> None:
    got = tenant.deliver(letter())
    link = tenant.json("GET", INBOX)["@odata.deltaLink"]
    moved = tenant.json("POST", f"{S}/messages/{got['id']}/move", json={"destinationId": "archive"})
    assert [one["id"] for one in tenant.json("GET", link)["value"]] == [got["id"]]
    back = tenant.json("POST", f"{S}/messages/{moved['id']}/move", json={"destinationId": "inbox"})
    told = tenant.json("GET", link)["value"]
    assert [one["id"] for one in told if "@removed" not in one] == [back["id"]]


def test_only_new_mail_when_asked_so(tenant: Tenant) -> None:
    old = tenant.deliver(letter())
    first, link = _round(tenant, f"{INBOX}?changeType=created")
    assert len(first) == 1
    tenant.graph("PATCH", f"{S}/messages/{old['immutableId']}", json={"isRead": True}, want=200)
    new = tenant.deliver(letter("New"))
    assert [one["id"] for one in _round(tenant, link)[0]] == [new["immutableId"]]


def test_a_filter_holds_for_the_first_round(tenant: Tenant) -> None:
    tenant.deliver(letter())
    params = {"$filter": "receivedDateTime ge 2099-01-01T00:00:00Z"}
    assert tenant.json("GET", INBOX, params=params)["value"] == []


def test_a_link_from_before_a_reset_is_gone(tenant: Tenant) -> None:
    link = tenant.json("GET", INBOX)["@odata.deltaLink"]
    tenant.control("POST", "/reset", json={"mail": False})
    answer = tenant.graph("GET", link, want=410)
    assert answer.json()["error"]["code"] == "SyncStateNotFound"
    assert tenant.graph("GET", f"{INBOX}?$deltatoken=nonsense").status_code == 410
