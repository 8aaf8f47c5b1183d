"""How others follow a calendar: delta of a window, notifications, free and busy times, what is there at the start."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.tenant import AYLIN, IMMUTABLE, JANA, PIET, Receiver, Tenant, at, invited, visit

pytestmark = pytest.mark.slow

P, E = f"/users/{PIET}", f"/users/{PIET}/events"
DELTA = f"{P}/calendarView/delta?startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-08T00:00:00Z"


def _on(day: int, subject: str = "Termin", **further: Any) -> dict[str, Any]:
    return visit(subject, start=at(f"2026-12-{day:02}T09:00:00"), end=at(f"2026-12-{day:02}T10:00:00"), **further)


def _all(tenant: Tenant, link: str, **options: Any) -> tuple[list[dict[str, Any]], str]:
    """The entries of a whole round and its delta link."""
    entries: list[dict[str, Any]] = []
    while True:
        page = tenant.json("GET", link, **options)
        entries += page["value"]
        if "@odata.deltaLink" in page:
            return entries, str(page["@odata.deltaLink"])
        link = page["@odata.nextLink"]


def test_a_round_tells_what_changed_in_the_window(tenant: Tenant) -> None:
    made = {day: tenant.json("POST", E, json=_on(day))["id"] for day in (1, 2, 3, 4, 20, 21)}
    entries, link = _all(tenant, DELTA)
    assert [entry["id"] for entry in entries] == [made[day] for day in (1, 2, 3, 4)]
    assert _all(tenant, link)[0] == []
    tenant.graph("DELETE", f"{E}/{made[1]}", want=204)
    tenant.json("PATCH", f"{E}/{made[2]}", json={"subject": "anders"})
    tenant.json("PATCH", f"{E}/{made[3]}", json={"start": at("2026-12-15T09:00"), "end": at("2026-12-15T10:00")})
    tenant.json("PATCH", f"{E}/{made[20]}", json={"start": at("2026-12-05T09:00"), "end": at("2026-12-20T10:00")})
    tenant.json("PATCH", f"{E}/{made[21]}", json={"subject": "outside"})
    passing = tenant.json("POST", E, json=_on(6))["id"]
    tenant.graph("DELETE", f"{E}/{passing}", want=204)
    told, link = _all(tenant, link)
    gone = {entry["id"] for entry in told if "@removed" in entry}
    here = {entry["id"]: entry["subject"] for entry in told if "@removed" not in entry}
    assert gone == {made[1], made[3]}
    assert here == {made[2]: "anders", made[20]: "Termin"}
    assert _all(tenant, link)[0] == []


def test_pages_keep_the_window_and_their_place(tenant: Tenant) -> None:
    made = [tenant.json("POST", E, json=_on(day), headers=IMMUTABLE)["id"] for day in range(1, 6)]
    wish = {"Prefer": 'odata.maxpagesize=2, IdType="ImmutableId"'}
    first = tenant.json("GET", DELTA, headers=wish)
    assert [entry["id"] for entry in first["value"]] == made[:2]
    assert "@odata.deltaLink" not in first
    tenant.graph("DELETE", f"{E}/{made[0]}", want=204)
    rest, link = _all(tenant, first["@odata.nextLink"], headers=wish)
    assert [entry["id"] for entry in rest] == made[2:]
    told, _ = _all(tenant, link, headers=wish)
    assert told == [{"@odata.type": "#microsoft.graph.event", "id": made[0], "@removed": {"reason": "deleted"}}]


@pytest.mark.parametrize("way", ["switch", "reset", "garbage"])
def test_a_stale_token_is_gone(tenant: Tenant, way: str) -> None:
    _, link = _all(tenant, DELTA)
    if way == "switch":
        tenant.control("POST", "/switches", json={"calendar_delta": "stale"})
    elif way == "reset":
        tenant.reset()
    else:
        link = f"{P}/calendarView/delta?$deltatoken=abc"
    answer = tenant.graph("GET", link)
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "SyncStateNotFound")
    assert _all(tenant, DELTA)[0] == []


def test_delta_needs_a_window_and_takes_no_selection(tenant: Tenant) -> None:
    for path in (f"{P}/calendarView/delta", f"{DELTA}&$select=subject", f"{DELTA}&$filter=subject eq 'x'"):
        tenant.graph("GET", path, want=400)
    _, link = _all(tenant, DELTA)
    other = tenant.graph("GET", link.replace(PIET, AYLIN))
    assert other.json()["error"]["code"] == "ErrorInvalidUrlQuery"


def _subscribed(tenant: Tenant, hook: Receiver, resource: str = f"users/{PIET}/events") -> str:
    wish = {
        "changeType": "created,updated,deleted", "notificationUrl": hook.url, "resource": resource,
        "expirationDateTime": (datetime.now(UTC) + timedelta(hours=2)).isoformat(), "clientState": "secret",
    }  # fmt: skip
    return str(tenant.json("POST", "/subscriptions", json=wish, headers=IMMUTABLE)["id"])


def test_one_change_brings_several_notifications(tenant: Tenant, hook: Receiver) -> None:
    subscription = _subscribed(tenant, hook)
    made = tenant.json("POST", E, json=visit(), headers=IMMUTABLE)
    told = [hook.next() for _ in range(3)]
    assert [one["changeType"] for one in told] == ["created", "updated", "updated"]
    for one in told:
        assert (one["subscriptionId"], one["clientState"]) == (subscription, "secret")
        assert one["resourceData"]["id"] == made["id"]
        assert one["resource"].endswith(f"/Events/{made['id']}")
        assert one["resourceData"]["@odata.type"] == "#Microsoft.Graph.Event"
    tenant.control("POST", "/switches", json={"event_notifications": "1"})
    changed = tenant.json("PATCH", f"{E}/{made['id']}", json={"subject": "x"})
    one = hook.next()
    assert (one["changeType"], one["resourceData"]["@odata.etag"]) == ("updated", changed["@odata.etag"])
    tenant.graph("DELETE", f"{E}/{made['id']}", want=204)
    assert hook.next()["changeType"] == "deleted"
    assert hook.got.empty()


def test_mail_and_calendar_are_heard_apart(tenant: Tenant, hook: Receiver) -> None:
    tenant.control("POST", "/switches", json={"event_notifications": "1"})
    events, mails = _subscribed(tenant, hook), _subscribed(tenant, hook, f"users/{PIET}/messages")
    tenant.json("POST", E, json=visit())
    assert hook.next()["subscriptionId"] == events
    tenant.deliver(b"Subject: x\r\n\r\ny", PIET)
    assert hook.next()["subscriptionId"] == mails
    assert hook.got.empty()


def test_an_answer_in_outlook_is_heard_by_the_organizer(tenant: Tenant, hook: Receiver) -> None:
    made = tenant.json("POST", E, json=visit(attendees=invited(AYLIN)), headers=IMMUTABLE)
    _subscribed(tenant, hook)
    body = {"by": AYLIN, "response": "declined"}
    tenant.control("POST", f"/calendars/{PIET}/events/{made['id']}/answer", json=body)
    assert hook.next()["resourceData"]["id"] == made["id"]


def test_a_subscription_on_events_needs_the_calendar_role(tenant: Tenant, hook: Receiver) -> None:
    token = tenant.control("POST", "/token", json={"app": True, "overrides": {"roles": ["Mail.ReadWrite"]}}).json()
    wish = {"changeType": "created", "notificationUrl": hook.url, "resource": f"users/{PIET}/events",
            "expirationDateTime": (datetime.now(UTC) + timedelta(hours=2)).isoformat()}  # fmt: skip
    answer = tenant.graph(
        "POST", "/subscriptions", json=wish, headers={"Authorization": f"Bearer {token['access_token']}"}
    )
    assert answer.json()["error"]["code"] == "ErrorAccessDenied"
    assert hook.handshakes == []


def _ask(tenant: Tenant, **further: Any) -> Any:
    question = {
        "schedules": [PIET], "startTime": at("2026-12-01T08:00:00"), "endTime": at("2026-12-01T12:00:00"),
        "availabilityViewInterval": 60, **further,
    }  # fmt: skip
    return tenant.graph("POST", f"{P}/calendar/getSchedule", json=question)


def test_free_and_busy_times(tenant: Tenant) -> None:
    for subject, start, end, shows in (("a", "08:30", "09:00", "tentative"), ("b", "08:45", "09:15", "busy"),
                                       ("c", "10:00", "11:00", "oof"), ("d", "11:00", "11:30", "workingElsewhere"),
                                       ("e", "08:00", "12:00", "free")):  # fmt: skip
        private = {"sensitivity": "private"} if subject == "c" else {}
        times = {"start": at(f"2026-12-01T{start}"), "end": at(f"2026-12-01T{end}")}
        tenant.json("POST", E, json=visit(subject, showAs=shows, **times, **private))
    one, nobody, foreign = _ask(tenant, schedules=[PIET, "nobody@x.example", JANA]).json()["value"]
    assert (one["scheduleId"], one["availabilityView"]) == (PIET, "2234")
    items = {item.get("subject"): item for item in one["scheduleItems"]}
    assert items[None]["isPrivate"]
    assert items[None]["status"] == "oof"
    assert set(items) == {"a", "b", "d", "e", None}
    assert items["a"]["start"] == {"dateTime": "2026-12-01T07:30:00.0000000", "timeZone": "UTC"}
    assert one["workingHours"]["timeZone"]["name"] == "W. Europe Standard Time"
    for other in (nobody, foreign):
        assert other["error"]["responseCode"] == "ErrorMailRecipientNotFound"
        assert "workingHours" not in other


def test_the_view_follows_the_clock_change(tenant: Tenant) -> None:
    tenant.json("POST", E, json=visit(start=at("2026-10-25T09:00:00"), end=at("2026-10-25T10:00:00")))
    window = {"startTime": at("2026-10-25T00:00:00"), "endTime": at("2026-10-26T00:00:00")}
    (one,) = _ask(tenant, **window).json()["value"]
    assert len(one["availabilityView"]) == 25
    assert one["availabilityView"].index("2") == 10


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"schedules": []}, "ErrorInvalidParameter"),
        ({"schedules": [f"a{n}@x.example" for n in range(21)]}, "ErrorMailboxDataArrayTooBig"),
        ({"endTime": at("2027-02-02T08:00:01")}, "ErrorTimeIntervalTooBig"),
        ({"endTime": at("2026-12-01T08:00:00")}, "ErrorInvalidTimeInterval"),
        ({"availabilityViewInterval": 4}, "ErrorInvalidMergedFreeBusyInterval"),
        ({"availabilityViewInterval": 241}, "ErrorInvalidMergedFreeBusyInterval"),
        ({"startTime": at("2026-12-01T08:00:00", "Nowhere")}, "TimeZoneNotSupportedException"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_schedules_that_graph_refuses(tenant: Tenant, wrong: dict[str, Any], code: str) -> None:
    answer = _ask(tenant, **wrong)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_staff_have_two_weeks_of_their_own_at_the_start(tenant: Tenant) -> None:
    tenant.control("POST", "/reset")
    tenant.token = tenant.app_token()
    staff = [
        one["mail"] for one in tenant.control("GET", "/people").json() if one["role"] not in ("customer", "mailbox")
    ]
    today = datetime.now(UTC)
    for mail in staff:
        events = tenant.control("GET", f"/calendars/{mail}").json()
        assert len(events) >= 2
        starts = [datetime.fromisoformat(event["start"]["dateTime"][:19]).replace(tzinfo=UTC) for event in events]
        assert today - timedelta(days=8) < min(starts)
        assert max(starts) < today + timedelta(days=14)
        assert all(start.weekday() < 5 or start.hour == 23 for start in starts)
    piet = tenant.control("GET", f"/calendars/{PIET}").json()
    assert any(event["sensitivity"] == "private" for event in piet)
    assert any(event["responseStatus"]["response"] == "notResponded" for event in piet)
    assert tenant.sent() == []
