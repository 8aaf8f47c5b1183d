"""Own statuses have a colour with a sign, and what they mean can be changed: their tickets follow and say so."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from backend.db import plain_url, session
from backend.statuses.actions.meaning import AT_ONCE
from backend.tickets.models import Status, StatusTone, Ticket
from tests.statuses.conftest import HX, Arranging
from tests.waiting import eventually

pytestmark = pytest.mark.slow


def _kind(arranging: Arranging, key: str) -> str:
    with arranging.world.rows():
        return session.query(Status.kind).filter(Status.key == key).scalar() or ""


def test_own_statuses_get_a_colour_that_every_place_shows(arranging: Arranging) -> None:
    arranging.does("statuses", name="Ordered", kind="pending", after="pending")
    arranging.does("statuses", name="In work", kind="open", after="open")
    arranging.set("status", "ordered")
    offered = arranging.page("statuses").select("#look-ordered button[aria-pressed]")
    assert [one["value"] for one in offered] == [tone.value for tone in StatusTone]
    signs = {str(one.select("use")[0]["href"]).partition("#")[2] for one in offered}
    assert len(signs) == len(offered)  # colour is not the only sign
    assert [one["value"] for one in offered if one["aria-pressed"] == "true"] == ["custom"]
    said = arranging.does("statuses/ordered/tone", value="teal").text
    assert "Ordered: Teal, speech bubble" in said
    assert "/settings/statuses/ordered/tone" in said
    number, customer = arranging.desk.ticket, arranging.desk.customer.key
    for path in (f"/tickets/{number}", "/tickets?view=all", f"/tickets/{number}/preview", f"/customers/{customer}",
                 f"/addin/tickets/{number}"):  # fmt: skip
        assert arranging.desk.page(path).select(".pill-teal"), path
    assert "changed the colour of a status: Ordered: by its meaning → Ordered: Teal" in arranging.log()
    arranging.does("statuses/ordered/tone", 204, value="teal")
    arranging.does("statuses/ordered/tone", 422, value="pink")
    assert "came with the desk" in arranging.does("statuses/open/tone", 422, value="red").text
    assert not arranging.page("statuses").select("#look-open")


def test_a_meaning_is_changed_and_the_tickets_follow_and_say_so(arranging: Arranging) -> None:
    arranging.does("statuses", name="Archive", kind="pending", after="resolved")
    arranging.chosen("inbound_status", "status:archive")
    arranging.set("status", "archive@tomorrow")
    other = arranging.desk.open("Noch einer")
    assert "1 ticket has this status." in arranging.page("statuses").select("#look-archive")[0].text
    arranging.does("statuses/archive/kind", value="closed")
    ticket = arranging.desk.row(arranging.desk.ticket)
    assert (ticket.closed, ticket.pending_until, ticket.closed_at is None) == (True, None, False)
    assert arranging.happened()[-1] == "kind_closed"
    assert arranging.happened(other)[-1] != "kind_closed"
    page = arranging.desk.page(f"/tickets/{arranging.desk.ticket}?tab=activity").get_text(" ", strip=True)
    assert "Marek Ostwald closed the ticket: its status “Archive” closes tickets now" in page
    assert "changed the meaning of a status: Archive: pending" in arranging.log()
    assert arranging.page("about/tickets").select("[name=value] [value='leave'][selected], [value='leave'][checked]")
    arranging.does("statuses/archive/kind", value="open")
    ticket = arranging.desk.row(arranging.desk.ticket)
    assert (ticket.closed, ticket.closed_at, arranging.status()) == (False, None, "archive")
    assert arranging.happened()[-1] == "kind_opened"


@pytest.mark.parametrize("way", ["set", "open", "first"])
def test_a_meaning_that_changes_while_a_ticket_gets_the_status_counts_at_once(arranging: Arranging, way: str) -> None:
    desk, first = arranging.desk, way == "first"
    arranging.does("statuses", name="Archive", kind="open" if first else "pending", after="open")
    if first:
        arranging.does("statuses/archive/up")
    with arranging.world.rows():
        archive = session.query(Status).filter(Status.key == "archive").one()

    def given() -> int:
        if way == "set":
            arranging.set("status", "archive")
            return desk.ticket
        return desk.open("Gleichzeitig", **({} if first else {"status": archive}))

    address = plain_url(arranging.world.settings.database_url)
    with psycopg.connect(address) as changes, psycopg.connect(address, autocommit=True) as looks:
        changes.execute("select id from statuses where key = 'archive' for update")
        with ThreadPoolExecutor(1) as threads:
            number = threads.submit(given)
            waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            try:
                eventually(lambda: looks.execute(waiting).fetchone())
                changes.execute("update statuses set kind = 'closed' where key = 'archive'")
            finally:
                changes.commit()
            ticket = desk.row(number.result())
    assert (arranging.status(ticket.number), ticket.closed) == (("open", False) if first else ("archive", True))
    assert (ticket.closed_at is not None) == ticket.closed


def test_what_was_merged_stays_closed(arranging: Arranging) -> None:
    desk = arranging.desk
    arranging.does("statuses", name="Archive", kind="closed", after="open")
    other = desk.open("Dasselbe noch einmal")
    answer = desk.browser.post(f"/tickets/{other}/merge", data={"into": desk.ticket}, headers=HX)
    assert answer.status_code < 300, answer.text
    arranging.set("status", "archive")
    arranging.does("statuses/archive/kind", value="open")
    assert not desk.row(desk.ticket).closed
    assert (desk.row(other).closed, arranging.status(other)) == (True, "closed")


def test_what_would_break_is_refused(arranging: Arranging) -> None:
    assert "came with the desk" in arranging.does("statuses/open/kind", 422, value="pending").text
    assert "came with the desk" in arranging.does("statuses/closed/kind", 422, value="open").text
    arranging.does("statuses", name="New", kind="open", after="open")
    arranging.does("statuses/open/remove", instead="new")
    assert "only one" in arranging.does("statuses/new/kind", 422, value="resolved").text
    arranging.does("statuses/new/kind", 422, value="sideways")
    arranging.does("statuses/new/kind", 204, value="open")


def test_many_tickets_follow_in_a_job(arranging: Arranging) -> None:
    arranging.does("statuses", name="Archive", kind="pending", after="resolved")
    arranging.set("status", "archive")
    with arranging.world.rows():
        first = session.query(Ticket).filter(Ticket.number == arranging.desk.ticket).one()
        session.add_all(
            Ticket(subject="Alt", status_id=first.status_id, created_at=first.created_at, updated_at=first.updated_at)
            for _each in range(AT_ONCE)
        )
    assert "in some moments" in arranging.does("statuses/archive/kind", value="closed").text
    assert _kind(arranging, "archive") == "pending"
    assert not arranging.desk.row(arranging.desk.ticket).closed
    arranging.world.work()
    assert _kind(arranging, "archive") == "closed"
    with arranging.world.rows():
        assert session.query(Ticket).filter(~Ticket.closed).count() == 0
    assert arranging.happened()[-1] == "kind_closed"
    assert "Marek Ostwald changed the meaning of a status" in arranging.log()
