"""What happened to others' mailboxes: ids that change, delta queries that forget, subscriptions that die or double."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.db import session
from backend.mail import trouble
from backend.mail.incoming.arriving import wish_of
from backend.mail.models import InboundMail, Mailbox
from backend.microsoft import subscriptions
from backend.tickets.models import Message, Ticket
from tests.world import SALES, SERVICE, World, mail

pytestmark = pytest.mark.slow


def look(world: World, job: str = "mail.sweep") -> None:
    world.run(job)
    world.work()


def counts(world: World) -> tuple[int, ...]:
    """Tickets, messages and receipts of mails there are."""
    with world.rows():
        return tuple(
            session.scalar(select(func.count()).select_from(one)) or 0 for one in (Ticket, Message, InboundMail)
        )


def control(world: World, path: str, **given: Any) -> None:
    answer = world.sandbox.post(f"/_sandbox/{path}", json=given)
    assert answer.is_success, answer.text


def box(address: str) -> Mailbox:
    return session.scalars(select(Mailbox).where(Mailbox.address == address)).one()


def says(world: World, address: str = SERVICE) -> list[str]:
    """What a check of the mailbox finds now."""
    with world.rows():
        box_id = box(address).id
    world.run("mail.check", mailbox_id=box_id)
    with world.rows():
        return [one["says"] for one in box(address).findings]


def test_a_mail_whose_ids_change_on_a_move_is_not_taken_in_again(world: World) -> None:
    message_id = world.deliver(mail(subject="Drucker"))
    look(world)
    with world.rows():
        before = session.scalars(select(InboundMail.graph_id)).one()
    for folder in ("archive", "inbox"):
        control(world, "move", mailbox=SERVICE, internetMessageId=message_id, to=folder, new_ids=True)
        look(world)
    assert counts(world) == (1, 1, 1)
    with world.rows():
        assert session.scalars(select(InboundMail.graph_id)).one() != before


def test_a_mail_that_delta_has_forgotten_is_found_when_the_inbox_is_read_in_full(world: World) -> None:
    control(world, "switches", delta_return="lost")
    look(world)
    message_id = world.deliver(mail(subject="Drucker"))
    for folder in ("archive", "inbox"):
        control(world, "move", mailbox=SERVICE, internetMessageId=message_id, to=folder)
    look(world)
    assert counts(world) == (0, 0, 0)
    look(world, "mail.reconcile")
    assert counts(world) == (1, 1, 1)
    with world.rows():
        assert (box(SERVICE).reconciled_found, box(SALES).reconciled_found) == (1, 0)
        assert box(SERVICE).reconciled_at is not None
    world.run("mail.reconcile")
    with world.rows():
        asked = session.connection().exec_driver_sql(
            "select count(*) from procrastinate_jobs where status = 'todo' and task_name = 'mail.read_whole'"
        )
        assert asked.scalar_one() == 0, "once a day is enough"


def test_an_inbox_of_several_pages_is_read_to_its_end(world: World) -> None:
    for number in range(103):
        world.deliver(mail(subject=f"Fall {number}", auto_submitted="auto-generated", list_id="<x.example>"))
    world.run("mail.sweep")
    with world.rows():
        box_id = box(SERVICE).id
        box(SERVICE).delta_link = "given up"
    world.run("mail.read_whole", mailbox_id=box_id, link="", found=0)
    with world.rows():
        asked = "select count(*) from procrastinate_jobs where task_name = %s and status = 'todo'"
        jobs = session.connection().exec_driver_sql
        assert jobs(asked, ("mail.take_in",)).scalar_one() == 100
        (arguments,) = jobs("select args from procrastinate_jobs where task_name = 'mail.read_whole'").one()
    world.run("mail.read_whole", **arguments)
    with world.rows():
        assert session.connection().exec_driver_sql(asked, ("mail.take_in",)).scalar_one() == 103
        assert box(SERVICE).reconciled_found == 103


def test_a_notification_that_names_a_mail_which_is_not_there_fails_nothing(world: World) -> None:
    control(world, "switches", sent_notification="outbox")
    look(world)
    with world.rows():
        box_id = box(SERVICE).id
    world.run("mail.take_in", mailbox_id=box_id, graph_id="AAMkAOutbox", again=False)
    world.work()
    assert counts(world) == (0, 0, 0)
    with world.rows():
        wrong = session.connection().exec_driver_sql(
            "select count(*) from procrastinate_jobs where status = 'failed' or attempts > 1"
        )
        assert wrong.scalar_one() == 0


def test_a_subscription_that_died_in_silence_is_made_anew_and_what_came_meanwhile_is_fetched(world: World) -> None:
    look(world, "mail.subscribe")
    with world.rows():
        dead = box(SERVICE).subscription_id
    control(world, "subscriptions/end")
    world.deliver(mail(subject="Drucker"))
    assert says(world)[3] == trouble.NOT_TOLD
    look(world, "mail.subscribe")
    assert counts(world) == (1, 1, 1)
    with world.rows():
        assert box(SERVICE).subscription_id not in ("", dead)
    assert says(world)[3] == trouble.TOLD


def test_when_microsoft_says_that_notifications_were_missed_the_mailbox_is_looked_into(world: World) -> None:
    look(world, "mail.subscribe")
    world.misbehave(notifications={"lose": 1.0})
    world.deliver(mail(subject="Drucker"))
    world.until(world.all_told)
    world.work()
    assert counts(world) == (0, 0, 0)
    world.sandbox.delete("/_sandbox/faults")
    control(world, "lifecycle", event="missed")
    world.until(world.all_told)
    world.work()
    assert counts(world) == (1, 1, 1)


def test_of_equal_subscriptions_one_is_left(world: World) -> None:
    look(world, "mail.subscribe")
    with world.rows():
        wish, ours = wish_of(box(SERVICE)), box(SERVICE).subscription_id
    for _ in range(2):
        subscriptions.create(wish)
    assert len(subscriptions.fitting(subscriptions.all_of_ours(), wish)) == 3
    look(world, "mail.reconcile")
    assert [one.id for one in subscriptions.fitting(subscriptions.all_of_ours(), wish)] == [ours]


def test_every_request_names_its_mailbox(world: World) -> None:
    world.deliver(mail(subject="Drucker"))
    look(world)
    assert len(world.sent()) == 1
    asked = [one["path"] for one in world.sandbox.get("/_sandbox/requests").json() if one["path"].startswith("/v1.0/")]
    assert asked
    assert [one for one in asked if not one.startswith(("/v1.0/users/", "/v1.0/subscriptions"))] == []


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("denied", trouble.MAY_NOT_READ),
        ("gone", trouble.GONE),
        ("disabled", trouble.GONE),
        ("silent", trouble.UNREACHABLE),
    ],
    ids=["denied", "gone", "disabled", "silent"],
)
def test_one_broken_mailbox_stops_no_other(world: World, state: str, sentence: str) -> None:
    look(world)
    if state == "silent":
        world.misbehave(f"GET /users/{SERVICE}/.*delta", status=503)
    else:
        control(world, f"mailboxes/{SERVICE}", state=state)
    world.deliver(mail(subject="Drucker"))
    world.deliver(mail(subject="Angebot"), to=SALES)
    look(world)
    with world.rows():
        assert session.scalars(select(Ticket.subject)).all() == ["Angebot"]
        assert (box(SERVICE).error, box(SALES).error) == (sentence, "")
        assert box(SERVICE).failing_since is not None
    world.sandbox.delete("/_sandbox/faults")
    if state != "silent":
        assert says(world) == [sentence]
        control(world, f"mailboxes/{SERVICE}", state="there")
    look(world)
    with world.rows():
        assert set(session.scalars(select(Ticket.subject))) == {"Angebot", "Drucker"}
        assert (box(SERVICE).error, box(SERVICE).failing_since) == ("", None)


def test_what_was_deleted_here_does_not_come_back_from_the_mailbox(world: World) -> None:
    message_id = world.deliver(mail(subject="Drucker"))
    look(world)
    with world.rows():
        session.delete(session.scalars(select(Ticket)).one())
        box(SERVICE).delta_link = ""
    control(world, "move", mailbox=SERVICE, internetMessageId=message_id, to="archive", new_ids=True)
    control(world, "move", mailbox=SERVICE, internetMessageId=message_id, to="inbox", new_ids=True)
    look(world)
    look(world, "mail.reconcile")
    assert counts(world) == (0, 0, 1)


def test_a_sent_copy_that_is_not_in_its_sent_items_is_said(world: World) -> None:
    look(world)
    assert trouble.NOTHING_SENT in says(world)
    world.deliver(mail(subject="Drucker"))
    look(world)
    assert trouble.COPY in says(world)
    control(world, "move", mailbox=SERVICE, internetMessageId=world.sent()[0]["internetMessageId"], to="archive")
    assert trouble.NO_COPY not in says(world), "it may be under way"
    world.pass_time(timedelta(minutes=2))
    found = says(world)
    assert trouble.NO_COPY in found
    assert trouble.SHARED in found


def test_a_persons_mailbox_among_the_shared_ones_is_said(world: World) -> None:
    piet = "piet.hagenauer@nordlicht-it.example"
    with world.rows():
        session.add(Mailbox(address=piet, import_mode="ticket"))
    assert trouble.PERSONAL in says(world, piet)


@pytest.mark.parametrize(
    ("match", "sentence"), [("PATCH /messages/", trouble.MAY_NOT_WRITE), ("POST /send$", trouble.MAY_NOT_SEND)]
)
def test_the_missing_permission_is_named_without_touching_a_mail(world: World, match: str, sentence: str) -> None:
    look(world)
    world.misbehave(match, status=403)
    assert sentence in says(world)
    assert world.sent() == []
