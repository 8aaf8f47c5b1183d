"""The board, the form and the ticket's visits as they are asked for and posted."""

from typing import Any

import pytest
from bs4 import BeautifulSoup

from backend.db import session
from backend.people.models import Person
from backend.visits.models import Visit
from tests.desk.conftest import desk, stranger
from tests.visits.planning import HX, MONDAY, TUESDAY, WEEK, Planning, planning

__all__ = ["desk", "planning"]
pytestmark = pytest.mark.slow


def test_a_ticket_dropped_on_a_day_is_a_visit_at_its_contacts_site(planning: Planning) -> None:
    planning.visit()
    (visit,) = planning.rows()
    assert (visit.kind, visit.place) == ("on-site", "Werk 2, Am Sägegraben 17, Tressow")
    assert (f"{visit.start}", visit.timezone, f"{visit.starts_at:%H:%M}") == (
        "2030-03-04 09:00:00",
        "Europe/Berlin",
        "08:00",
    )
    (slot,) = planning.board().select(".slot[data-visit]")
    assert (slot["data-top"], slot["data-bottom"], slot["data-technician"]) == (
        "540",
        "600",
        str(planning.desk.piet.id),
    )
    assert "Möbelwerk Tressow GmbH" in slot.text
    happened = planning.desk.page(f"/tickets/{planning.desk.ticket}?tab=activity").select_one(".activity")
    assert happened is not None
    assert "Lena Brandis planned a visit: Mon 4 Mar, 9:00–10:00\u202fAM, Piet Hagenauer" in happened.text


def test_the_unplanned_list_holds_what_has_no_visit_the_most_urgent_first(planning: Planning) -> None:
    low, critical = (
        planning.desk.open("Maus klemmt", priority="low"),
        planning.desk.open("Alles steht", priority="critical"),
    )
    first = planning.desk.ticket

    def listed(query: str = "") -> list[int]:
        page = BeautifulSoup(planning.browser.get(f"/board/unplanned?{query}").text, "lxml")
        return [int(str(card["data-ticket-card"])) for card in page.select(".u-card")]

    assert listed() == [critical, first, low]
    assert listed("sort=oldest") == [first, low, critical]
    assert listed("q=klemmt") == [low]
    number = planning.visit()
    assert listed() == [critical, low]
    planning.browser.post(f"/visits/{number}/cancel", headers=HX)
    assert listed() == [critical, first, low]


def move(planning: Planning, number: int, **fields: Any) -> Any:
    """The answer to a drag."""
    return planning.browser.post(f"/visits/{number}/move", data=fields, headers=HX)


def test_a_drag_moves_and_its_toast_takes_it_back(planning: Planning) -> None:
    number = planning.visit()
    answer = move(planning, number, start=f"{TUESDAY}T13:15", end=f"{TUESDAY}T14:15", technician=planning.desk.aylin.id)
    assert answer.status_code == 200
    (visit,) = planning.rows()
    assert (f"{visit.start}", visit.technician_id) == ("2030-03-05 13:15:00", planning.desk.aylin.id)
    form = BeautifulSoup(answer.text, "lxml").select_one("form")
    assert form is not None
    fields = {str(one["name"]): str(one["value"]) for one in form.select("input")}
    assert planning.browser.post(str(form["hx-post"]), data=fields, headers=HX).status_code == 200
    (visit,) = planning.rows()
    assert (f"{visit.start}", visit.technician_id) == ("2030-03-04 09:00:00", planning.desk.piet.id)


def test_whoever_drags_what_was_moved_meanwhile_is_told_so(planning: Planning) -> None:
    number = planning.visit()
    (slot,) = planning.board().select(".slot[data-visit]")
    move(planning, number, start=f"{TUESDAY}T13:00", end=f"{TUESDAY}T14:00")
    late = move(planning, number, start=f"{MONDAY}T08:00", end=f"{MONDAY}T09:00", version=slot["data-version"])
    assert late.status_code == 409
    assert "moved this visit meanwhile" in late.text
    assert f"{planning.rows()[0].start}" == "2030-03-05 13:00:00"


def test_what_was_agreed_in_another_zone_stays_in_it(planning: Planning) -> None:
    number = planning.visit()
    with planning.world.rows():
        visit = session.get_one(Visit, number)
        visit.timezone, visit.start, visit.end = "Europe/London", visit.start.replace(hour=8), visit.end.replace(hour=9)
    page = planning.board()
    assert "Agreed as 8:00–9:00\u202fAM in Europe/London." in page.text
    assert page.select(".slot[data-visit]")[0]["data-top"] == "540"
    move(planning, number, start=f"{MONDAY}T15:00", end=f"{MONDAY}T16:30")
    (visit,) = planning.rows()
    assert (visit.timezone, f"{visit.start:%H:%M}", f"{visit.end:%H:%M}") == ("Europe/London", "14:00", "15:30")
    assert f"{visit.starts_at:%H:%M}" == "14:00"


def test_what_is_in_the_way_is_named_and_may_be_planned(planning: Planning) -> None:
    planning.busy(planning.desk.piet, f"{MONDAY}T08:30", f"{MONDAY}T09:30")
    planning.visit()
    second = planning.desk.open("Zweites")
    planning.visit(ticket=second, start=f"{MONDAY}T09:45", end=f"{MONDAY}T11:00")
    slots = planning.board().select(".slot[data-visit]")
    reasons = [[p.text for p in slot.select(".b-why p")] for slot in slots]
    assert reasons[0] == [
        "Overlaps with Möbelwerk Tressow GmbH, 9:45–11:00\u202fAM",
        "Busy in Outlook, 9:30–10:30\u202fAM",
    ]
    assert len(reasons[1]) == 2
    assert all(slot.select(".ev-bad") for slot in slots)
    asked = {"technician": planning.desk.piet.id, "date": MONDAY, "start": "10:15", "end": "10:45"}
    said = planning.browser.get("/visits/clashes", query_string=asked, headers=HX).text
    assert "Overlaps with" in said
    assert "Busy in Outlook, 9:30–10:30\u202fAM" in said
    asked |= {"start": "12:00", "end": "13:00"}
    assert planning.browser.get("/visits/clashes", query_string=asked, headers=HX).text.strip() == ""


def form(planning: Planning, **fields: Any) -> Any:
    """The answer to the form; what is not named is right."""
    whole = {
        "ticket": planning.desk.ticket, "technician": planning.desk.piet.id, "date": MONDAY, "start": "09:00",
        "end": "12:00", "kind": "on-site", "place": "Rampe C", "note": "Leiter mitnehmen",
        "customer_note": "Bitte Parkplatz",
    }  # fmt: skip
    return planning.browser.post("/visits", data={**whole, **fields}, headers=HX)


def test_the_form_plans_all_that_it_says(planning: Planning) -> None:
    assert form(planning, kind="remote", token="once").status_code == 200
    assert form(planning, kind="remote", token="once").status_code == 204
    (visit,) = planning.rows()
    assert (visit.kind, visit.place, visit.note, visit.customer_note) == (
        "remote",
        "Rampe C",
        "Leiter mitnehmen",
        "Bitte Parkplatz",
    )
    page = planning.browser.get(f"/visits/{visit.id}/form", headers=HX).text
    for text in ("Leiter mitnehmen", "Bitte Parkplatz", "Rampe C", 'value="2030-03-04"', 'value="12:00"'):
        assert text in page


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"start": ""}, "start"),
        ({"date": "2030-02-30"}, "start"),
        ({"end": "08:00"}, "end"),
        ({"end": "noon"}, "end"),
        ({"technician": ""}, "technician"),
        ({"technician": "999999"}, "technician"),
        ({"ticket": ""}, "ticket"),
        ({"ticket": "99999"}, "ticket"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"date": "2030-03-31", "start": "02:30", "end": "04:00"}, "start"),
        ({"note": "x" * 4001}, "note"),
    ],
)
def test_the_form_says_at_the_field_what_is_wrong(planning: Planning, fields: dict[str, str], named: str) -> None:
    answer = form(planning, **fields)
    assert answer.status_code == 422
    assert f'data-field="{named}"' in answer.text
    assert planning.rows() == []


def test_a_block_of_time_needs_no_ticket(planning: Planning) -> None:
    assert form(planning, ticket="", kind="block").status_code == 200
    (slot,) = planning.board().select(".slot[data-visit]")
    assert "Time block" in slot.text


def test_called_off_and_taken_back(planning: Planning) -> None:
    number = planning.visit()
    answer = planning.browser.post(f"/visits/{number}/cancel", headers=HX)
    assert f"/visits/{number}/restore" in answer.text
    assert planning.board().select(".slot[data-visit]") == []
    assert planning.browser.post(f"/visits/{number}/restore", headers=HX).status_code == 200
    assert len(planning.board().select(".slot[data-visit]")) == 1


def test_the_weekend_is_shown_when_something_happens_on_it(planning: Planning) -> None:
    assert len(planning.board().select(".b-days [role=columnheader]")) == 1 + 5
    planning.visit("2030-03-09T09:00", "2030-03-09T10:00")
    assert len(planning.board().select(".b-days [role=columnheader]")) == 1 + 6


def test_a_day_stands_by_technician(planning: Planning) -> None:
    planning.visit()
    page = planning.board(f"day={MONDAY}")
    heads = [head.text for head in page.select(".b-days .b-tech .t14s")]
    assert heads == ["Aylin Demirsoy", "Piet Hagenauer"]
    assert len(page.select(".slot[data-visit]")) == 1
    assert planning.board("day=2030-03-05").select(".slot[data-visit]") == []


def test_a_team_is_chosen_and_odd_addresses_mean_today(planning: Planning) -> None:
    names = [one.text for one in planning.board(f"week={WEEK}&team={planning.desk.team}").select(".b-tech .t14s")]
    assert names == ["Piet Hagenauer"]
    for query in ("week=x", "week=9999-W01", "day=0001-01-01", "team=x&week=", "team=99999999999", "day=9999-12-31"):
        assert planning.browser.get(f"/board?{query}").status_code == 200, query


def test_the_ticket_shows_its_visits_and_those_that_were(planning: Planning) -> None:
    number = planning.visit()
    planning.visit("2030-03-06T09:00", "2030-03-06T10:00")
    planning.browser.post(f"/visits/{number}/cancel", headers=HX)
    rail = planning.desk.page(f"/tickets/{planning.desk.ticket}").select_one("#rail-visits")
    assert rail is not None
    assert [row["id"] for row in rail.select(".in > .visit")] == [f"visit-{number + 1}"]
    assert [row["id"] for row in rail.select(".visits-gone .visit")] == [f"visit-{number}"]


def test_what_did_not_get_into_the_calendar_can_be_tried_again(planning: Planning) -> None:
    number = planning.visit()
    with planning.world.rows():
        visit = session.get_one(Visit, number)
        visit.published, visit.error = "failed", "The mail server could not be reached."
    page = planning.board()
    assert "Not in the calendar." in page.text
    (again,) = page.select(f"form[hx-post='/visits/{number}/publish']")
    assert planning.browser.post(str(again["hx-post"]), headers=HX).status_code == 204
    assert planning.rows()[0].published == "waiting"
    assert planning.browser.post(str(again["hx-post"]), headers=HX).status_code == 409


def test_who_may_only_look_gets_nothing_to_press(planning: Planning) -> None:
    planning.visit()
    sales = planning.world.browser(planning.world.staff("Renate Sattelkamp"))
    page = BeautifulSoup(sales.get(f"/board?week={WEEK}").text, "lxml")
    assert len(page.select(".slot[data-visit]")) == 1
    assert page.select("[data-visit-opens], [data-writes], .grip") == []
    assert sales.post("/visits/1/cancel", headers=HX).status_code == 403
    assert sales.get("/visits/new", headers=HX).status_code == 403


def test_customers_see_no_board(planning: Planning) -> None:
    planning.visit()
    outside: Person = stranger(planning.world)
    for person in (outside, planning.desk.jana):
        browser = planning.world.browser(person)
        for path in (
            "/board",
            "/board/unplanned",
            "/visits/new",
            "/visits/1/form",
            "/visits/clashes",
            "/visits/tickets",
        ):
            assert browser.get(path, headers=HX).status_code == 403, path


def test_opening_the_board_asks_outlook_anew_but_looking_changes_nothing(planning: Planning) -> None:
    page = planning.board()
    (asking,) = page.select("form[hx-post='/board/look']")
    assert asking["hx-trigger"] == "load"
    assert planning.browser.post("/board/look", data={"week": WEEK}, headers=HX).status_code == 204
