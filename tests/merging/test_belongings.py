"""What else belongs to a ticket goes along when it is merged, and comes back: drafts, deleted words, dates, people."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.auth import Who
from backend.db import session
from backend.live import LiveEvent
from backend.settings.actions import choose
from backend.tickets.models import Message, Ticket
from backend.writing.models import participants_of
from tests.merging.conftest import Desk
from tests.world import JANA

pytestmark = pytest.mark.slow
OLE, SVEA = "ole@moebelwerk-tressow.example", "svea@moebelwerk-tressow.example"


def say(desk: Desk, number: int, text: str, kind: str = "note", **more: object) -> int:
    """Piet says something on the ticket; the message's id."""
    answer = desk.browser.post(f"/tickets/{number}/messages", data={"kind": kind, "text": text, **more})
    assert answer.status_code < 300, answer.text
    with desk.world.rows():
        return session.scalars(select(Message.id).order_by(Message.id.desc()).limit(1)).one()


def hold(desk: Desk) -> None:
    """Replies can be taken back from now on."""
    with desk.world.app.test_request_context(), desk.world.rows():
        choose(Who(person_id=None, name="Renate"), "undo_send_seconds", 5)


def taking_part(desk: Desk, number: int) -> list[str]:
    """The addresses of those who get every later update."""
    with desk.world.rows():
        id_ = session.scalars(select(Ticket.id).where(Ticket.number == number)).one()
        return [one["address"] for one in participants_of(id_)]


def test_a_reply_that_was_taken_back_waits_with_its_files_where_the_ticket_goes_on(desk: Desk) -> None:
    hold(desk)
    a, b = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    reply = say(desk, a, "Wir kommen.", "reply", files=(io.BytesIO(b"Plan"), "plan.txt"))
    assert desk.browser.post(f"/messages/{reply}/unsend").status_code == 200
    assert desk.merge(a, b).status_code == 204
    draft = desk.browser.get(f"/drafts/ticket:{b}").get_json()
    assert (draft["text"], [one["name"] for one in draft["files"]]) == ("Wir kommen.", ["plan.txt"])


def test_a_deleted_note_is_brought_back_on_whichever_ticket_it_stands(desk: Desk) -> None:
    a, b = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    first, second = say(desk, a, "Erste Notiz"), say(desk, a, "Zweite Notiz")
    assert desk.browser.post(f"/messages/{first}/delete").status_code == 200
    desk.merge(a, b)
    assert desk.browser.post(f"/messages/{second}/delete").status_code == 200
    assert desk.browser.post(f"/messages/{first}/restore").status_code == 200
    assert desk.texts(b)[-2:] == ["Erste Notiz", ""]
    desk.unmerge(a)
    assert desk.browser.post(f"/messages/{second}/restore").status_code == 200
    assert desk.texts(a)[-2:] == ["Erste Notiz", "Zweite Notiz"]


def test_a_pending_ticket_comes_back_pending_until_the_same_moment(desk: Desk) -> None:
    a, b, c = (desk.asks(subject) for subject in ("Drucker klemmt", "Papierstau", "Toner leer"))
    for number in (a, b):
        desk.browser.post(f"/tickets/{number}/status", data={"value": "pending"}, headers={"HX-Request": "true"})
    for number, days in ((a, 9), (b, 2)):
        day = (clock.now() + timedelta(days=days)).isoformat(timespec="minutes")
        answer = desk.browser.post(f"/tickets/{number}/pending_until", data={"value": day})
        assert answer.status_code == 200, answer.text
    until = desk.row(a).pending_until
    assert until is not None
    for number in (a, b):
        assert desk.merge(number, c).status_code == 204
        assert desk.row(number).pending_until is None
    desk.world.pass_time(timedelta(days=4))
    desk.browser = desk.world.browser(desk.piet)
    for number in (a, b):
        desk.unmerge(number)
    assert (desk.row(a).pending_until, desk.row(b).pending_until) == (until, None)


def test_who_takes_part_gets_later_updates_where_the_ticket_goes_on(desk: Desk) -> None:
    a, b, c = (desk.asks(subject) for subject in ("Drucker klemmt", "Papierstau", "Toner leer"))
    for number, cc in ((a, [OLE, SVEA]), (b, [OLE])):
        say(desk, number, "Wir kommen.", "reply", chosen="yes", to=JANA, cc=cc)
    assert (taking_part(desk, a), taking_part(desk, b)) == ([OLE, SVEA], [OLE])
    desk.merge(a, b)
    assert taking_part(desk, b) == [OLE, SVEA]
    desk.unmerge(a)
    assert (taking_part(desk, a), taking_part(desk, b)) == ([OLE, SVEA], [OLE])
    with desk.world.rows():
        session.scalars(select(Ticket).where(Ticket.number == c)).one().customer_id = None
    assert desk.merge(a, c, confirmed="1").status_code == 204
    assert taking_part(desk, c) == []


def test_a_running_timer_is_shown_for_its_ticket_at_once_when_merged_and_when_taken_back(desk: Desk) -> None:
    """Every open page of whoever counts hears of it: the bar names the ticket on which the time stands now."""
    a, b = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    assert desk.browser.post(f"/tickets/{a}/timer/start").status_code == 204

    def told() -> int:
        with desk.world.rows():
            return session.query(LiveEvent).filter_by(topic=f"timer:{desk.piet.id}").count()

    for step, number in ((lambda: desk.merge(a, b), b), (lambda: desk.unmerge(a), a)):
        before = told()
        step()
        assert told() == before + 1
        assert f'data-ticket-number="{number}"' in desk.browser.get("/timer").text
    desk.merge(a, b)
    answer = desk.browser.post(f"/tickets/{a}/unmerge", headers={"HX-Request": "true"})
    assert f"timer:{desk.piet.id}" in answer.headers["HX-Trigger"]
