"""The list of tickets: views, search, filters, pages, and what it costs."""

import pytest

from backend.tickets.models import Priority
from tests.desk.conftest import Desk, stranger

pytestmark = pytest.mark.slow


def test_each_view_shows_its_tickets(desk: Desk) -> None:
    mine = desk.open("Meins", assignee=desk.piet)
    teams = desk.open("Unseres", team=None, assignee=desk.aylin)
    desk.browser.post(f"/tickets/{teams}/team", data={"value": str(desk.team)})
    waiting = desk.open("Wartet", assignee=desk.aylin)
    desk.browser.post(f"/tickets/{waiting}/status", data={"value": "pending"})
    closed = desk.open("Fertig", assignee=desk.piet)
    desk.browser.post(f"/tickets/{closed}/status", data={"value": "closed"})
    assert desk.numbers("/tickets?view=mine") == [mine]
    assert desk.numbers("/tickets?view=teams") == [teams]
    assert desk.numbers("/tickets") == [teams]  # a person with a team begins there
    assert desk.numbers("/tickets?view=unassigned") == [desk.ticket]
    assert desk.numbers("/tickets?view=waiting") == [waiting]
    assert set(desk.numbers("/tickets?view=all")) == {mine, teams, waiting, desk.ticket}
    assert closed in desk.numbers("/tickets?view=mine&status=closed")


def test_the_newest_stands_first_and_unread_ones_weigh_more(desk: Desk) -> None:
    second = desk.open("Später")
    assert desk.numbers("/tickets?view=all") == [second, desk.ticket]
    page = desk.page("/tickets?view=all")
    assert page.select_one(f"#t{second}")["class"] == ["is-new"]  # type: ignore[index]


def test_search_finds_words_of_the_conversation_numbers_and_closed_tickets(desk: Desk) -> None:
    other = desk.open("Ganz anderes")
    desk.browser.post(f"/tickets/{desk.ticket}/status", data={"value": "closed"})
    assert desk.numbers("/tickets?view=all&q=Display") == [desk.ticket]
    assert desk.numbers("/tickets?view=all&q=Ersatzkopf") == [desk.ticket]  # an internal note
    assert desk.numbers(f"/tickets?view=all&q={other}") == [other]
    assert desk.numbers("/tickets?view=all&q=Zahnarzt") == []
    assert "Nothing found" in desk.page("/tickets?view=all&q=Zahnarzt").text


def test_filters_narrow_the_list_and_say_so(desk: Desk) -> None:
    urgent = desk.open("Brennt", priority=Priority.CRITICAL, assignee=desk.aylin)
    svea = stranger(desk.world)
    for query, found in (
        ("priority=critical", [urgent]),
        (f"assignee={desk.aylin.id}", [urgent]),
        ("customer=K1", [urgent, desk.ticket]),
        ("customer=K2", []),
        ("type=request", []),
        ("attention=urgent", [urgent]),
        ("attention=unread", [urgent]),
    ):
        assert desk.numbers(f"/tickets?view=all&{query}") == found, query
    assert svea.name not in desk.page("/tickets?view=all").text
    assert "Möbelwerk Tressow" in desk.page("/tickets?view=all&customer=K1").select_one(".filters").text  # type: ignore[union-attr]


def test_no_address_breaks_the_list(desk: Desk) -> None:
    for query in (
        "view=none&status=none&priority=none&type=none&customer=none&assignee=none&attention=none",
        "after=none&before=none",
        "after=99999999999999999999.1",
        "after=1.99999999999999999999999",
        "assignee=99999999999999999999",
        "q=%00&customer=%00",
        "q=%22unended&view=all",
        "q=' | & ! :* <-> \\&view=all",
    ):
        assert desk.browser.get(f"/tickets?{query}").status_code == 200, query


def test_pages_follow_each_other_without_gap_or_overlap(desk: Desk) -> None:
    opened = [desk.ticket, *desk.open_all([f"Nummer {number}" for number in range(54)])]
    first = desk.page("/tickets?view=all")
    shown = [int(str(row["id"])[1:]) for row in first.select("tr[data-row]")]
    older = str(first.select_one("a[aria-label=Older]")["href"])  # type: ignore[index]
    assert first.select_one("a[aria-label=Newer]") is None
    second = desk.page(older)
    shown += [int(str(row["id"])[1:]) for row in second.select("tr[data-row]")]
    assert shown == opened[::-1]
    back = str(second.select_one("a[aria-label=Newer]")["href"])  # type: ignore[index]
    assert desk.numbers(back) == shown[:50]


def test_the_number_of_queries_does_not_grow_with_the_rows(desk: Desk) -> None:
    def cost() -> int:
        with desk.counted() as queries:
            desk.page("/tickets?view=all&customer=K1")
        return len(queries)

    few = cost()
    desk.open_all([f"Nummer {number}" for number in range(8)], assignee=desk.aylin)
    desk.open_all([f"Nummer {number}" for number in range(8)], assignee=desk.piet)
    assert cost() == few
    assert few <= 6  # session, teams, counts, rows, statuses, names of the filters


def test_the_preview_shows_the_newest_message(desk: Desk) -> None:
    card = desk.page(f"/tickets/{desk.ticket}/preview")
    assert "Kopf prüfen" in card.text
    assert "Jana Wiedekind" in card.text
    assert desk.browser.get("/tickets/99999/preview").status_code == 404


def test_the_part_that_refreshes_is_the_part_the_page_includes(desk: Desk) -> None:
    whole = desk.page("/tickets?view=all").select_one("#list")
    part = desk.page("/tickets?view=all", **{"HX-Request": "true"})
    assert part.select_one("head") is None
    assert part.select_one("#list").select("tr") == whole.select("tr")  # type: ignore[union-attr]
