"""Pending until a date, closing what nobody answers, and answers that come long after."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.db import session
from backend.mail.models import InboundMail
from backend.statuses.pending import next_monday, read, tomorrow
from backend.tickets.models import Message, Ticket
from tests.api.conftest import Program
from tests.statuses.conftest import HX, Arranging
from tests.world import JANA, World, mail

pytestmark = pytest.mark.slow
BERLIN = "Europe/Berlin"


def _until(arranging: Arranging, number: int = 0) -> datetime | None:
    return arranging.desk.row(number or arranging.desk.ticket).pending_until


def _says(arranging: Arranging, **form: str) -> None:
    path = f"/tickets/{arranging.desk.ticket}/messages"
    assert arranging.desk.browser.post(path, data=form, headers=HX).status_code == 204


def _asks(world: World, subject: str = "Drucker") -> int:
    """Jana's first mail; the number of its ticket."""
    return _arrives(world, mail(subject=subject))


def _arrives(world: World, raw: bytes) -> int:
    """A mail comes in; the number of the ticket it is on."""
    known = world.deliver(raw)
    world.run("mail.sweep")
    world.work()
    with world.rows():
        on = select(Ticket.number).join(InboundMail, InboundMail.ticket_id == Ticket.id)
        return session.scalars(on.where(InboundMail.internet_message_id == known)).one()


def test_mornings_are_those_of_the_technician() -> None:
    friday = datetime(2026, 3, 27, 23, 30, tzinfo=UTC)  # Saturday half past midnight in Berlin
    assert tomorrow(friday, BERLIN) == datetime(2026, 3, 29, 6, tzinfo=UTC)  # summer time has begun
    assert next_monday(friday, BERLIN) == datetime(2026, 3, 30, 6, tzinfo=UTC)
    monday = datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert next_monday(monday, BERLIN) == datetime(2026, 3, 9, 7, tzinfo=UTC)
    assert read("2026-03-05T10:30", monday, BERLIN) == datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
    assert read("2026-03-05T10:30:00+00:00", monday, BERLIN) == datetime(2026, 3, 5, 10, 30, tzinfo=UTC)
    assert read("", monday, BERLIN) is None


def test_pending_offers_until_when_and_it_is_taken_back_whole(arranging: Arranging) -> None:
    said = arranging.set("status", "pending@tomorrow")
    assert arranging.status() == "pending"
    until = _until(arranging)
    assert until == tomorrow(clock.now(), BERLIN)
    rail = arranging.desk.page(f"/tickets/{arranging.desk.ticket}")
    assert "8:00" in rail.select("#d-pending_until summary")[0].text
    assert 'value="open"' in said
    back = arranging.set("status", "open")
    assert _until(arranging) is None
    assert f'value="pending@{until.isoformat()}"' in back
    arranging.set("status", f"pending@{until.isoformat()}")
    assert _until(arranging) == until


def test_a_date_is_chosen_changed_and_refused(arranging: Arranging) -> None:
    assert "Only a pending ticket" in arranging.set("pending_until", "tomorrow", 422)
    arranging.set("status", "pending")
    assert _until(arranging) is None
    for wrong, sentence in (("soon", "a date and a time"), ("2020-01-01T08:00", "a date and a time")):
        assert sentence in arranging.set("pending_until", wrong, 422)
    past = (clock.now() - timedelta(minutes=1)).isoformat()
    assert "still to come" in arranging.set("pending_until", past, 422)
    arranging.set("pending_until", "monday")
    assert _until(arranging) == next_monday(clock.now(), BERLIN)
    arranging.set("pending_until", "")
    assert _until(arranging) is None
    assert arranging.happened()[-2:] == ["pending_until", "pending_until"]
    _says(arranging, kind="note", text="bis morgen", status="pending@tomorrow")
    assert _until(arranging) == tomorrow(clock.now(), BERLIN)


def test_on_its_date_it_is_back_on_top_and_says_why(arranging: Arranging) -> None:
    desk, world = arranging.desk, arranging.world
    _says(arranging, kind="reply", text="Ersatzkopf ist bestellt.", status="pending@tomorrow")
    newer = desk.open("Etwas anderes")
    world.run("statuses.come_back")
    assert arranging.status() == "pending"
    assert desk.numbers("/tickets?view=all")[0] == newer
    arranging.days(2)
    world.run("statuses.come_back")
    ticket = desk.row(desk.ticket)
    assert (arranging.status(), ticket.activity_status) == ("open", "waiting-for-technician")
    assert ticket.pending_until is None
    assert desk.numbers("/tickets?view=all")[0] == desk.ticket
    page = desk.page(f"/tickets/{desk.ticket}?tab=activity").get_text(" ", strip=True)
    assert "Deskside brought the ticket back: it was pending until" in page
    before = arranging.happened()
    world.run("statuses.come_back")
    assert arranging.happened() == before


def test_what_is_pending_until_a_date_says_that_and_not_that_it_waits_for_us(arranging: Arranging) -> None:
    desk = arranging.desk
    number = _asks(arranging.world)
    _arrives(arranging.world, mail(subject=f"Re: [#{number}] Drucker", text="Noch etwas."))

    def said() -> list[str]:
        """On the ticket's head, in the list, in the pane, and in the list's file."""
        head = desk.page(f"/tickets/{number}").select(".ticket-title")[0]
        cell = desk.page("/tickets?view=all").select(f"#t{number} .c-act")[0]
        pane = desk.page(f"/addin/tickets/{number}").select(".metaline")[0]
        file = desk.browser.get("/tickets/export.csv?view=all").text
        line = next(line for line in file.splitlines() if str(number) in line)
        assert bool(head.select(".warn")) == bool(cell.select(".act-us")) == bool(pane.select(".warn"))
        return [one if isinstance(one, str) else one.get_text(" ", strip=True) for one in (head, cell, pane, line)]

    assert all("Waits for us" in one for one in said())
    us = desk.numbers("/tickets?view=us")
    assert number in us
    arranging.set("status", "pending@2090-03-04T10:00", number=number)
    assert all("Pending until 4 Mar" in one or "Pending until 3/4/90" in one for one in said()), said()
    assert not any("Waits for us" in one for one in said())
    assert number not in desk.numbers("/tickets?view=us")
    arranging.set("pending_until", "2090-03-05T10:00", number=number)
    arranging.set("status", "open", number=number)
    assert all("Waits for us" in one for one in said())
    arranging.set("status", "pending@2090-03-04T10:00", number=number)
    arranging.set("pending_until", "", number=number)
    assert all("Waits for us" in one for one in said())
    arranging.set("pending_until", "2090-03-05T10:00", number=number)
    _arrives(arranging.world, mail(subject=f"Re: [#{number}] Drucker", text="Es eilt doch."))
    assert all("Waits for us" in one for one in said())  # which is true again
    assert _until(arranging, number) is not None


@pytest.mark.parametrize("way", ["kind", "remove"])
def test_what_was_laid_aside_waits_again_when_its_status_is_removed_or_means_something_else(
    arranging: Arranging, way: str
) -> None:
    arranging.does("statuses", name="Ordered", kind="pending", after="pending")
    asks, other = _asks(arranging.world), arranging.desk.open("Neu und ungelesen")
    _arrives(arranging.world, mail(subject=f"Re: [#{asks}] Drucker", text="Noch etwas."))
    wanted = {asks: "waiting-for-technician", other: "read", arranging.desk.ticket: "waiting-for-contact"}
    for number in (asks, other):
        arranging.set("status", "ordered@2090-03-04T10:00", number=number)
    _says(arranging, kind="reply", text="Ist bestellt.", status="ordered@2090-03-04T10:00")
    assert [arranging.desk.row(one).activity_status for one in wanted] == ["read", "read", "waiting-for-contact"]
    arranging.does(f"statuses/ordered/{way}", value="open", instead="open")
    assert {one: arranging.desk.row(one).activity_status for one in wanted} == wanted
    assert all(_until(arranging, one) is None for one in wanted)
    assert asks in arranging.desk.numbers("/tickets?view=us")


def test_a_customers_answer_leaves_status_and_date(arranging: Arranging) -> None:
    number = _asks(arranging.world)
    arranging.set("status", "pending@tomorrow", number=number)
    _arrives(arranging.world, mail(subject=f"Re: [#{number}] Drucker", text="Gibt es schon etwas Neues?"))
    assert arranging.status(number) == "pending"
    assert _until(arranging, number) is not None
    assert arranging.desk.row(number).activity_status == "waiting-for-technician"


@pytest.mark.parametrize(
    ("chosen", "was", "becomes"),
    [
        ("leave", "resolved", "resolved"),
        ("leave", "closed", "closed"),
        ("reopen", "closed", "open"),
        ("reopen", "pending", "open"),
        ("reopen", "in-work", "in-work"),
        ("status:in-work", "open", "in-work"),
        ("status:in-work", "resolved", "in-work"),
    ],
)
def test_an_answer_does_with_the_status_what_its_page_says(
    arranging: Arranging, chosen: str, was: str, becomes: str
) -> None:
    arranging.does("statuses", name="In work", kind="open", after="open")
    arranging.does("about/tickets", key="inbound_status", value=chosen)
    number = _asks(arranging.world)
    assert arranging.status(number) == "open"
    arranging.set("status", was, 204 if was == "open" else 200, number=number)
    _arrives(arranging.world, mail(subject=f"Re: [#{number}] Drucker", text="Es geht doch nicht."))
    assert arranging.status(number) == becomes


def test_programs_say_until_when(arranging: Arranging) -> None:
    program, path = Program(arranging.world, "technician"), f"/tickets/{arranging.desk.ticket}"
    program.headers["Accept-Language"] = "en"
    until = (clock.now() + timedelta(days=3)).replace(microsecond=0)
    refused = program.patch(path, {"pending_until": until.isoformat()}, 422)
    assert "Only a pending ticket" in refused["fields"]["pending_until"]
    made = program.patch(path, {"pending_until": until.isoformat(), "status": "pending"})
    assert datetime.fromisoformat(made["pending_until"]) == until
    assert program.patch(path, {"status": "open"})["pending_until"] is None


def _waits_for_jana(arranging: Arranging, status: str) -> int:
    """A ticket of Jana's mail that Piet has answered with that status."""
    number = _asks(arranging.world, f"Drucker {status}")
    path = f"/tickets/{number}/messages"
    said = {"kind": "reply", "text": "Geht er jetzt?", "status": status}
    assert arranging.desk.browser.post(path, data=said, headers=HX).status_code == 204
    arranging.world.work()
    return number


def test_what_nobody_answers_is_closed_with_notice_in_the_customers_language(arranging: Arranging) -> None:
    world = arranging.world
    arranging.does("about/tickets", key="close_after_days", value="14")
    numbers = {status: _waits_for_jana(arranging, status) for status in ("resolved", "pending", "open")}
    dated = _waits_for_jana(arranging, "pending@" + (clock.now() + timedelta(days=60)).isoformat())
    arranging.days(13)
    world.run("statuses.close_unanswered")
    assert arranging.status(numbers["resolved"]) == "resolved"
    sent = len(world.sent())
    arranging.days(2)
    for _twice in range(2):
        world.run("statuses.close_unanswered")
    world.work()
    assert [arranging.status(one) for one in numbers.values()] == ["closed", "closed", "open"]
    assert arranging.status(dated) == "pending"
    assert arranging.status() == "open"  # which waits for us
    told = world.sent()[sent:]
    assert len(told) == 2
    assert {one["to"][0]["address"] if isinstance(one["to"][0], dict) else one["to"][0] for one in told} == {JANA}
    assert all(one["inReplyTo"] for one in told)
    assert arranging.happened(numbers["pending"])[-2:] == ["closed_unanswered", "status"]
    page = arranging.desk.page(f"/tickets/{numbers['pending']}?tab=activity").get_text(" ", strip=True)
    assert "Deskside closed the ticket: nobody has answered since" in page
    assert "auto-generated" in world.sent_mime(told[0]).decode()


def test_none_is_closed_until_it_is_chosen(arranging: Arranging) -> None:
    number = _waits_for_jana(arranging, "resolved")
    arranging.days(3000)
    arranging.world.run("statuses.close_unanswered")
    assert arranging.status(number) == "resolved"


def test_an_answer_long_after_the_end_becomes_a_linked_ticket(arranging: Arranging) -> None:
    world, desk = arranging.world, arranging.desk
    arranging.does("about/tickets", key="reopen_within_days", value="30")
    number = _waits_for_jana(arranging, "closed")

    def answer() -> bytes:
        return mail(subject=f"AW: [#{number}] Drucker closed", text="Jetzt wieder nicht.")

    arranging.days(29)
    assert _arrives(world, answer()) == number
    arranging.days(2)
    new = _arrives(world, answer())
    assert new != number
    row = desk.row(new)
    assert (row.subject, row.contact_id, row.customer_id) == ("Drucker closed", desk.jana.id, desk.customer.id)
    assert desk.row(number).messages_count == 3
    head = desk.page(f"/tickets/{new}").select_one(".ticket-head")
    assert head is not None
    assert f"Follows #{number}" in head.text
    assert f"Goes on in #{new}" in desk.page(f"/tickets/{number}").select(".ticket-head")[0].text
    assert Program(world, "technician").get(f"/tickets/{new}")["follows"] == number
    # A second answer to the old mail goes on where the first one did, as long as that is open.
    assert _arrives(world, answer()) == new
    arranging.set("status", "closed", number=new)
    arranging.days(31)
    newest = _arrives(world, answer())
    assert newest not in (number, new)
    with world.rows():
        assert session.scalars(select(Ticket.follows_id).where(Ticket.number == newest)).one() == row.id


def test_answers_land_on_closed_tickets_however_old_until_it_is_chosen(arranging: Arranging) -> None:
    number = _waits_for_jana(arranging, "closed")
    arranging.days(3000)
    assert _arrives(arranging.world, mail(subject=f"AW: [#{number}] Drucker closed", text="Noch etwas.")) == number
    with arranging.world.rows():
        assert session.scalars(select(Message.text).order_by(Message.id.desc())).first() == "Noch etwas."
