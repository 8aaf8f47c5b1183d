"""What technicians do in Outlook happens to the visit: once, without an echo, and never by mistake."""

from datetime import datetime, timedelta

import httpx
import pytest
from sqlalchemy import select

from backend import clock
from backend.db import session
from backend.notices import secret_word
from backend.tickets.models import Activity
from backend.visits.actions import try_again
from backend.visits.models import BusyBlock, CalendarWatch, Visit, VisitEvent
from backend.visits.problems import IMPOSSIBLE, MANY_GONE
from tests.visits.conftest import AYLIN, PIET, Case

pytestmark = pytest.mark.slow


def next_week() -> str:
    """Wednesday of next week (ISO): within what is asked for free and busy."""
    today = clock.local(clock.now(), "Europe/Berlin").date()
    return (today + timedelta(days=9 - today.weekday())).isoformat()


def followed(case: Case) -> None:
    """Microsoft tells of every change in the technicians' calendars."""
    case.world.run("visits.subscribe")
    case.settle()


def test_moved_in_outlook_moves_the_visit_once_and_tells_the_customer_once(case: Case) -> None:
    visit_id = case.plan()
    followed(case)
    assert len(case.letters()) == 1
    case.in_outlook(case.calendar()[0], start="2031-12-01T13:00:00", end="2031-12-01T15:00:00")
    case.settle()
    (after_move,) = case.calendar()
    visit = case.visit(visit_id)
    assert (visit.start, visit.end) == (datetime(2031, 12, 1, 13), datetime(2031, 12, 1, 15))
    assert visit.published == "published"
    assert case.verbs() == ["visit_planned", "visit_told", "visit_moved", "visit_told"]
    with case.world.rows():
        moved = session.scalars(select(Activity).where(Activity.verb == "visit_moved")).one()
        assert moved.actor_name == "Piet Hagenauer"
        assert moved.data["source"] == "outlook"
        assert "09:00" in moved.before
        assert "13:00" in moved.after
    assert len(case.letters()) == 2
    case.world.run("visits.sweep")
    case.settle()
    assert case.calendar()[0]["changeKey"] == after_move["changeKey"], "no echo"
    assert len(case.letters()) == 2


@pytest.mark.parametrize("notifications", ["3", "4"])
def test_many_notifications_of_one_change_are_one_activity(case: Case, notifications: str) -> None:
    visit_id = case.plan()
    followed(case)
    case.world.sandbox.post("/_sandbox/switches", json={"event_notifications": notifications})
    case.world.misbehave(notifications={"duplicate": 2, "reorder": True})
    case.in_outlook(case.calendar()[0], end="2031-12-01T10:00:00")
    case.settle()
    assert case.visit(visit_id).end == datetime(2031, 12, 1, 10), "shortened"
    assert case.verbs().count("visit_moved") == 1
    assert len(case.letters()) == 2


def test_deleted_in_outlook_calls_the_visit_off(case: Case) -> None:
    visit_id = case.plan()
    followed(case)
    case.out_of_outlook(case.calendar()[0])
    case.settle()
    assert case.visit(visit_id).state == "cancelled"
    assert case.verbs() == ["visit_planned", "visit_told", "visit_cancelled", "visit_told"]
    assert [str(calendar["method"]) for _mail, calendar in case.letters()] == ["REQUEST", "CANCEL"]


def test_an_event_that_came_back_under_another_id_is_still_ours(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    with case.world.rows():
        session.connection().exec_driver_sql("update visit_events set event_id = 'another', change_key = 'x'")
    case.in_outlook(case.calendar()[0], start="2031-12-01T10:00:00")
    case.world.run("visits.sweep")
    case.settle()
    assert case.visit(visit_id).start == datetime(2031, 12, 1, 10)
    with case.world.rows():
        known = session.connection().exec_driver_sql("select event_id from visit_events").scalar_one()
    assert known != "another"


def test_a_calendar_that_is_gone_as_a_whole_calls_nothing_off(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    case.world.misbehave(r"* /v1.0/users/[^/]+/events.*", status=404)
    with case.world.rows():
        event_id = session.connection().exec_driver_sql("select id from visit_events").scalar_one()
    for again in (False, True):
        case.world.run("visits.look", visit_event_id=event_id, again=again)
    case.settle()
    assert case.visit(visit_id).state == "planned"
    assert len(case.letters()) == 1


def test_many_events_gone_at_once_are_an_accident(case: Case) -> None:
    visits = [case.plan(f"2031-12-0{day}T09:00", f"2031-12-0{day}T10:00") for day in range(1, 7)]
    case.settle()
    for event in case.calendar():
        case.out_of_outlook(event)
    case.world.run("visits.sweep")
    case.settle()
    assert {(case.visit(one).state, case.visit(one).error) for one in visits} == {("planned", MANY_GONE)}
    assert len(case.letters()) == 6, "nobody was told that it is called off"
    with case.world.rows():
        for one in visits:
            try_again(session.get_one(Visit, one), case.piet.who())
    case.settle()
    assert len(case.calendar()) == 6
    assert {case.visit(one).published for one in visits} == {"published"}


def test_without_notifications_the_sweep_finds_it(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    case.in_outlook(case.calendar()[0], start="2031-12-01T08:00:00", location={"displayName": "Tor 1"})
    case.settle()
    assert case.visit(visit_id).start == datetime(2031, 12, 1, 9)
    case.world.run("visits.sweep")
    case.settle()
    assert (case.visit(visit_id).start, case.visit(visit_id).place) == (datetime(2031, 12, 1, 8), "Tor 1")


def test_the_later_of_two_changes_stands(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    case.in_outlook(case.calendar()[0], start="2031-12-01T13:00:00", end="2031-12-01T15:00:00")
    case.world.pass_time(timedelta(seconds=2))  # Outlook tells seconds only
    case.move(visit_id, start="2031-12-04T09:00", end="2031-12-04T11:00")
    case.settle()
    (event,) = case.calendar()
    assert event["start"]["dateTime"].startswith("2031-12-04T08:00"), "the board was later"
    assert case.visit(visit_id).start == datetime(2031, 12, 4, 9)
    case.move(visit_id, start="2031-12-05T09:00", end="2031-12-05T11:00")
    case.world.pass_time(timedelta(seconds=2))
    case.in_outlook(event, start="2031-12-06T09:00:00", end="2031-12-06T11:00:00")
    case.settle()
    assert case.visit(visit_id).start == datetime(2031, 12, 6, 9), "Outlook was later"
    assert case.calendar()[0]["start"]["dateTime"].startswith("2031-12-06T08:00")
    assert case.visit(visit_id).published == "published"


def test_of_two_quick_moves_in_outlook_the_second_counts(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    (event,) = case.calendar()
    with case.world.rows():
        followed = session.scalars(select(VisitEvent.id)).one()
    case.in_outlook(event, start="2031-12-01T13:00:00", end="2031-12-01T15:00:00")
    case.world.run("visits.look", visit_event_id=followed, again=False)
    case.in_outlook(event, start="2031-12-01T12:30:00", end="2031-12-01T14:30:00")
    case.world.run("visits.look", visit_event_id=followed, again=False)
    case.settle()
    assert case.visit(visit_id).start == datetime(2031, 12, 1, 12, 30)
    assert case.calendar()[0]["start"]["dateTime"].startswith("2031-12-01T11:30"), "nothing was put back"


def test_times_that_no_visit_can_have_are_said(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    case.in_outlook(case.calendar()[0], end="2031-12-01T09:00:00")
    case.world.run("visits.sweep")
    case.settle()
    assert (case.visit(visit_id).error, case.visit(visit_id).end) == (IMPOSSIBLE, datetime(2031, 12, 1, 11))
    with case.world.rows():
        try_again(session.get_one(Visit, visit_id), case.piet.who())
    case.settle()
    assert case.calendar()[0]["end"]["dateTime"].startswith("2031-12-01T10:00")


def test_subscriptions_are_renewed_and_recreated(case: Case) -> None:
    followed(case)
    with case.world.rows():
        before = {one.mailbox: one.subscription_id for one in session.scalars(select(CalendarWatch))}
    assert {PIET, AYLIN} <= before.keys()
    followed(case)
    case.world.pass_time(timedelta(minutes=2500))
    followed(case)
    with case.world.rows():
        assert {one.mailbox: one.subscription_id for one in session.scalars(select(CalendarWatch))} == before
    case.world.pass_time(timedelta(minutes=4300))
    followed(case)
    with case.world.rows():
        after = {one.mailbox: one.subscription_id for one in session.scalars(select(CalendarWatch))}
    assert not set(after.values()) & set(before.values())


def test_a_lifecycle_notice_lets_the_calendar_be_compared(case: Case) -> None:
    visit_id = case.plan()
    followed(case)
    case.world.misbehave(notifications={"lose": 1})
    case.in_outlook(case.calendar()[0], start="2031-12-01T10:00:00")
    case.settle()
    assert case.visit(visit_id).start == datetime(2031, 12, 1, 9), "the notification was lost"
    case.world.sandbox.delete("/_sandbox/faults")
    case.world.sandbox.post("/_sandbox/lifecycle", json={"event": "missed"})
    case.settle()
    assert case.visit(visit_id).start == datetime(2031, 12, 1, 10)


def test_notifications_are_believed_by_their_secret_word_alone(case: Case) -> None:
    case.plan()
    followed(case)
    with case.world.rows():
        watch = session.scalars(select(CalendarWatch).where(CalendarWatch.mailbox == PIET)).one()
    url = f"{case.world.settings.url}/microsoft/calendar/notifications"
    asked = len(case.requests())
    told = {"subscriptionId": watch.subscription_id, "resourceData": {"id": case.calendar()[0]["id"]}}
    for state in ("", "x", secret_word(PIET), secret_word(f"calendar:{AYLIN}")):
        assert httpx.post(url, json={"value": [{**told, "clientState": state}]}).status_code == 202
    case.world.work()
    assert len(case.requests()) == asked
    good = {**told, "clientState": secret_word(f"calendar:{PIET}")}
    httpx.post(url, json={"value": [good, {**good, "resourceData": 7}, "no", None]})
    case.world.work()
    assert len(case.requests()) > asked


def test_foreign_events_are_only_time_that_is_taken(case: Case) -> None:
    case.plan()
    followed(case)
    since = len(case.requests())
    made = {
        "subject": "Zahnarzt", "start": {"dateTime": f"{next_week()}T10:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": f"{next_week()}T11:00:00", "timeZone": "Europe/Berlin"},
        "location": {"displayName": "Praxis"},
    }  # fmt: skip
    token = case.world.sandbox.post("/_sandbox/token", json={"app": True}).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = case.world.sandbox.post(f"/v1.0/users/{PIET}/events", json=made, headers=headers)
    assert answer.status_code == 201, answer.text
    case.settle()
    own = [one for one in case.requests()[since:] if "/events" in one["path"]]
    assert [one["method"] for one in own] == ["POST"], "only the test's own"
    with case.world.rows():
        (block,) = session.scalars(select(BusyBlock).where(BusyBlock.person_id == case.piet.id)).all()
        assert (clock.local(block.starts_at, "Europe/Berlin").hour, block.status) == (10, "busy")
        columns = session.connection().exec_driver_sql("select to_jsonb(busy_blocks) from busy_blocks").scalars().all()
    assert "Zahnarzt" not in str(columns)
    assert "Praxis" not in str(columns)


def test_busy_times_leave_out_our_own_visits(case: Case) -> None:
    case.plan()
    case.settle()
    case.world.run("visits.look_busy_week", since="2031-12-01")
    case.settle()
    with case.world.rows():
        assert session.scalars(select(BusyBlock)).all() == []


def test_who_has_no_calendar_does_not_hide_the_others_times(case: Case) -> None:
    visit_id = case.plan(f"{next_week()}T09:00", f"{next_week()}T10:00")
    case.settle()
    with case.world.rows():  # as if the event were another's
        session.connection().exec_driver_sql("delete from visit_events")
        session.get_one(Visit, visit_id).state = "cancelled"
    case.world.misbehave(r"POST /v1.0/users/[^/]+/calendar/getSchedule", status=404, times=1)
    case.world.run("visits.look_busy")
    case.settle()
    with case.world.rows():
        (block,) = session.scalars(select(BusyBlock)).all()
        assert block.person_id == case.piet.id
    asked = len(case.requests())
    case.world.run(
        "visits.look_busy_week", since=(datetime.fromisoformat(next_week()) - timedelta(days=2)).date().isoformat()
    )
    case.settle()
    assert len(case.requests()) == asked, "it was asked just now"
