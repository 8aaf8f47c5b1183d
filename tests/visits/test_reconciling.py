"""Each visit is compared with its event, and what differs is mended: ours only, once, and nobody hears of it twice."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from backend.db import session
from backend.errors import OutsideDown
from backend.jobs import TryAgainIn
from backend.microsoft import calendar
from backend.visits.actions import following
from backend.visits.models import VisitEvent
from backend.visits.outgoing import standing
from backend.visits.problems import FORBIDDEN
from tests.visits.conftest import PIET, Case

pytestmark = pytest.mark.slow
_KEY = "String {6f0a7c52-6a0e-4c57-9d0b-6d6576697369} Name DesksideVisit"


def _by_hand(case: Case, key: str = "", subject: str = "Von Hand") -> dict[str, Any]:
    """An event that we did not make; with `key` it carries our property, as a copy of one of ours does."""
    made: dict[str, Any] = {
        "subject": subject,
        "start": {"dateTime": "2031-12-01T09:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2031-12-01T11:00:00", "timeZone": "Europe/Berlin"},
    }
    if key:
        made["singleValueExtendedProperties"] = [{"id": _KEY, "value": key}]
    token = case.world.sandbox.post("/_sandbox/token", json={"app": True}).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = case.world.sandbox.post(f"/v1.0/users/{PIET}/events", json=made, headers=headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def _event(case: Case, visit_id: int) -> VisitEvent:
    with case.world.rows():
        return session.scalars(select(VisitEvent).where(VisitEvent.visit_id == visit_id)).one()


def _sql(case: Case, statement: str, *values: object) -> None:
    with case.world.rows():
        session.connection().exec_driver_sql(statement, values)


def _swept(case: Case) -> None:
    case.world.run("visits.sweep")
    case.settle()


def test_of_two_events_with_one_key_one_goes_and_nobody_is_told(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    (ours,) = case.calendar()
    _by_hand(case, _event(case, visit_id).key)
    kept = [_by_hand(case, "another-installation")["id"], _by_hand(case)["id"]]
    letters = len(case.letters())
    _swept(case)
    assert sorted(one["id"] for one in case.calendar()) == sorted([ours["id"], *kept])
    assert case.visit(visit_id).state == "planned"
    assert (case.verbs(), len(case.letters())) == (["visit_planned", "visit_told"], letters)


def test_what_does_not_carry_our_key_is_never_taken_away(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    foreign = _by_hand(case)["id"]
    case.world.run("visits.take_away", visit_event_id=_event(case, visit_id).id, event_id=foreign)
    assert foreign in [one["id"] for one in case.calendar()]


def test_an_event_that_came_after_it_was_called_off_goes(case: Case) -> None:
    """Taking it away found nothing yet: the creation was still under way."""
    visit_id = case.plan()
    case.world.misbehave(r"POST /v1.0/users/[^/]+/events$", status=504, after_effect=True, times=1)
    with pytest.raises(OutsideDown):
        case.world.run("visits.publish", visit_id=visit_id)
    case.cancel(visit_id)
    _sql(case, "delete from procrastinate_jobs where status = 'todo'")
    _sql(case, "update visit_events set gone = true")
    assert len(case.calendar()) == 1
    _swept(case)
    assert case.calendar() == []


def test_what_is_made_while_it_is_called_off_is_taken_away_again(case: Case) -> None:
    visit_id = case.plan()
    event_id = _event(case, visit_id).id
    case.settle()
    with case.world.rows():
        event = session.get_one(VisitEvent, event_id)
        there = standing(calendar.read(PIET, str(event.event_id)))
        event.wanted, event.gone = False, True  # by a job that came between the creation and its answer
        session.flush()
        visit = case.visit(visit_id)
        assert not following.placed(visit, event, there, "words")
    case.world.run("visits.withdraw", visit_event_id=event_id)
    assert case.calendar() == []


def test_a_visit_that_stands_at_another_time_is_put_right(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    _sql(
        case,
        "update visits set start = start + interval '2 h', \"end\" = \"end\" + interval '2 h', "
        "starts_at = starts_at + interval '2 h', ends_at = ends_at + interval '2 h'",
    )
    _swept(case)
    assert case.calendar()[0]["start"]["dateTime"].startswith("2031-12-01T10:00")
    assert case.visit(visit_id).start == datetime(2031, 12, 1, 11)


def test_what_was_read_before_another_change_is_not_believed(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    (event,) = case.calendar()
    row = _event(case, visit_id)
    case.in_outlook(event, start="2031-12-01T13:00:00", end="2031-12-01T15:00:00")
    with case.world.rows():
        early = standing(calendar.read(PIET, str(row.event_id)))
    case.in_outlook(event, start="2031-12-01T14:00:00", end="2031-12-01T16:00:00")
    case.look()
    with case.world.rows():
        followed = following.follow(session.get_one(VisitEvent, row.id), early, row.change_key)
    case.settle()
    assert not followed
    assert case.visit(visit_id).start == datetime(2031, 12, 1, 14)
    assert case.verbs().count("visit_moved") == 1


def test_a_calendar_that_can_be_reached_again_gets_what_it_lacks(case: Case) -> None:
    case.world.misbehave(r"* /v1.0/users/[^/]+/events.*", status=403)
    visit_id = case.plan()
    case.settle()
    assert (case.visit(visit_id).published, case.visit(visit_id).error) == ("failed", FORBIDDEN)
    case.world.sandbox.delete("/_sandbox/faults")
    case.world.run("visits.mend")
    case.settle()
    assert (case.visit(visit_id).published, len(case.calendar())) == ("published", 1)


def test_two_quick_creations_that_were_answered_with_one_id_are_told_apart_by_their_keys(case: Case) -> None:
    first, second = case.plan(), case.plan("2031-12-02T09:00", "2031-12-02T10:00")
    case.settle()
    ids = {visit_id: _event(case, visit_id).event_id for visit_id in (first, second)}
    wrong = _event(case, second)
    _sql(case, "update visit_events set event_id = null where id = %s", wrong.id)
    _sql(
        case,
        "update visit_events set event_id = %s, change_key = %s where visit_id = %s",
        wrong.event_id,
        wrong.change_key,
        first,
    )
    with pytest.raises(TryAgainIn):
        case.world.run("visits.publish", visit_id=second)
    case.settle()
    case.world.run("visits.publish", visit_id=second)
    case.settle()
    assert {visit_id: _event(case, visit_id).event_id for visit_id in (first, second)} == ids
    assert [case.visit(one).start for one in (first, second)] == [datetime(2031, 12, 1, 9), datetime(2031, 12, 2, 9)]
    assert len(case.calendar()) == 2
    assert "visit_moved" not in case.verbs()


def test_what_shows_as_deleted_and_made_again_a_moment_later_is_not_called_off(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    row = _event(case, visit_id)
    case.out_of_outlook(case.calendar()[0])
    case.world.run("visits.look", visit_event_id=row.id, again=False)
    _by_hand(case, row.key)
    case.settle()
    assert case.visit(visit_id).state == "planned"
    assert (_event(case, visit_id).event_id != row.event_id, len(case.calendar())) == (True, 1)
    assert "visit_cancelled" not in case.verbs()
