"""Statuses in an order of the installation's own: every menu follows it, and the last one always closes."""

import pytest

from backend.db import session
from backend.statuses.names import key_of
from backend.tickets.models import Ticket
from tests.api.conftest import Program
from tests.statuses.conftest import HX, Arranging

pytestmark = pytest.mark.slow
BUILT_IN = ["open", "pending", "resolved", "closed"]


def test_one_is_added_between_two_and_every_menu_follows(arranging: Arranging) -> None:
    said = arranging.does("statuses", name="Waits for <parts>", kind="pending", after="pending")
    assert "Waits for &lt;parts&gt;" in said.text
    order = ["open", "pending", "waits-for-parts", "resolved", "closed"]
    assert arranging.keys() == order
    page = arranging.desk.page(f"/tickets/{arranging.desk.ticket}")
    in_rail = [str(one["value"]) for one in page.select("#d-status button[name=value]")]
    in_send = [str(one["value"]) for one in page.select(".split button[name=status]")]
    for menu in (in_rail, in_send):
        assert [one for one in menu if "@" not in one] == order
        assert "waits-for-parts@tomorrow" in menu
    in_list = arranging.desk.page("/tickets").select("[role=menu][aria-label=Status] a")
    assert [one.text.strip() for one in in_list] == [
        "not closed", "any", "Open", "Pending", "Waits for <parts>", "Resolved", "Closed",
    ]  # fmt: skip
    listed = Program(arranging.world, "technician").get("/statuses")
    assert [one["key"] for one in listed] == order
    assert listed[2] == {"key": order[2], "name": "Waits for <parts>", "kind": "pending", "root_cause": "free"}
    arranging.set("status", "waits-for-parts")
    assert arranging.status() == "waits-for-parts"
    log = arranging.log()
    assert "Marek Ostwald changed the statuses: – → Waits for <parts>" in log


def test_nothing_comes_behind_the_last_and_it_stays(arranging: Arranging) -> None:
    arranging.does("statuses", 422, name="Archived", kind="closed", after="closed")
    arranging.does("statuses", 422, name="Archived", kind="shut", after="open")
    assert "always closes" in arranging.does("statuses/closed/up", 422).text
    assert "always closes" in arranging.does("statuses/closed/remove", 422, instead="open").text
    arranging.does("statuses/resolved/down", 204)
    assert arranging.keys() == BUILT_IN
    arranging.does("statuses", name="Archived", kind="closed", after="resolved")
    assert arranging.keys()[-1] == "closed"


def test_a_name_is_needed_and_none_is_there_twice(arranging: Arranging) -> None:
    for name, sentence in (("  ", "name is needed"), ("pending", "is there already"), ("x" * 61, "At most 60")):
        assert sentence in arranging.does("statuses", 422, name=name, kind="open", after="open").text
    assert arranging.keys() == BUILT_IN


def test_they_are_moved_and_the_move_is_taken_back(arranging: Arranging) -> None:
    said = arranging.does("statuses/resolved/up").text
    assert arranging.keys() == ["open", "resolved", "pending", "closed"]
    assert "/settings/statuses/resolved/down" in said
    arranging.does("statuses/resolved/down")
    assert arranging.keys() == BUILT_IN
    assert "changed the order of the statuses: Open, Pending, Resolved, Closed → Open, Res" in arranging.log()


def test_built_in_ones_are_translated_until_renamed_and_again_without_a_name(arranging: Arranging) -> None:
    arranging.does("statuses/open/name", value="In progress")
    pill = arranging.desk.page(f"/tickets/{arranging.desk.ticket}").select_one(".ticket-title .pill")
    assert pill is not None
    assert pill.text.strip() == "In progress"
    assert "pill-open" in pill["class"]  # its look stays that of its kind
    arranging.does("statuses/pending/name", 422, value="In progress")
    arranging.does("statuses/open/name", value="")
    assert "Open" in arranging.page("statuses").select("#row-open .pill")[0].text
    arranging.does("statuses/open/name", 204, value="Open")


def test_removing_asks_which_status_its_tickets_get(arranging: Arranging) -> None:
    arranging.does("statuses", name="Ordered", kind="pending", after="pending")
    arranging.set("status", "ordered@tomorrow")
    assert "Tickets have this status" in arranging.does("statuses/ordered/remove", 422).text
    arranging.does("statuses/ordered/remove", 422, instead="ordered")
    assert arranging.page("statuses").select("#more-ordered select[name=instead]")
    arranging.does("statuses/ordered/remove", instead="closed")
    assert arranging.keys() == BUILT_IN
    ticket = arranging.desk.row(arranging.desk.ticket)
    assert (arranging.status(), ticket.closed, ticket.pending_until) == ("closed", True, None)
    assert ticket.closed_at is not None
    assert arranging.happened()[-1] == "status"
    activity = arranging.desk.page(f"/tickets/{arranging.desk.ticket}?tab=activity").get_text(" ", strip=True)
    assert "Marek Ostwald changed “Status”: Ordered → Closed" in activity
    arranging.does("statuses/ordered/remove", 404)


def test_new_tickets_keep_an_open_status(arranging: Arranging) -> None:
    assert "only one" in arranging.does("statuses/open/remove", 422, instead="pending").text
    arranging.does("statuses", name="New", kind="open", after="open")
    arranging.does("statuses/new/up")
    assert arranging.status(arranging.desk.open("Neuer Drucker")) == "new"


def test_a_removed_status_is_no_longer_what_an_answer_sets(arranging: Arranging) -> None:
    arranging.does("statuses", name="Answered", kind="open", after="open")
    arranging.does("about/tickets", key="inbound_status", value="status:answered")
    arranging.does("statuses/answered/remove")
    shown = arranging.page("about/tickets").select_one("#s-inbound_status option[selected]")
    assert shown is not None
    assert shown["value"] == "leave"


def test_whose_turn_it_is_does_not_change_with_the_status(arranging: Arranging) -> None:
    new = arranging.desk.open("Neu und ungelesen")
    for number, turn in ((new, "unread"), (arranging.desk.ticket, "waiting-for-technician")):
        for status in ("pending", "resolved", "closed", "open"):
            arranging.set("status", status, number=number)
            assert arranging.desk.row(number).activity_status == turn


def test_a_closed_ticket_is_inactive_everywhere(arranging: Arranging) -> None:
    desk = arranging.desk
    new = desk.open("Neu und ungelesen")
    arranging.does("statuses", name="Archived", kind="closed", after="resolved")
    arranging.set("status", "archived", number=new)
    assert desk.row(new).closed
    for view in ("all", "unassigned", "waiting"):
        assert new not in desk.numbers(f"/tickets?view={view}")
    assert new in desk.numbers("/tickets?view=all&status=archived")
    assert not desk.page("/tickets?view=all&status=any").select(f"#t{new}.is-new")
    assert not desk.page(f"/tickets/{new}").select(".ticket-title .warn")
    assert not desk.page(f"/tickets/{new}").select(".visit-plan")


def test_only_administrators_arrange(arranging: Arranging) -> None:
    given = {"name": "Mine", "kind": "open", "after": "open"}
    assert arranging.desk.browser.post("/settings/statuses", data=given, headers=HX).status_code == 403
    assert arranging.desk.browser.get("/settings/statuses").status_code == 403
    assert arranging.keys() == BUILT_IN


def test_keys_are_plain_and_none_is_there_twice() -> None:
    assert key_of("Wartet auf Gerät", []) == "wartet-auf-gerat"
    assert key_of("Größe!", ["grosse"]) == "grosse-2"
    assert key_of("待機", []) == "status"
    assert key_of("Any", ["any"]) == "any-2"


def test_the_date_of_closing_is_kept(arranging: Arranging) -> None:
    arranging.set("status", "closed")
    closed_at = arranging.desk.row(arranging.desk.ticket).closed_at
    assert closed_at is not None
    arranging.set("status", "open")
    with arranging.world.rows():
        assert session.query(Ticket).filter_by(number=arranging.desk.ticket).one().closed_at is None
