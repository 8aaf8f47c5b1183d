"""A reply waits some seconds before it goes out; so long its author can take it back, whole."""

import io
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from backend import clock
from backend.db import session
from backend.mail.models import OutboundMail
from backend.tickets.actions import Said, receive
from backend.tickets.models import ActivityStatus, Ticket
from tests.world import JANA, World
from tests.writing.conftest import Desk

pytestmark = pytest.mark.slow


def scheduled(world: World) -> list[tuple[str, bool]]:
    """The jobs that wait, and whether for a moment to come."""
    with world.rows():
        rows = session.execute(
            text("select task_name, scheduled_at is not null from procrastinate_jobs where status = 'todo' order by id")
        )
        return [(row[0], row[1]) for row in rows]


def test_a_reply_waits_and_comes_back_whole(world: World, desk: Desk) -> None:
    desk.hold(5)
    data = {
        "kind": "reply", "text": "Wir kommen morgen.", "chosen": "yes", "status": "pending",
        "to": f"Jana Wiedekind <{JANA}>", "cc": "Ole <ole@moebelwerk-tressow.example>",
        "files": (io.BytesIO(b"Plan"), "plan.txt"),
    }  # fmt: skip
    answer = desk.browser.post("/tickets/10001/messages", data=data)
    reply = desk.newest().id
    assert f'hx-post="/messages/{reply}/unsend"' in answer.text
    assert scheduled(world) == [("mail.reply", True)]
    with world.rows():
        assert session.scalar(select(OutboundMail.id)) is None
    before = desk.ticket()
    assert (before.messages_count, before.activity_status) == (2, ActivityStatus.WAITING_CONTACT)
    assert f"/messages/{reply}/unsend" in desk.browser.get("/tickets/10001").text

    back = desk.browser.post(f"/messages/{reply}/unsend")
    assert back.status_code == 200
    assert "takenback" in back.headers["HX-Trigger"]
    assert desk.message(reply) is None
    after = desk.ticket()
    assert (after.messages_count, after.activity_status) == (1, ActivityStatus.UNREAD)
    assert [(one.before, one.after) for one in desk.log("status")] == [("open", "pending"), ("pending", "open")]
    draft = desk.browser.get("/drafts/ticket:10001").get_json()
    assert (draft["text"], draft["kind"], draft["to"]) == ("Wir kommen morgen.", "reply", [f"Jana Wiedekind <{JANA}>"])
    assert draft["cc"] == ["Ole <ole@moebelwerk-tressow.example>"]
    assert [one["name"] for one in draft["files"]] == ["plan.txt"]
    world.work()
    assert world.sent() == []
    assert "Wir kommen morgen." in desk.browser.get("/tickets/10001?tab=activity").text

    kept = str(draft["files"][0]["id"])
    desk.say("Wir kommen übermorgen.", kind="reply", kept=kept)
    world.work()
    (sent,) = world.sent()
    mime = world.sent_mime(sent)
    assert b"plan.txt" in mime
    assert desk.browser.get("/drafts/ticket:10001").status_code == 204


def test_what_it_was_pending_until_comes_back(desk: Desk) -> None:
    desk.hold(5)
    desk.browser.post("/tickets/10001/status", data={"value": "pending@monday"})
    until = desk.ticket().pending_until
    assert until is not None
    reply = desk.say("Erledigt.", kind="reply", status="resolved")
    assert desk.ticket().pending_until is None
    assert desk.browser.post(f"/messages/{reply}/unsend").status_code == 200
    assert desk.ticket().pending_until == until


def test_what_was_laid_aside_knows_whose_turn_it_was_after_a_reply_was_taken_back(desk: Desk) -> None:
    desk.hold(5)
    with desk.world.rows():
        session.query(Ticket).update({"activity_status": ActivityStatus.WAITING_TECHNICIAN})
    desk.browser.post("/tickets/10001/status", data={"value": "pending@monday"})
    reply = desk.say("Erledigt.", kind="reply", status="resolved")
    assert desk.browser.post(f"/messages/{reply}/unsend").status_code == 200
    assert desk.ticket().activity_status == ActivityStatus.READ
    desk.browser.post("/tickets/10001/status", data={"value": "open"})
    assert desk.ticket().activity_status == ActivityStatus.WAITING_TECHNICIAN


def test_what_the_customer_wrote_meanwhile_is_not_laid_aside_with_the_date(desk: Desk) -> None:
    desk.hold(5)
    desk.browser.post("/tickets/10001/status", data={"value": "pending@monday"})
    reply = desk.say("Erledigt.", kind="reply", status="resolved")
    with desk.world.app.test_request_context(), desk.world.rows():
        receive(session.query(Ticket).one(), desk.jana.who(), Said(text="Es eilt doch."))
    assert desk.browser.post(f"/messages/{reply}/unsend").status_code == 200
    after = desk.ticket()
    assert after.pending_until is not None
    assert after.activity_status == ActivityStatus.WAITING_TECHNICIAN


def test_what_was_begun_meanwhile_stands_below(desk: Desk) -> None:
    desk.hold(5)
    reply = desk.say("Eins.", kind="reply")
    desk.browser.post("/drafts/ticket:10001", data={"text": "Zwei.", "kind": "note"})
    desk.browser.post(f"/messages/{reply}/unsend")
    assert desk.browser.get("/drafts/ticket:10001").get_json()["text"] == "Eins.\n\nZwei."


def test_too_late(world: World, desk: Desk) -> None:
    desk.hold(5)
    reply = desk.say("Wir kommen morgen.", kind="reply")
    world.work()
    assert len(world.sent()) == 1
    late = desk.browser.post(f"/messages/{reply}/unsend")
    assert late.status_code == 422
    assert "has been sent already" in late.text
    assert desk.message(reply) is not None
    assert f"/messages/{reply}/unsend" not in desk.browser.get("/tickets/10001").text


def test_twice_is_once_and_only_ones_own(world: World, desk: Desk) -> None:
    desk.hold(5)
    reply = desk.say("Wir kommen morgen.", kind="reply")
    assert world.browser(desk.aylin).post(f"/messages/{reply}/unsend").status_code == 422
    assert desk.browser.post(f"/messages/{reply}/unsend").status_code == 200
    assert desk.browser.post(f"/messages/{reply}/unsend").status_code == 422
    assert len(desk.log("reply_taken_back")) == 1


def test_a_waiting_reply_can_still_be_changed_and_not_deleted(world: World, desk: Desk) -> None:
    desk.hold(5)
    reply = desk.say("Wir kommen morgn.", kind="reply")
    assert desk.browser.post(f"/messages/{reply}/delete").status_code == 422
    assert desk.browser.post(f"/messages/{reply}/edit", data={"text": "Wir kommen morgen."}).status_code == 200
    world.work()
    (sent,) = world.sent()
    assert b"Wir kommen morgen." in world.sent_mime(sent)


def test_at_once_where_the_setting_says_so(world: World, desk: Desk) -> None:
    answer = desk.browser.post("/tickets/10001/messages", data={"kind": "reply", "text": "Sofort."})
    assert answer.status_code == 204
    assert scheduled(world) == [("mail.reply", False)]


def test_taken_back_or_sent_never_both(world: World, desk: Desk) -> None:
    """The job and the author at the same moment: whoever comes first decides."""
    desk.hold(5)
    for number in range(6):
        reply = desk.say(f"Antwort {number}.", kind="reply")
        answers: list[int] = []
        worker = threading.Thread(target=world.run, args=("mail.reply",), kwargs={"message_id": reply})
        author = threading.Thread(
            target=lambda: answers.append(desk.browser.post(f"/messages/{reply}/unsend").status_code)  # noqa: B023
        )
        for thread in (worker, author):
            thread.start()
        for thread in (worker, author):
            thread.join()
        with world.rows():
            written = session.scalar(select(OutboundMail.id).where(OutboundMail.message_id == reply)) is not None
        assert answers == [422 if written else 200]
        assert (desk.message(reply) is None) != written


def test_how_long_a_reply_waits_is_chosen_on_the_page(world: World, desk: Desk) -> None:
    marek = world.browser(world.staff("Marek Ostwald"))

    def chosen(seconds: str) -> int:
        data = {"key": "undo_send_seconds", "value": seconds}
        return marek.post("/settings/about/writing", data=data).status_code

    assert chosen("20") == 200
    before = clock.now()
    desk.say("Wir kommen morgen.", kind="reply")
    assert scheduled(world) == [("mail.reply", True)]
    with world.rows():
        due = session.execute(text("select scheduled_at from procrastinate_jobs where status = 'todo'")).scalar_one()
    assert timedelta(seconds=19) <= due - before <= timedelta(seconds=40)
    assert world.sent() == []
    world.work()
    assert chosen("31") == 422
    assert chosen("0") == 200
    desk.say("Doch heute.", kind="reply")
    assert ("mail.reply", True) not in scheduled(world)
    world.work()
    assert len(world.sent()) == 2
