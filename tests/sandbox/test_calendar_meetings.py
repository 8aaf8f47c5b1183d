"""Meetings: copies, invitations, answers, cancellations; the control calls of a person in Outlook."""

import re
from email import message_from_bytes, policy
from typing import Any

import pytest

from tests.sandbox.tenant import AYLIN, JANA, PIET, Tenant, at, invited, visit

pytestmark = pytest.mark.slow

E, A = f"/users/{PIET}/events", f"/users/{AYLIN}/events"
OUTSIDE = "kunde@anderswo.example"


def _only(tenant: Tenant, events: str) -> dict[str, Any]:
    (found,) = tenant.json("GET", events)["value"]
    return dict(found)


def _calendars(tenant: Tenant, mail: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tenant.control("GET", f"/calendars/{mail}").json()
    return found


def _ical(tenant: Tenant, key: str) -> str:
    """The calendar part of a sent mail, unfolded."""
    message = message_from_bytes(tenant.sent_mime(key), policy=policy.default)
    part = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    text = part.get_content()
    assert part["Content-Type"].params["method"] == re.search(r"METHOD:(\w+)", text)[1]  # type: ignore[index]
    return str(text).replace("\r\n", "\n").replace("\n ", "")


def test_an_invitation_reaches_calendars_and_mailboxes(tenant: Tenant) -> None:
    place = {"displayName": "Hafenstr. 3, Hinterhaus; 2. Stock"}
    made = tenant.json("POST", E, json=visit(attendees=invited(AYLIN, JANA, OUTSIDE), location=place))
    theirs = _only(tenant, A)
    assert theirs["iCalUId"] == made["iCalUId"]
    assert theirs["id"] != made["id"]
    assert (theirs["isOrganizer"], theirs["showAs"]) == (False, "tentative")
    assert theirs["responseStatus"]["response"] == "notResponded"
    assert theirs["organizer"]["emailAddress"]["address"] == PIET
    assert [event["iCalUId"] for event in _calendars(tenant, JANA)] == [made["iCalUId"]]
    (sent,) = tenant.sent()
    assert (sent["mailbox"], sent["to"]) == (PIET, [AYLIN, JANA, OUTSIDE])
    ical = _ical(tenant, sent["id"])
    for line in (
        "METHOD:REQUEST", f"UID:{made['iCalUId']}", "SEQUENCE:0", "DTSTART:20261201T080000Z", "DTEND:20261201T090000Z",
        r"LOCATION:Hafenstr. 3\, Hinterhaus\; 2. Stock", "SUMMARY:Vor-Ort-Termin", "STATUS:CONFIRMED",
    ):  # fmt: skip
        assert line in ical.splitlines()
    inbox = tenant.json("GET", f"/users/{AYLIN}/mailFolders/inbox/messages?$expand=attachments")["value"]
    assert [mail["subject"] for mail in inbox] == ["Vor-Ort-Termin"]
    assert [part["contentType"] for part in inbox[0]["attachments"]] == ["text/calendar"]


def test_hidden_attendees_see_only_themselves(tenant: Tenant) -> None:
    tenant.json("POST", E, json=visit(attendees=invited(AYLIN, OUTSIDE), hideAttendees=True))
    assert [one["emailAddress"]["address"] for one in _only(tenant, A)["attendees"]] == [AYLIN]
    sent = tenant.sent()
    assert [mail["to"] for mail in sent] == [[AYLIN], [OUTSIDE]]
    assert AYLIN not in _ical(tenant, sent[1]["id"])
    assert OUTSIDE not in _ical(tenant, sent[0]["id"])


def test_a_moved_meeting_is_asked_again(tenant: Tenant) -> None:
    made = tenant.json("POST", E, json=visit(attendees=invited(AYLIN, OUTSIDE)))
    tenant.graph("POST", f"{A}/{_only(tenant, A)['id']}/accept", json={"sendResponse": True}, want=202)
    before = _only(tenant, A)
    assert before["showAs"] == "busy"
    assert before["responseStatus"]["response"] == "accepted"
    moved = tenant.json(
        "PATCH", f"{E}/{made['id']}", json={"start": at("2026-12-02T09:00"), "end": at("2026-12-02T10:00")}
    )
    after = _only(tenant, A)
    assert after["id"] == before["id"]
    assert after["start"] == moved["start"]
    assert after["responseStatus"]["response"] == "notResponded"
    assert after["changeKey"] != before["changeKey"]
    assert {one["status"]["response"] for one in moved["attendees"]} == {"none"}
    last = tenant.sent()[-1]
    assert last["to"] == [AYLIN, OUTSIDE]
    assert "SEQUENCE:1" in _ical(tenant, last["id"]).splitlines()


def test_what_concerns_only_the_owner_is_told_to_nobody(tenant: Tenant) -> None:
    made = tenant.json("POST", E, json=visit(attendees=invited(AYLIN)))
    theirs, mails = _only(tenant, A)["changeKey"], len(tenant.sent())
    local = {"categories": ["x"], "isReminderOn": False, "showAs": "oof", "subject": made["subject"]}
    assert tenant.json("PATCH", f"{E}/{made['id']}", json=local)["changeKey"] != made["changeKey"]
    assert _only(tenant, A)["changeKey"] == theirs
    assert len(tenant.sent()) == mails


def test_attendees_come_and_go(tenant: Tenant) -> None:
    made = tenant.json("POST", E, json=visit(attendees=invited(AYLIN)))
    tenant.json("PATCH", f"{E}/{made['id']}", json={"attendees": invited(JANA)})
    gone = _only(tenant, A)
    assert gone["isCancelled"]
    assert gone["showAs"] == "free"
    assert gone["subject"] == "Canceled: Vor-Ort-Termin"
    assert len(_calendars(tenant, JANA)) == 1
    new = [(mail["to"], re.search(r"METHOD:(\w+)", _ical(tenant, mail["id"]))[1]) for mail in tenant.sent()[1:]]  # type: ignore[index]
    assert new == [([JANA], "REQUEST"), ([AYLIN], "CANCEL")]


@pytest.mark.parametrize(
    ("verb", "response", "shows"),
    [("accept", "accepted", "busy"), ("tentativelyAccept", "tentativelyAccepted", "tentative")],
)
def test_an_answer_reaches_the_organizer(tenant: Tenant, verb: str, response: str, shows: str) -> None:
    made = tenant.json("POST", E, json=visit(attendees=invited(AYLIN)))
    key = _only(tenant, A)["id"]
    tenant.graph("POST", f"{A}/{key}/{verb}", json={"comment": "Gern", "sendResponse": True}, want=202)
    mine, theirs = tenant.json("GET", f"{E}/{made['id']}"), _only(tenant, A)
    assert mine["attendees"][0]["status"]["response"] == theirs["responseStatus"]["response"] == response
    assert mine["attendees"][0]["status"]["time"].startswith("20")
    assert mine["changeKey"] != made["changeKey"]
    assert theirs["showAs"] == shows
    reply = tenant.sent()[-1]
    assert (reply["mailbox"], reply["to"]) == (AYLIN, [PIET])
    assert "METHOD:REPLY" in _ical(tenant, reply["id"])
    assert "COMMENT:Gern" in _ical(tenant, reply["id"])


def test_a_declined_meeting_leaves_the_calendar_and_a_new_time_is_proposed(tenant: Tenant) -> None:
    made = tenant.json("POST", E, json=visit(attendees=invited(AYLIN)))
    slot = {"start": at("2026-12-03T14:00:00"), "end": at("2026-12-03T15:00:00")}
    tenant.graph("POST", f"{A}/{_only(tenant, A)['id']}/decline", json={"proposedNewTime": slot}, want=202)
    assert tenant.json("GET", A)["value"] == []
    one = tenant.json("GET", f"{E}/{made['id']}", headers={"Prefer": 'outlook.timezone="Europe/Berlin"'})["attendees"][
        0
    ]
    assert one["status"]["response"] == "declined"
    assert one["proposedNewTime"]["start"] == at("2026-12-03T14:00:00.0000000")


def test_answers_that_graph_refuses(tenant: Tenant) -> None:
    made = tenant.json("POST", E, json=visit(attendees=invited(AYLIN), allowNewTimeProposals=False))
    key = _only(tenant, A)["id"]
    slot = {"start": at("2026-12-03T14:00:00"), "end": at("2026-12-03T15:00:00")}
    for path, body in (
        (f"{E}/{made['id']}/accept", {}),
        (f"{A}/{key}/decline", {"proposedNewTime": slot}),
        (f"{A}/{key}/cancel", {}),
    ):
        answer = tenant.graph("POST", path, json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "ErrorInvalidRequest")
    tenant.graph("PATCH", f"{A}/{key}", json={"attendees": []}, want=400)
    assert _only(tenant, A)["responseStatus"]["response"] == "notResponded"


def test_a_quiet_answer_stays_with_the_attendee(tenant: Tenant) -> None:
    made = tenant.json("POST", E, json=visit(attendees=invited(AYLIN)))
    tenant.graph("POST", f"{A}/{_only(tenant, A)['id']}/accept", json={"sendResponse": False}, want=202)
    assert tenant.json("GET", f"{E}/{made['id']}")["attendees"][0]["status"]["response"] == "none"
    assert len(tenant.sent()) == 1


@pytest.mark.parametrize("way", ["cancel", "delete"])
def test_the_organizer_calls_it_off(tenant: Tenant, way: str) -> None:
    made = tenant.json("POST", E, json=visit(attendees=invited(AYLIN, OUTSIDE)))
    if way == "cancel":
        tenant.graph("POST", f"{E}/{made['id']}/cancel", json={"comment": "Krank"}, want=202)
    else:
        tenant.graph("DELETE", f"{E}/{made['id']}", want=204)
    assert tenant.json("GET", E)["value"] == []
    theirs = _only(tenant, A)
    assert theirs["isCancelled"]
    assert theirs["subject"].startswith("Canceled: ")
    last = tenant.sent()[-1]
    assert last["to"] == [AYLIN, OUTSIDE]
    assert last["subject"] == "Canceled: Vor-Ort-Termin"
    ical = _ical(tenant, last["id"])
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:1"} <= set(ical.splitlines())
    tenant.graph("POST", f"{A}/{theirs['id']}/accept", json={}, want=400)
    tenant.graph("DELETE", f"{A}/{theirs['id']}", want=204)


def test_a_person_moves_and_deletes_in_outlook(tenant: Tenant) -> None:
    made = tenant.json("POST", E, json=visit(attendees=invited(AYLIN)))
    path = f"/calendars/{PIET}/events/{made['id']}"
    moved = tenant.control(
        "PATCH", path, json={"start": "2026-12-02T13:00:00", "end": "2026-12-02T14:30:00+01:00"}
    ).json()
    assert moved["start"]["dateTime"] == "2026-12-02T12:00:00.0000000"
    assert moved["end"]["dateTime"] == "2026-12-02T13:30:00.0000000"
    assert moved["originalStartTimeZone"] == "Europe/Berlin"
    theirs = _calendars(tenant, AYLIN)[0]
    assert theirs["start"] == moved["start"]
    tenant.control("DELETE", f"/calendars/{AYLIN}/events/{theirs['id']}")
    assert _calendars(tenant, AYLIN) == []
    assert _calendars(tenant, PIET)[0]["attendees"][0]["status"]["response"] == "declined"
    tenant.control("DELETE", path)
    assert _calendars(tenant, PIET) == []


def test_people_here_and_outside_answer(tenant: Tenant) -> None:
    made = tenant.json("POST", E, json=visit(attendees=invited(AYLIN, OUTSIDE)))
    path = f"/calendars/{PIET}/events/{made['id']}/answer"
    tenant.control("POST", path, json={"by": AYLIN, "response": "accepted"})
    proposal = {"proposedStart": "2026-12-04T09:00:00", "proposedEnd": "2026-12-04T10:00:00"}
    tenant.control("POST", path, json={"by": OUTSIDE, "response": "tentativelyAccepted", **proposal})
    one, other = _calendars(tenant, PIET)[0]["attendees"]
    assert (one["status"]["response"], other["status"]["response"]) == ("accepted", "tentativelyAccepted")
    assert other["proposedNewTime"]["start"]["dateTime"] == "2026-12-04T08:00:00.0000000"
    assert _calendars(tenant, AYLIN)[0]["responseStatus"]["response"] == "accepted"
    inbox = tenant.json("GET", f"/users/{PIET}/mailFolders/inbox/messages")["value"]
    assert {mail["from"]["emailAddress"]["address"] for mail in inbox} == {AYLIN, OUTSIDE}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"by": "stranger@x.example", "response": "accepted"}, 400),
        ({"by": PIET, "response": "declined"}, 400),
        ({"by": AYLIN, "response": "maybe"}, 400),
        ({"by": AYLIN, "response": "accepted", "proposedStart": "2026-12-04T09:00:00"}, 400),
        ({"by": AYLIN, "response": "declined", "proposedStart": "later", "proposedEnd": "x"}, 400),
    ],
    ids=str,
)
def test_answers_that_make_no_sense(tenant: Tenant, body: dict[str, str], status: int) -> None:
    made = tenant.json("POST", E, json=visit(attendees=invited(AYLIN)))
    answer = tenant.http.post(f"/_sandbox/calendars/{PIET}/events/{made['id']}/answer", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert _only(tenant, A)["responseStatus"]["response"] == "notResponded"


def test_unknown_calendars_and_events(tenant: Tenant) -> None:
    assert tenant.http.get("/_sandbox/calendars/nobody@x.example").status_code == 404
    assert tenant.http.delete(f"/_sandbox/calendars/{PIET}/events/none").status_code == 404
    made = tenant.json("POST", E, json=visit())
    wrong = tenant.http.patch(f"/_sandbox/calendars/{PIET}/events/{made['id']}", json={"end": "2026-11-01T09:00:00"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "ErrorPropertyValidationFailure")
