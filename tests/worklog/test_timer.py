"""The timer: kept on the server, one at a time, and no minute of it doubled, invented or taken away unasked."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.db import session
from backend.tickets.actions import open_ticket
from backend.worklog.models import SegmentState, TimerSegment
from tests.worklog.conftest import Bench
from tests.world import World

pytestmark = pytest.mark.slow


def _answer(bench: Bench, browser: Any, answer: str) -> Any:
    asked = bench.bar(browser).select_one(".timer-ask input[name=from]")
    assert asked is not None, "nothing is asked"
    return browser.post("/timer/gap", data={"from": asked["value"], "answer": answer})


def test_opening_a_ticket_starts_it_and_looking_starts_nothing(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    piet.get(f"/tickets/{bench.first.number}")
    assert bench.bar(piet) is None
    bench.open(piet, bench.first)
    bench.pass_minutes(3)
    bar = bench.bar(piet)
    assert (bar["data-state"], bar["data-ticket-number"]) == ("running", str(bench.first.number))
    assert bench.minutes(piet) == 3


def test_another_ticket_pauses_the_first_and_offers_the_way_back(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    bench.open(piet, bench.first)
    bench.pass_minutes(4)
    bench.open(piet, bench.second)
    bench.pass_minutes(2)
    bar = bench.bar(piet)
    assert bar["data-ticket-number"] == str(bench.second.number)
    assert bench.minutes(piet) == 2
    assert f"Back to #{bench.first.number}" in str(bar)
    bench.open(piet, bench.first)
    bench.pass_minutes(1)
    assert bench.bar(piet)["data-ticket-number"] == str(bench.first.number)
    assert bench.minutes(piet) == 5, "it goes on where it was paused"


def test_two_browsers_and_the_pane_show_the_same(bench: Bench) -> None:
    one, two = bench.world.browser(bench.piet), bench.world.browser(bench.piet)
    pane = bench.world.browser(bench.piet, door="pane")
    bench.open(one, bench.first)
    bench.open(two, bench.first)
    bench.open(pane, bench.first)
    bench.pass_minutes(6)
    assert [bench.minutes(each) for each in (one, two, pane)] == [6, 6, 6]
    timer = bench.bar(two)["data-timer"]
    two.post(f"/timer/{timer}/pause")
    two.post(f"/timer/{timer}/pause")
    bench.pass_minutes(10)
    assert [bench.bar(each)["data-state"] for each in (one, two, pane)] == ["paused"] * 3
    assert [bench.minutes(each) for each in (one, two, pane)] == [6, 6, 6]
    one.post(f"/timer/{timer}/resume")
    pane.post(f"/timer/{timer}/resume")
    bench.pass_minutes(1)
    assert [bench.minutes(each) for each in (one, two, pane)] == [7, 7, 7]


def test_two_tickets_opened_at_once_count_no_minute_twice(bench: Bench) -> None:
    browsers = [bench.world.browser(bench.piet) for _each in range(6)]
    tickets = [bench.first, bench.second] * 3

    def start(at: int) -> int:
        return browsers[at].post(f"/tickets/{tickets[at].number}/timer/start", data={"opening": "1"}).status_code

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(start, range(6))) == [204] * 6
    bench.pass_minutes(9)
    with bench.world.rows():
        running = session.scalar(select(func.count()).where(TimerSegment.ended_at.is_(None)))
    assert running == 1
    assert bench.minutes(browsers[0]) == 9
    assert bench.offences() == []


def test_an_hour_without_activity_counts_and_is_offered_for_removal(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    bench.open(piet, bench.first)
    bench.pass_minutes(5)
    piet.post("/timer/active")
    bench.pass_minutes(62)
    assert bench.minutes(piet) == 67, "it goes on"
    assert "No activity for 62 minutes" in str(bench.bar(piet))
    piet.post("/timer/active")
    bench.pass_minutes(3)
    piet.post("/timer/active")
    assert "No activity for 62 minutes" in str(bench.bar(piet)), "it is asked until it is answered"
    assert bench.minutes(piet) == 70, "nothing is removed unasked"
    assert _answer(bench, piet, "remove").status_code == 204
    assert bench.minutes(piet) == 8
    assert bench.bar(piet).select_one(".timer-ask") is None
    assert bench.verbs(bench.first) == ["timer_cut"]


def test_what_is_kept_stays_and_is_not_asked_again(bench: Bench) -> None:
    piet, other = bench.world.browser(bench.piet), bench.world.browser(bench.piet)
    bench.open(piet, bench.first)
    bench.pass_minutes(30)
    asked = bench.bar(piet).select_one(".timer-ask input[name=from]")["value"]
    assert piet.post("/timer/gap", data={"from": asked, "answer": "keep"}).status_code == 204
    assert bench.minutes(piet) == 30
    refused = other.post("/timer/gap", data={"from": asked, "answer": "remove"}, headers={"HX-Request": "true"})
    assert refused.status_code == 409
    assert bench.minutes(other) == 30
    with bench.world.rows():
        assert session.scalars(select(TimerSegment.state).order_by(TimerSegment.id)).all()[0] == SegmentState.KEPT


def test_opening_another_ticket_after_an_hour_still_asks_about_the_first(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    bench.open(piet, bench.first)
    bench.pass_minutes(60)
    bench.open(piet, bench.second)
    bar = bench.bar(piet)
    assert bar["data-ticket-number"] == str(bench.second.number)
    assert f"#{bench.first.number}" in bar.select_one(".timer-ask").text
    assert _answer(bench, piet, "remove").status_code == 204
    bench.open(piet, bench.first)
    assert bench.minutes(piet) == 0
    assert bench.bar(piet).select_one(".timer-ask") is None


def test_it_becomes_an_entry_whose_rest_stays_on_it(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    bench.open(piet, bench.first)
    bench.pass_minutes(23.7)
    form = bench.form(piet, f"/tickets/{bench.first.number}/time/new")
    assert form["minutes"] == "23"
    assert "replace the time measured until then" in piet.get(f"/tickets/{bench.first.number}/time/new").text
    bench.pass_minutes(2)  # typing the text
    answer = piet.post(
        f"/tickets/{bench.first.number}/time", data={**form, "text": "Neue Rolle eingelegt", "go_on": "1"}
    )
    assert answer.status_code == 200
    assert "take-back" in answer.text
    (entry,) = bench.entries()
    assert (entry.minutes, entry.measured_seconds, entry.text) == (23, 23 * 60, "Neue Rolle eingelegt")
    assert bench.bar(piet)["data-state"] == "running"
    assert 160 <= int(bench.bar(piet)["data-seconds"]) < 170, "42 seconds and two minutes are still there"
    assert bench.verbs(bench.first) == ["time_noted"]
    piet.post(f"/time/{entry.id}/take-back")
    assert bench.entries() == []
    assert bench.minutes(piet) == 25


def test_saving_in_two_browsers_takes_each_minute_once(bench: Bench) -> None:
    one, two = bench.world.browser(bench.piet), bench.world.browser(bench.piet)
    bench.open(one, bench.first)
    bench.pass_minutes(10)
    address = f"/tickets/{bench.first.number}/time"
    mine, theirs = bench.form(one, f"{address}/new"), bench.form(two, f"{address}/new")
    assert one.post(address, data=mine).status_code == 200
    assert one.post(address, data=mine).status_code == 204, "the same form sent twice"
    refused = two.post(address, data=theirs, headers={"HX-Request": "true"})
    assert refused.status_code == 409
    assert [entry.minutes for entry in bench.entries()] == [10]
    assert bench.bar(one) is None, "less than a minute is left, and it stops"


def test_saving_and_stopping_takes_away_no_whole_minute(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    bench.open(piet, bench.first)
    bench.pass_minutes(10)
    form = bench.form(piet, f"/tickets/{bench.first.number}/time/new")
    bench.pass_minutes(4)
    assert piet.post(f"/tickets/{bench.first.number}/time", data=form).status_code == 200
    assert bench.bar(piet)["data-state"] == "paused"
    assert bench.minutes(piet) == 4


def test_discarding_can_be_taken_back(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    bench.open(piet, bench.first)
    bench.pass_minutes(7)
    timer = bench.bar(piet)["data-timer"]
    assert f"/timer/{timer}/reopen" in piet.post(f"/timer/{timer}/discard").text
    assert bench.bar(piet) is None
    assert bench.world.browser(bench.aylin).post(f"/timer/{timer}/reopen").status_code == 404
    piet.post(f"/timer/{timer}/reopen")
    bar = bench.bar(piet)
    assert (bar["data-state"], bench.minutes(piet)) == ("paused", 7)


def test_timers_of_a_glance_are_discarded_together_when_asked(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    bench.open(piet, bench.first)
    bench.pass_minutes(3)
    bench.open(piet, bench.second)
    with bench.world.rows():
        more = [open_ticket(bench.piet.who(), f"Blick {n}", contact=bench.jana) for n in range(2)]
    for ticket in (more[0], bench.second, more[1]):
        bench.open(piet, ticket)
    assert "Discard those under a minute (2)" in piet.get("/time").text
    assert "2 timers discarded" in piet.post("/timer/discard-short").text
    shown = piet.get("/timers").text
    assert f"#{bench.first.number}" in shown, "three minutes are not thrown away"
    assert f"#{more[1].number}" in shown, "nor what runs"
    assert f"#{bench.second.number}" not in shown


def test_the_setting_keeps_it_from_starting_by_itself(bench: Bench) -> None:
    piet, marek = bench.world.browser(bench.piet), bench.world.browser(bench.marek)
    assert marek.post("/settings/about/time", data={"key": "timer_on_opening", "value": ""}).status_code == 200
    bench.open(piet, bench.first)
    assert bench.bar(piet) is None
    piet.post(f"/tickets/{bench.first.number}/timer/start")
    assert bench.bar(piet) is not None


def test_how_long_nobody_need_be_seen_is_a_setting(bench: Bench) -> None:
    marek, piet = bench.world.browser(bench.marek), bench.world.browser(bench.piet)
    idle = {"key": "timer_idle_minutes", "value": "120"}
    assert marek.post("/settings/about/time", data=idle).status_code == 200
    bench.open(piet, bench.first)
    bench.pass_minutes(62)
    assert bench.bar(piet).select_one(".timer-ask") is None
    assert bench.bar(piet)["data-idle"] == "7200"
    assert marek.post("/settings/about/time", data={**idle, "value": "60"}).status_code == 200
    assert "No activity for 62 minutes" in str(bench.bar(piet))


def test_a_closed_ticket_is_opened_without_counting(bench: Bench) -> None:
    piet = bench.world.browser(bench.piet)
    piet.post(f"/tickets/{bench.first.number}/status", data={"value": "closed"})
    bench.open(piet, bench.first)
    assert bench.bar(piet) is None


def test_a_customer_has_no_timer_and_sales_none_either(bench: Bench, world: World) -> None:
    for person in (bench.jana, world.staff("Ruben Sattelkamp", "sales")):
        browser = world.browser(person)
        assert browser.get("/timer").status_code == 403
        assert browser.post(f"/tickets/{bench.first.number}/timer/start").status_code == 403
