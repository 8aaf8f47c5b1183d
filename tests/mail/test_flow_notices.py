"""Notifications: believed only with the secret word, answered at once, and never more than a reason to look."""

import json
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from backend.db import session
from backend.mail.models import InboundMail, Mailbox
from backend.notices import secret_word
from backend.sandbox.people import CUSTOMER_TENANT, HOME_TENANT
from backend.tickets.models import Ticket
from tests.world import SERVICE, World, mail

pytestmark = pytest.mark.slow


@pytest.fixture
def watched(world: World) -> dict[str, Any]:
    """A notification as Microsoft would send it for the desk's mailbox."""
    with world.rows():
        session.add(Mailbox(address=SERVICE, import_mode="ticket", subscription_id="sub-1"))
        state = secret_word(SERVICE)
    return {"subscriptionId": "sub-1", "clientState": state, "tenantId": HOME_TENANT, "changeType": "created"}


def tell(world: World, *notices: Any, where: str = "notifications", **how: Any) -> TestResponse:
    how = how or {"data": json.dumps({"value": list(notices)}), "content_type": "application/json"}
    return world.app.test_client().post(f"/microsoft/{where}", **how)


def asked_for(world: World) -> list[str]:
    with world.rows():
        waiting = session.connection().exec_driver_sql(
            "select task_name from procrastinate_jobs where status = 'todo' order by task_name"
        )
        return [str(name) for name in waiting.scalars()]


def test_microsofts_question_is_answered_as_plain_text(world: World) -> None:
    for where in ("notifications", "lifecycle"):
        answer = tell(world, where=f"{where}?validationToken=a%20b%3Cscript%3E", data="")
        assert (answer.status_code, answer.text) == (200, "a b<script>")
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_many_notices_ask_for_one_look(world: World, watched: dict[str, Any]) -> None:
    assert tell(world, *[watched] * 50).status_code == 202
    assert tell(world, watched).status_code == 202
    assert asked_for(world) == ["mail.fetch"]


@pytest.mark.parametrize(
    "change",
    [
        {"clientState": None},
        {"clientState": ""},
        {"clientState": "guessed"},
        {"clientState": "é"},
        {"clientState": 5},
        {"clientState": ["x"]},
        {"subscriptionId": "sub-2"},
        {"subscriptionId": ""},
        {"subscriptionId": None},
        {"subscriptionId": {"a": 1}},
        {"tenantId": CUSTOMER_TENANT},
    ],
    ids=str,
)
def test_what_does_not_come_from_microsoft_changes_nothing(
    world: World, watched: dict[str, Any], change: dict[str, Any]
) -> None:
    assert tell(world, {**watched, **change}).status_code == 202
    assert asked_for(world) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"5", b'{"value": {}}', b"\xff\xfe", b"[" * 200_000, b'{"value": [null, 5, "x"]}'],
    ids=len,
)
def test_any_body_is_survived(world: World, body: bytes) -> None:
    assert tell(world, data=body, content_type="application/json").status_code in (202, 400, 413, 422)
    assert asked_for(world) == []


def test_an_endless_body_is_not_read(world: World) -> None:
    assert tell(world, data=b" " * 2_000_000, content_type="application/json").status_code == 413


def test_word_of_a_lost_subscription_brings_a_new_one(world: World, watched: dict[str, Any]) -> None:
    assert tell(world, {**watched, "lifecycleEvent": "subscriptionRemoved"}, where="lifecycle").status_code == 202
    world.deliver(mail())
    world.work()
    with world.rows():
        box = session.scalars(select(Mailbox)).one()
        assert box.subscription_id not in ("", "sub-1")
        assert box.name == "Nordlicht IT Service"
        assert session.scalars(select(Ticket)).one()


def test_a_mail_at_microsoft_is_told_to_us(world: World) -> None:
    world.run("mail.subscribe")
    world.work()
    world.deliver(mail())
    world.until(lambda: asked_for(world) == ["mail.fetch"])
    world.work()
    with world.rows():
        assert session.scalars(select(Ticket)).one()


def test_an_alert_is_a_ticket_that_nobody_thanks_for_and_an_answered_invitation_is_none(world: World) -> None:
    watch = "Wache <noreply@monitoring.example>"
    world.deliver(mail(sender=watch, subject="ALARM: Platte voll", auto_submitted="auto-generated"))
    invitation = b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n"
    world.deliver(mail(subject="Zugesagt: Termin", files=[("antwort.ics", "text/calendar", invitation)]))
    world.run("mail.sweep")
    world.work()
    with world.rows():
        rows = {row.subject: row for row in session.scalars(select(InboundMail))}
        assert (rows["ALARM: Platte voll"].outcome, rows["ALARM: Platte voll"].kind) == ("ticket", "notification")
        assert rows["Zugesagt: Termin"].outcome == "machine"
    assert world.sent() == []
