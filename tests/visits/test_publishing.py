"""A visit stands in the technician's calendar: once, and as it was agreed."""

from tests.visits.conftest import AYLIN, PIET, Case


def test_a_visit_becomes_an_event_of_the_technician(case: Case) -> None:
    visit_id = case.plan(note="Leiter mitbringen")
    case.settle()
    (event,) = case.calendar()
    assert event["subject"] == "Möbelwerk Tressow GmbH: Drucker druckt nicht"
    assert f"/tickets/{case.ticket.number}" in event["body"]["content"]
    assert "Leiter mitbringen" in event["body"]["content"]
    assert event["start"]["dateTime"].startswith("2026-12-01T08:00"), "UTC"
    assert event["categories"] == ["Deskside"]
    assert event["location"]["displayName"] == "Halle 2"
    assert event["attendees"] == []
    assert [one["value"] for one in event["singleValueExtendedProperties"]] == [event["transactionId"]]
    assert case.visit(visit_id).published == "published"
