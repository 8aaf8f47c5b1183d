"""The list beyond its views: orders, columns, saved views, many at once, files."""

import csv
import io
import json
from datetime import timedelta
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from sqlalchemy import select

from backend.db import session
from backend.lists.models import SavedView
from backend.people.models import Group
from backend.tickets.models import Activity, Priority
from tests.desk.conftest import Desk, desk, stranger
from tests.world import Browser

__all__ = ["desk"]
pytestmark = pytest.mark.slow
ALL = "/tickets?view=all"


def heads(desk: Desk, path: str) -> list[str]:
    return [one.text.strip() for one in desk.page(path).select("thead th")][1:]


def pages(desk: Desk, path: str) -> list[int]:
    """The numbers of all tickets, page by page."""
    found: list[int] = []
    while path:
        page = desk.page(path)
        found += [int(str(row["id"])[1:]) for row in page.select("tr[data-row]")]
        older = page.select_one("a[aria-label=Older]")
        path = str(older["href"]) if older else ""
    return found


def test_each_order_goes_on_over_pages_and_back(desk: Desk) -> None:
    other = stranger(desk.world)
    levels = list(Priority)
    for number in range(4):
        desk.open_all([f"Nr. {number}.{i}" for i in range(14)], priority=levels[number])
    with desk.world.rows():
        for number, ticket in enumerate(session.query(type(desk.row(desk.ticket))).order_by("id")):
            if number % 3 == 0:
                ticket.customer_id = other.customer_id
            elif number % 7 == 0:
                ticket.customer_id = None
    unordered = set(pages(desk, ALL))
    assert len(unordered) == 57
    for key in ("updated", "priority", "customer"):
        for sort in (key, f"-{key}"):
            shown = pages(desk, f"{ALL}&sort={sort}")
            assert (len(shown), set(shown)) == (57, unordered), sort
            first = desk.page(f"{ALL}&sort={sort}")
            second = desk.page(str(first.select_one("a[aria-label=Older]")["href"]))  # type: ignore[index]
            back = str(second.select_one("a[aria-label=Newer]")["href"])  # type: ignore[index]
            assert desk.numbers(back) == shown[:50], sort
    assert pages(desk, f"{ALL}&sort=number") == sorted(unordered)
    rows = desk.page(f"{ALL}&sort=-priority").select("tr[data-row] .prio .sr")
    assert [row.text for row in rows[:15]] == ["Critical"] * 14 + ["High"]
    firms = [row.text for row in desk.page(f"{ALL}&sort=customer").select("td.c-customer")]
    assert firms == sorted(firms)


def test_a_ticket_knows_its_neighbours_in_that_order(desk: Desk) -> None:
    low, high = desk.open("Unwichtig", priority=Priority.LOW), desk.open("Wichtig", priority=Priority.HIGH)
    row = desk.page(f"{ALL}&sort=-priority").select_one(f"#t{desk.ticket} a.subject")
    page = desk.page(str(row["href"]))  # type: ignore[index]
    assert f"/tickets/{low}?" in str(page.select_one("[data-key='j ArrowDown']")["href"])  # type: ignore[index]
    assert f"/tickets/{high}?" in str(page.select_one("[data-key='k ArrowUp']")["href"])  # type: ignore[index]


def test_columns_and_order_are_the_persons_own(desk: Desk) -> None:
    desk.open("Zweites", category="Netz")
    standard = heads(desk, ALL)
    data = {"column": ["category", "team", "contact", "created", "nonsense"], "sort": "number", "query": "view=all"}
    assert desk.browser.post("/list/columns", data=data).status_code == 303
    assert heads(desk, ALL) == ["Title", "Contact", "Team", "Category", "Opened"]
    assert desk.numbers(ALL) == sorted(desk.numbers(ALL))
    assert desk.numbers(f"{ALL}&sort=-updated") == sorted(desk.numbers(ALL), reverse=True)
    assert "Netz" in desk.page(ALL).text
    aylins = BeautifulSoup(desk.world.browser(desk.aylin).get(ALL).text, "lxml")
    assert [one.text.strip() for one in aylins.select("thead th")][1:] == standard


def test_team_and_category_narrow_the_list(desk: Desk) -> None:
    ours, printers = desk.open("Unseres"), desk.open("Toner", category="Drucken")
    desk.browser.post(f"/tickets/{ours}/team", data={"value": str(desk.team)})
    assert desk.numbers(f"{ALL}&team={desk.team}") == [ours]
    assert desk.numbers(f"{ALL}&category=Drucken") == [printers]
    assert "Hotline" in desk.page(f"{ALL}&team={desk.team}").select_one(".filters").text  # type: ignore[union-attr]
    menu = desk.page("/tickets/menu/team?view=all&for=filter&priority=high")
    assert str(menu.select("a")[1]["href"]) == f"/tickets?view=all&priority=high&team={desk.team}"
    assert desk.browser.get("/tickets/menu/nonsense").status_code == 404


def test_groups_stand_beside_teams_in_the_list_its_filter_and_many_at_once(desk: Desk) -> None:
    with desk.world.rows():
        group = Group(name="Außendienst")
        session.add(group)
        session.flush()
        key = f"g{group.id}"
    theirs, ours = desk.open("Vor Ort"), desk.open("Am Telefon")
    menu = desk.page("/tickets/menu/team")
    assert f"team:{key}" in [str(one["value"]) for one in menu.select("button[name=set]")]
    toast = bulk(desk, f"team:{key}", theirs)
    assert "1 ticket: Außendienst" in toast.text
    bulk(desk, f"team:{desk.team}", ours)
    desk.browser.post("/list/columns", data={"column": ["number", "team"], "sort": "number", "query": ""})
    shown = {row[0]: row[2] for row in exported(desk, "view=all")[1:]}
    assert (shown[str(theirs)], shown[str(ours)]) == ("Außendienst", "Hotline")
    assert "Außendienst" in desk.page(ALL).select_one(f"#t{theirs}").text  # type: ignore[union-attr]
    assert desk.numbers(f"{ALL}&team={key}") == [theirs]
    assert desk.numbers(f"{ALL}&team=g{desk.team + 999}") == []
    assert "Außendienst" in desk.page(f"{ALL}&team={key}").select_one(".filters").text  # type: ignore[union-attr]
    links = desk.page("/tickets/menu/team?view=all&for=filter").select("a")
    assert f"/tickets?view=all&team={key}" in [str(one["href"]) for one in links]
    undo = {str(one["name"]): str(one["value"]) for one in toast.select("form input[type=hidden]")}
    assert "1 ticket is as before" in desk.browser.post("/tickets/bulk/back", data=undo).text
    assert desk.row(theirs).group_id is None
    for nonsense in ("g", "gx", "gg1", "g1234567890"):
        assert theirs in desk.numbers(f"{ALL}&team={nonsense}"), nonsense


def test_what_waits_for_us_too_long_is_overdue(desk: Desk) -> None:
    unread = desk.open("Ungelesen")
    assert desk.numbers("/tickets?view=us") == [desk.ticket]
    assert desk.numbers("/tickets?view=overdue") == []
    desk.world.pass_time(timedelta(hours=9))
    desk.open("Neu")
    assert desk.numbers("/tickets?view=overdue") == [unread, desk.ticket]
    desk.browser.post(f"/tickets/{unread}/priority", data={"value": "high"})  # somebody has looked after it
    assert desk.numbers("/tickets?view=overdue") == [desk.ticket]
    marek = desk.world.browser(desk.world.staff("Marek Ostwald"))
    assert marek.post("/settings/about/list", data={"key": "overdue_hours", "value": "24"}).status_code == 200
    assert desk.numbers("/tickets?view=overdue") == []
    assert marek.post("/settings/about/list", data={"key": "overdue_hours", "value": "0"}).status_code == 422
    assert marek.post("/settings/about/list", data={"key": "overdue_hours", "value": "9"}).status_code == 200
    assert desk.numbers("/tickets?view=overdue") == [desk.ticket]


def save(browser: Browser, name: str, query: str, **more: str) -> str:
    answer = browser.post("/list/views", data={"name": name, "query": query, "columns": "number status", **more})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def views(desk: Desk, browser: Browser) -> list[tuple[str, str]]:
    """(name, number beside it) of the saved views in the menu."""
    page = BeautifulSoup(browser.get(ALL).text, "lxml")
    found = page.select(".views a[href*='saved=']")
    return [(one.select("span")[0].text, one.select(".n")[0].text if one.select(".n") else "") for one in found]


def test_a_view_is_kept_shared_renamed_and_deleted(desk: Desk) -> None:
    desk.open("Brennt", priority=Priority.CRITICAL)
    aylin = desk.world.browser(desk.aylin)
    address = save(desk.browser, "Brennendes", "view=all&priority=critical&after=17.1&saved=99")
    assert "after" not in address
    page = desk.page(address)
    assert page.select_one("h1").text == "Brennendes"  # type: ignore[union-attr]
    assert [one.text.strip() for one in page.select("thead th")][1:] == ["No.", "Title", "Status"]
    assert len(page.select("tr[data-row]")) == 1
    assert views(desk, desk.browser) == [("Brennendes", "1")]
    assert views(desk, aylin) == []
    with desk.world.rows():
        number = session.scalars(select(SavedView.id)).one()
    assert aylin.post(f"/list/views/{number}", data={"name": "Meins"}).status_code == 404
    assert desk.browser.post(f"/list/views/{number}", data={"name": "Brand", "shared": "on"}).status_code == 303
    assert views(desk, aylin) == [("Brand", "1")]
    for path in (f"/list/views/{number}", f"/list/views/{number}/delete"):
        assert aylin.post(path, data={"name": "Meins"}).status_code == 403
    assert desk.browser.post(f"/list/views/{number}/delete").status_code == 303
    assert views(desk, desk.browser) == []
    assert desk.browser.post("/list/views", data={"name": " ", "query": ""}).status_code == 422


def test_a_search_is_kept_too_and_its_name_replaces_the_one_before(desk: Desk) -> None:
    save(desk.browser, "Suche", "view=all&q=Display")
    save(desk.browser, "suche", "view=all&q=nirgends&status=<script>")
    assert views(desk, desk.browser) == [("suche", "")]
    page = desk.page(ALL)
    assert "<script>" not in str(page.select(".views")[0])
    assert desk.numbers(str(page.select(".views a[href*='saved=']")[0]["href"])) == []


def bulk(desk: Desk, what: str, *numbers: int, to: str = "/tickets/bulk") -> BeautifulSoup:
    answer = desk.browser.post(to, data={"set": what, "number": [str(number) for number in numbers]})
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "lxml")


def test_many_are_changed_at_once_and_taken_back(desk: Desk) -> None:
    numbers = desk.open_all(["Eins", "Zwei"])
    desk.browser.post(f"/tickets/{numbers[0]}/assignee", data={"value": str(desk.aylin.id)})
    toast = bulk(desk, f"assignee:{desk.piet.id}", *numbers, desk.ticket)
    assert "3 tickets: Piet Hagenauer" in toast.text
    assert {desk.row(number).assignee_id for number in (*numbers, desk.ticket)} == {desk.piet.id}
    undo = {str(one["name"]): str(one["value"]) for one in toast.select("form input[type=hidden]")}
    desk.browser.post(f"/tickets/{numbers[1]}/assignee", data={"value": str(desk.aylin.id)})
    answer = desk.browser.post("/tickets/bulk/back", data=undo)
    assert "2 tickets are as before" in answer.text
    assert f"#{numbers[1]}: changed by somebody else meanwhile" in answer.text
    assert [desk.row(number).assignee_id for number in (*numbers, desk.ticket)] == [desk.aylin.id, desk.aylin.id, None]
    with desk.world.rows():
        verbs = list(session.scalars(select(Activity.verb).where(Activity.verb == "assignee")))
    assert len(verbs) == 7


def test_what_is_so_already_is_not_changed_and_nonsense_is_refused(desk: Desk) -> None:
    assert "1 ticket: Pending" in bulk(desk, "status:pending", desk.ticket, 99999).text
    again = bulk(desk, "status:pending", desk.ticket)
    assert "Nothing was changed." in again.text
    assert not again.select("form")
    for what, numbers in (
        ("status:nonsense", ["10001"]), ("subject:x", ["10001"]), ("status:", ["10001"]), ("assignee:999", ["10001"]),
        ("priority:nonsense", ["x"]), ("status:open", []), ("status:open", [str(n) for n in range(10001, 10300)]),
    ):  # fmt: skip
        assert desk.browser.post("/tickets/bulk", data={"set": what, "number": numbers}).status_code == 422, what
    for before in (
        "",
        "[]",
        "7",
        json.dumps({"x": "open"}),
        json.dumps({"010001": "open"}),
        json.dumps({"10001": "nonsense"}),
    ):
        data = {"name": "status", "after": "open", "before": before}
        assert desk.browser.post("/tickets/bulk/back", data=data).status_code == 422, before


def test_one_refusal_does_not_hold_up_the_others(desk: Desk) -> None:
    toast = bulk(desk, "priority:nonsense", desk.ticket)
    assert "Nothing was changed." in toast.text
    assert f"#{desk.ticket}: Choose one of" in toast.text


def exported(desk: Desk, query: str) -> list[list[str]]:
    answer = desk.browser.get(f"/tickets/export.csv?{query}")
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_a_file_holds_what_the_list_shows_on_all_its_pages(desk: Desk) -> None:
    opened = desk.open_all([f"Nummer {number}" for number in range(54)], priority=Priority.HIGH)
    desk.browser.post("/list/columns", data={"column": ["number", "priority"], "sort": "", "query": ""})
    table = exported(desk, "view=all&priority=high&sort=number")
    assert table[0] == ["Priority", "No.", "Title"]
    assert table[1:] == [["High", str(number), f"Nummer {i}"] for i, number in enumerate(opened)]


def test_no_cell_of_a_file_is_a_formula(desk: Desk) -> None:
    names = ["=1+1", "+49 40", "-2", "@SUM(A1)", 'Übergröße "7"; neu']
    desk.open_all(names)
    query = "view=all&sort=number&priority=medium"
    titles = [row[2] for row in exported(desk, query)[2:]]
    assert titles == ["'=1+1", "'+49 40", "'-2", "'@SUM(A1)", 'Übergröße "7"; neu']
    answer = desk.browser.get(f"/tickets/export.xlsx?{query}")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    rows = [list(row) for row in sheet.iter_rows(min_row=3)]
    assert [row[2].value for row in rows] == names
    assert {row[2].data_type for row in rows} == {"s"}
    assert isinstance(rows[0][1].value, int)
    assert rows[0][7].value.year >= 2020
    assert "attachment" in answer.headers["Content-Disposition"]
    assert desk.browser.get("/tickets/export.pdf").status_code == 404


def test_a_file_of_a_search_is_what_the_search_finds(desk: Desk) -> None:
    desk.open("Ganz anderes")
    assert len(exported(desk, f"view=all&q={quote('Display')}")) == 2
    assert len(exported(desk, "view=all&q=nirgends")) == 1


def test_no_order_and_no_cursor_breaks_the_list(desk: Desk) -> None:
    for query in (
        "sort=nonsense", "sort=customer&after=%2D.1.1", "sort=customer&after=!!!.1.1", "sort=-priority&after=1.1",
        "sort=number&after=99999999999999", "sort=created&before=-1.1", "sort=customer&after=_w.1.1", "saved=99999",
        "sort=customer&after=0.AA.1.1.1", "sort=-customer&before=1.-.0.1.1", "sort=customer&after=7.-.0.1.1",
        "sort=customer&after=AA.1.1",
    ):  # fmt: skip
        assert desk.browser.get(f"{ALL}&{query}").status_code == 200, query
