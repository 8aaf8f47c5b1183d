"""Events of one calendar: made, read, found, changed, deleted; times and zones."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.sandbox.tenant import IMMUTABLE, JANA, PIET, Tenant, at, visit

pytestmark = pytest.mark.slow

E = f"/users/{PIET}/events"
KEY = "String {7c1b9a52-33a4-4f0e-9a39-3f0c3d3f0f10} Name DesksideVisit"


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_an_event_comes_back_whole(tenant: Tenant) -> None:
    made = tenant.json(
        "POST", E,
        json=visit(
            body={"contentType": "text", "content": "Router\ntauschen"}, location={"displayName": "Hafenstr. 3"},
            categories=["Deskside"], showAs="oof", sensitivity="private", reminderMinutesBeforeStart=30,
            isReminderOn=True, hideAttendees=True, allowNewTimeProposals=False, importance="high",
            transactionId="11111111-2222-4333-8444-555555555555",
        ),
    )  # fmt: skip
    read = tenant.json("GET", f"{E}/{made['id']}", headers={"Prefer": 'outlook.body-content-type="text"'})
    wanted = {
        "subject": "Vor-Ort-Termin", "categories": ["Deskside"], "showAs": "oof", "sensitivity": "private",
        "importance": "high", "isReminderOn": True, "reminderMinutesBeforeStart": 30, "hideAttendees": True,
        "allowNewTimeProposals": False, "isAllDay": False, "isOrganizer": True, "isCancelled": False,
        "type": "singleInstance", "originalStartTimeZone": "Europe/Berlin", "originalEndTimeZone": "Europe/Berlin",
        "transactionId": "11111111-2222-4333-8444-555555555555", "attendees": [],
        "start": {"dateTime": "2026-12-01T08:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-01T09:00:00.0000000", "timeZone": "UTC"},
        "body": {"contentType": "text", "content": "Router\ntauschen"},
    }  # fmt: skip
    assert {name: read[name] for name in wanted} == wanted
    assert read["organizer"]["emailAddress"] == {"name": "Piet Hagenauer", "address": PIET}
    assert read["location"]["displayName"] == read["locations"][0]["displayName"] == "Hafenstr. 3"
    assert read["responseStatus"] == {"response": "organizer", "time": "0001-01-01T00:00:00Z"}
    assert len(read["iCalUId"]) == 112
    assert read["iCalUId"].startswith("040000008200E00074C5B7101A82E008")
    assert read["@odata.etag"] == f'W/"{read["changeKey"]}"'
    assert made["iCalUId"] == read["iCalUId"]


def test_the_same_transaction_makes_one_event(tenant: Tenant) -> None:
    first = tenant.graph("POST", E, json=visit(transactionId="t-1"), want=201).json()
    again = tenant.graph("POST", E, json=visit(transactionId="t-1"), want=201).json()
    assert again["id"] == first["id"]
    assert len(tenant.json("GET", E)["value"]) == 1
    other = tenant.graph("POST", E, json=visit("Anderes", transactionId="t-1"))
    assert _code(other) == (409, "ErrorDuplicateTransactionId")
    change = tenant.graph("PATCH", f"{E}/{first['id']}", json={"transactionId": "t-2"})
    assert _code(change) == (400, "ErrorInvalidRequest")
    without = tenant.json("POST", E, json=visit())
    assert "transactionId" not in without
    assert without["id"] != first["id"]


def test_a_creation_whose_answer_is_lost_happens_once(tenant: Tenant) -> None:
    tenant.control("POST", "/faults", json={"match": f"POST {E}$", "status": 504, "times": 2, "after_effect": True})
    answers = [tenant.graph("POST", E, json=visit(transactionId="t-2")).status_code for _ in range(3)]
    assert answers == [504, 504, 201]
    assert len(tenant.json("GET", E)["value"]) == 1


@pytest.mark.parametrize(
    ("zone", "start", "utc"),
    [
        ("Europe/Berlin", "2026-10-24T09:00:00", "2026-10-24T07:00:00"),
        ("Europe/Berlin", "2026-10-25T09:00:00", "2026-10-25T08:00:00"),
        ("W. Europe Standard Time", "2026-10-25T01:30:00", "2026-10-24T23:30:00"),
        ("Europe/Berlin", "2027-03-27T09:00:00", "2027-03-27T08:00:00"),
        ("W. Europe Standard Time", "2027-03-28T09:00:00", "2027-03-28T07:00:00"),
        ("Europe/Madrid", "2027-03-28T09:00:00", "2027-03-28T07:00:00"),
        ("GMT Standard Time", "2027-03-28T09:00:00", "2027-03-28T08:00:00"),
        ("Europe/Lisbon", "2026-10-25T09:00:00", "2026-10-25T09:00:00"),
        ("UTC", "2026-12-01T09:00:00.0000000", "2026-12-01T09:00:00"),
    ],
)
def test_wall_times_hold_across_clock_changes(tenant: Tenant, zone: str, start: str, utc: str) -> None:
    made = tenant.json("POST", E, json=visit(start=at(start, zone), end=at(start, zone)))
    assert made["start"] == {"dateTime": f"{utc}.0000000", "timeZone": "UTC"}
    assert made["originalStartTimeZone"] == zone
    local = tenant.json("GET", f"{E}/{made['id']}", headers={"Prefer": f'outlook.timezone="{zone}"'})
    assert local["start"] == {"dateTime": f"{start[:19]}.0000000", "timeZone": zone}


def test_an_event_over_the_lost_hour_is_an_hour_shorter(tenant: Tenant) -> None:
    for night, start, end in (
        ("2027-03-28", "2027-03-28T00:00:00", "2027-03-28T04:00:00"),
        ("2026-10-25", "2026-10-24T23:00:00", "2026-10-25T05:00:00"),
    ):
        made = tenant.json("POST", E, json=visit(start=at(f"{night}T01:00:00"), end=at(f"{night}T06:00:00")))
        assert (made["start"]["dateTime"][:19], made["end"]["dateTime"][:19]) == (start, end)


def test_all_day_events_are_days_in_every_zone(tenant: Tenant) -> None:
    days: dict[str, Any] = {"start": at("2026-10-25T00:00:00"), "end": at("2026-10-26T00:00:00"), "isAllDay": True}
    made = tenant.json("POST", E, json=visit(**days))
    assert made["isAllDay"]
    assert made["start"]["dateTime"] == "2026-10-25T00:00:00.0000000"
    for wrong in ({"start": at("2026-10-25T08:00:00")}, {"end": at("2026-10-25T00:00:00")}):
        answer = tenant.graph("POST", E, json=visit(**{**days, **wrong}))
        assert _code(answer) == (400, "ErrorPropertyValidationFailure")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (
            {"start": {"dateTime": "2026-12-01T09:00:00", "timeZone": "Europe/Atlantis"}},
            "TimeZoneNotSupportedException",
        ),
        ({"start": {"dateTime": "2026-12-01T09:00:00"}}, "TimeZoneNotSupportedException"),
        ({"start": at("tomorrow")}, "RequestBodyRead"),
        ({"start": "2026-12-01T09:00:00"}, "ErrorInvalidRequest"),
        ({"end": at("2026-12-01T08:00:00")}, "ErrorPropertyValidationFailure"),
        ({"recurrence": {"pattern": {"type": "daily"}}}, "ErrorInvalidRequest"),
        ({"showAs": "asleep"}, "RequestBodyRead"),
        ({"isAllDay": "yes"}, "RequestBodyRead"),
        ({"colour": "red"}, "RequestBodyRead"),
        ({"attendees": [{"emailAddress": {"address": "nobody"}}]}, "ErrorInvalidRecipients"),
        (
            {"attendees": [{"emailAddress": {"address": f"a{n}@x.example"}} for n in range(501)]},
            "ErrorInvalidRecipients",
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_graph_refuses_is_refused(tenant: Tenant, wrong: dict[str, Any], code: str) -> None:
    assert _code(tenant.graph("POST", E, json=visit(**wrong))) == (400, code)
    assert tenant.json("GET", E)["value"] == []


def test_start_and_end_are_needed(tenant: Tenant) -> None:
    assert _code(tenant.graph("POST", E, json={"subject": "x"})) == (400, "ErrorInvalidRequest")


def test_a_change_changes_the_key_and_if_match_is_honoured(tenant: Tenant) -> None:
    made = tenant.json("POST", E, json=visit())
    changed = tenant.json(
        "PATCH", f"{E}/{made['id']}", json={"subject": "A"}, headers={"If-Match": made["@odata.etag"]}
    )
    assert changed["changeKey"] != made["changeKey"]
    assert changed["subject"] == "A"
    assert changed["start"] == made["start"]
    assert changed["iCalUId"] == made["iCalUId"]
    stale = {"If-Match": made["@odata.etag"]}
    for method, body in (("PATCH", {"subject": "B"}), ("DELETE", None)):
        answer = tenant.graph(method, f"{E}/{made['id']}", headers=stale, json=body)
        assert _code(answer) == (412, "ErrorIrresolvableConflict")
    tenant.graph("DELETE", f"{E}/{made['id']}", headers={"If-Match": "*"}, want=204)
    assert _code(tenant.graph("GET", f"{E}/{made['id']}")) == (404, "ErrorItemNotFound")


def test_immutable_ids_by_preference(tenant: Tenant) -> None:
    made = tenant.graph("POST", E, json=visit(), headers=IMMUTABLE, want=201)
    plain = tenant.json("GET", E)["value"][0]
    assert made.headers["Preference-Applied"] == 'IdType="ImmutableId"'
    assert made.json()["id"] != plain["id"]
    for key in (made.json()["id"], plain["id"]):
        assert tenant.json("GET", f"{E}/{key}")["iCalUId"] == plain["iCalUId"]


def test_the_own_key_finds_the_event(tenant: Tenant) -> None:
    tenant.json("POST", E, json=visit("other"))
    made = tenant.json("POST", E, json=visit(singleValueExtendedProperties=[{"id": KEY, "value": "visit-7"}]))
    found = tenant.json(
        "GET",
        f"{E}?$filter=singleValueExtendedProperties/any(ep: ep/id eq '{KEY}' and ep/value eq 'visit-7')"
        f"&$expand=singleValueExtendedProperties($filter=id eq '{KEY}')",
    )["value"]
    assert [event["id"] for event in found] == [made["id"]]
    assert found[0]["singleValueExtendedProperties"] == [{"id": KEY, "value": "visit-7"}]
    assert "singleValueExtendedProperties" not in tenant.json("GET", f"{E}/{made['id']}")
    nothing = f"{E}?$filter=singleValueExtendedProperties/any(ep: ep/id eq '{KEY}' and ep/value eq 'visit-8')"
    assert tenant.json("GET", nothing)["value"] == []


def test_lists_are_filtered_sorted_and_paged(tenant: Tenant) -> None:
    for day in (3, 1, 2):
        tenant.json(
            "POST", E, json=visit(f"d{day}", start=at(f"2026-12-0{day}T09:00:00"), end=at(f"2026-12-0{day}T10:00:00"))
        )
    first = tenant.json("GET", f"{E}?$orderby=start/dateTime desc&$top=2&$select=subject&$count=true")
    assert [event["subject"] for event in first["value"]] == ["d3", "d2"]
    assert first["@odata.count"] == 3
    assert set(first["value"][0]) == {"@odata.etag", "id", "subject"}
    rest = tenant.json("GET", first["@odata.nextLink"])
    assert [event["subject"] for event in rest["value"]] == ["d1"]
    assert "@odata.nextLink" not in rest
    some = tenant.json("GET", f"{E}?$filter=start/dateTime ge '2026-12-02T00:00' and subject ne 'd3'")["value"]
    assert [event["subject"] for event in some] == ["d2"]
    uid = tenant.json("GET", f"{E}?$filter=iCalUId eq '{_uid(tenant, 'd1')}'")["value"]
    assert [event["subject"] for event in uid] == ["d1"]
    for wrong in ("$filter=colour eq 'red'", "$orderby=colour", "$select=colour", "$search=x", "$expand=attachments"):
        assert tenant.graph("GET", f"{E}?{wrong}").status_code == 400


def _uid(tenant: Tenant, subject: str) -> str:
    return str(tenant.json("GET", f"{E}?$filter=subject eq '{subject}'")["value"][0]["iCalUId"])


def test_the_view_gives_what_touches_the_window(tenant: Tenant) -> None:
    for subject, start, end in (("before", "07:00", "08:00"), ("into", "07:30", "08:30"), ("in", "09:00", "09:30"),
                                ("out of", "09:45", "11:00"), ("after", "10:00", "11:00")):  # fmt: skip
        tenant.json("POST", E, json=visit(subject, start=at(f"2026-12-01T{start}"), end=at(f"2026-12-01T{end}")))
    window = f"startDateTime={quote('2026-12-01T08:00:00+01:00')}&endDateTime=2026-12-01T09:00:00"
    found = tenant.json("GET", f"/users/{PIET}/calendarView?{window}")["value"]
    assert [event["subject"] for event in found] == ["into", "in", "out of"]
    for wrong in ("", "startDateTime=2026-12-01T08:00:00Z", "startDateTime=x&endDateTime=y",
                  "startDateTime=2026-01-01T00:00:00Z&endDateTime=2032-01-01T00:00:00Z",
                  "startDateTime=2026-02-01T00:00:00Z&endDateTime=2026-01-01T00:00:00Z"):  # fmt: skip
        assert tenant.graph("GET", f"/users/{PIET}/calendarView?{wrong}").status_code == 400


def test_preferred_zones_are_checked_and_confirmed(tenant: Tenant) -> None:
    tenant.json("POST", E, json=visit())
    good = tenant.graph("GET", E, headers={"Prefer": 'outlook.timezone="Romance Standard Time"'}, want=200)
    assert good.headers["Preference-Applied"] == 'outlook.timezone="Romance Standard Time"'
    assert good.json()["value"][0]["start"] == at("2026-12-01T09:00:00.0000000", "Romance Standard Time")
    bad = tenant.graph("GET", E, headers={"Prefer": 'outlook.timezone="Nowhere"'})
    assert _code(bad) == (400, "TimeZoneNotSupportedException")


def test_other_tenants_and_tokens_without_the_role_stay_out(tenant: Tenant) -> None:
    assert _code(tenant.graph("GET", f"/users/{JANA}/events")) == (404, "ErrorInvalidUser")
    minted = tenant.control("POST", "/token", json={"app": True, "overrides": {"roles": ["Mail.ReadWrite"]}}).json()
    answer = tenant.graph("GET", E, headers={"Authorization": f"Bearer {minted['access_token']}"})
    assert _code(answer) == (403, "ErrorAccessDenied")


def test_everybody_has_one_calendar(tenant: Tenant) -> None:
    found = tenant.json("GET", f"/users/{PIET}/calendar")
    assert found["isDefaultCalendar"]
    assert found["owner"]["address"] == PIET
    assert found["id"] != tenant.json("GET", "/users/lena.brandis@nordlicht-it.example/calendar")["id"]
