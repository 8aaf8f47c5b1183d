"""A visit stands in the technician's calendar: once, and as it was agreed."""

from urllib.parse import unquote

import pytest
from sqlalchemy import select

from backend.db import session
from backend.errors import OutsideDown
from backend.visits.actions import try_again
from backend.visits.models import Visit, VisitEvent
from backend.visits.problems import FORBIDDEN, NO_CALENDAR
from tests.visits.conftest import AYLIN, PIET, Case

pytestmark = pytest.mark.slow
EVENTS = r"POST /v1.0/users/[^/]+/events$"


def test_a_visit_becomes_an_event_of_the_technician(case: Case) -> None:
    visit_id = case.plan(note="Leiter <b>mitbringen</b>")
    case.settle()
    (event,) = case.calendar()
    assert event["subject"] == "Möbelwerk Tressow GmbH: Drucker druckt nicht"
    assert f"/tickets/{case.ticket.number}" in event["body"]["content"]
    assert "Leiter &lt;b&gt;mitbringen&lt;/b&gt;" in event["body"]["content"]
    assert event["start"]["dateTime"].startswith("2031-12-01T08:00"), "UTC"
    assert event["originalStartTimeZone"] == "Europe/Berlin"
    assert event["categories"] == ["Deskside"]
    assert event["location"]["displayName"] == "Halle 2"
    assert event["attendees"] == []
    assert [one["value"] for one in event["singleValueExtendedProperties"]] == [event["transactionId"]]
    assert case.visit(visit_id).published == "published"


def test_a_moved_visit_moves_its_event(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    (before,) = case.calendar()
    case.move(visit_id, start="2031-12-02T14:00", end="2031-12-02T15:30", place="Tor 4")
    case.settle()
    (event,) = case.calendar()
    assert event["id"] == before["id"]
    assert event["start"]["dateTime"].startswith("2031-12-02T13:00")
    assert event["end"]["dateTime"].startswith("2031-12-02T14:30")
    assert event["location"]["displayName"] == "Tor 4"
    assert case.verbs().count("visit_moved") == 1


def test_what_is_told_again_and_is_so_already_is_neither_written_down_nor_published(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    (before,), asked = case.calendar(), len(case.requests())
    case.move(visit_id, start="2031-12-01T09:00", place=" Halle  2 ")
    case.world.run("visits.publish", visit_id=visit_id)
    case.settle()
    assert case.calendar()[0]["changeKey"] == before["changeKey"]
    assert len(case.requests()) == asked
    assert case.verbs() == ["visit_planned", "visit_told"]


def test_words_that_somebody_changed_in_outlook_stay_when_the_visit_moves(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    case.in_outlook(case.calendar()[0], subject="Drucker (Schlüssel beim Pförtner)")
    case.settle()
    case.move(visit_id, start="2031-12-01T10:00")
    case.settle()
    (event,) = case.calendar()
    assert event["subject"] == "Drucker (Schlüssel beim Pförtner)"
    assert event["start"]["dateTime"].startswith("2031-12-01T09:00")


def test_a_creation_that_timed_out_after_its_effect_makes_one_event(case: Case) -> None:
    visit_id = case.plan()
    case.world.misbehave(EVENTS, status=504, after_effect=True, times=1)
    with pytest.raises(OutsideDown):
        case.world.run("visits.publish", visit_id=visit_id)
    assert len(case.calendar()) == 1
    case.settle()
    assert len(case.calendar()) == 1
    assert case.visit(visit_id).published == "published"


def test_a_visit_that_moved_while_its_creation_was_unclear_is_one_event_at_the_new_time(case: Case) -> None:
    visit_id = case.plan()
    case.world.misbehave(EVENTS, drop=True, after_effect=True, times=1)
    with pytest.raises(OutsideDown):
        case.world.run("visits.publish", visit_id=visit_id)
    case.move(visit_id, start="2031-12-03T09:00", end="2031-12-03T10:00")
    case.settle()
    (event,) = case.calendar()
    assert event["start"]["dateTime"].startswith("2031-12-03T08:00")
    assert case.visit(visit_id).published == "published"


def test_publishing_twice_at_the_same_time_makes_one_event(case: Case) -> None:
    for hour in range(4):
        case.plan(f"2031-12-01T{9 + hour:02}:00", f"2031-12-01T{10 + hour:02}:00")
    with case.world.rows():
        for visit_id in session.scalars(select(Visit.id)).all():
            session.connection().exec_driver_sql(
                "insert into procrastinate_jobs (queue_name, task_name, args) values ('default', 'visits.publish', "
                f"'{{\"visit_id\": {visit_id}}}'::jsonb)"
            )
    case.world.work(concurrency=4)
    case.settle()
    assert len(case.calendar()) == 4


def test_another_technician_gets_the_event_and_the_first_one_loses_it(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    case.move(visit_id, technician=case.aylin)
    case.settle()
    assert case.calendar(PIET) == []
    (event,) = case.calendar(AYLIN)
    assert event["subject"].endswith("Drucker druckt nicht")
    case.move(visit_id, technician=case.piet)
    case.settle()
    assert len(case.calendar(PIET)) == 1
    assert case.calendar(AYLIN) == []
    assert "visit_cancelled" not in case.verbs(), "our own deletion is nobody's decision"


def test_a_technician_changed_before_the_first_event_was_made_leaves_none_behind(case: Case) -> None:
    visit_id = case.plan()
    case.world.misbehave(EVENTS, status=504, after_effect=True, times=1)
    with pytest.raises(OutsideDown):
        case.world.run("visits.publish", visit_id=visit_id)
    case.move(visit_id, technician=case.aylin)
    case.settle()
    assert case.calendar(PIET) == []
    assert len(case.calendar(AYLIN)) == 1


def test_a_cancelled_visit_leaves_the_calendar(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    case.cancel(visit_id)
    case.settle()
    assert case.calendar() == []
    case.cancel(visit_id)
    case.settle()
    assert case.verbs().count("visit_cancelled") == 1


def test_without_permission_the_visit_says_so_and_can_be_tried_again(case: Case) -> None:
    case.world.misbehave(r"* /v1.0/users/[^/]+/events.*", status=403)
    visit_id = case.plan()
    case.settle()
    assert (case.visit(visit_id).published, case.visit(visit_id).error) == ("failed", FORBIDDEN)
    case.world.sandbox.delete("/_sandbox/faults")
    with case.world.rows():
        try_again(session.get_one(Visit, visit_id), case.piet.who())
    case.settle()
    assert (case.visit(visit_id).published, case.visit(visit_id).error) == ("published", "")
    assert len(case.calendar()) == 1


def test_a_technician_without_a_mailbox_is_said_on_the_visit(case: Case) -> None:
    stranger = case.world.staff("Nobody Known")
    visit_id = case.plan(technician=stranger)
    case.settle()
    assert (case.visit(visit_id).published, case.visit(visit_id).error) == ("failed", NO_CALENDAR)


def test_events_of_others_are_neither_read_nor_changed(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    case.move(visit_id, start="2031-12-01T10:00")
    case.settle()
    case.world.run("visits.sweep")
    case.settle()
    case.cancel(visit_id)
    case.settle()
    with case.world.rows():
        ours = {one for one in session.scalars(select(VisitEvent.event_id)) if one}
    for request in case.requests():
        path = request["path"]
        if path.endswith("/events") and request["method"] == "GET":
            assert "singleValueExtendedProperties/any" in unquote(str(request["query"]))
        elif "/events/" in path:
            assert path.rpartition("/")[2] in ours
        else:
            assert request["method"] == "POST", path
