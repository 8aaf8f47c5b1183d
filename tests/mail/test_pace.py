"""Four requests at a time to one mailbox, and none while it wants to be left alone: over all processes."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from sqlalchemy import func, select

from backend import pace
from backend.db import session
from backend.jobs import NotYet
from backend.mail.models import InboundMail, Mailbox
from backend.sandbox.limits import Limits
from backend.tickets.actions import Enclosure, Said, reply
from backend.tickets.models import Ticket
from tests.waiting import eventually
from tests.world import SALES, SERVICE, World, mail

pytestmark = pytest.mark.slow
HOLDER = """
import sys, time, psycopg
line = psycopg.connect(sys.argv[1], autocommit=True)
for turn in range(4):
    line.execute("select pg_advisory_lock(%s, %s)", (int(sys.argv[2]), turn))
print("held", flush=True)
time.sleep(60)
"""


def _box(address: str) -> int:
    return session.scalars(select(Mailbox.id).where(Mailbox.address == address)).one()


def _kept(address: str) -> pace.Pace:
    return session.scalars(select(pace.Pace).where(pace.Pace.address == address)).one()


def _asked(world: World) -> list[dict[str, Any]]:
    return [one for one in world.sandbox.get("/_sandbox/requests").json() if "/users/" in one["path"]]


def test_a_fifth_request_waits_and_another_mailbox_does_not(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_PATIENCE", 0.1)
    with ExitStack() as four:
        for _ in range(4):
            four.enter_context(pace.turn(SERVICE))
        with pytest.raises(NotYet), pace.turn(SERVICE.upper()):
            pass
        with pace.turn(SALES):
            pass
    with pace.turn(SERVICE):
        pass


def test_a_killed_worker_leaves_no_turn_behind(world: World) -> None:
    command = [sys.executable, "-c", HOLDER, world.settings.database_url, str(pace._key(SERVICE))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(NotYet), pace.turn(SERVICE):
            pass
        os.kill(holder.pid, signal.SIGKILL)

    def free() -> bool:
        with suppress(NotYet), pace.turn(SERVICE):
            return True
        return False

    assert eventually(free)


def test_a_mailbox_that_always_says_one_second_is_left_alone_longer_each_time(world: World) -> None:
    rests = []
    for strikes in range(14):
        with world.rows():
            session.query(pace.Pace).update({"paused_until": None})
        with pace.turn(SERVICE) as turn:
            assert turn.strikes == strikes
            rests.append(turn.rest(1.0, "429 MailboxConcurrency", throttled=True))
    assert rests[:5] == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert rests[-1] == pace.LONGEST_REST
    with world.rows():
        session.query(pace.Pace).update({"paused_until": None})
    # One at a time, until one has been served.
    with pace.turn(SERVICE), pytest.raises(NotYet), pace.turn(SERVICE):
        pass
    with world.rows():
        assert _kept(SERVICE).throttled_today == 14


def test_a_throttle_of_any_length_neither_gives_up_a_job_nor_disables_the_mailbox(world: World) -> None:
    world.deliver(mail(subject="Drucker"))
    world.misbehave("GET .*delta", status=429, retry_after=1, times=15)
    world.run("mail.sweep")
    world.work()
    with world.rows():
        assert session.scalars(select(Ticket.subject)).all() == ["Drucker"]
        assert session.scalars(select(Mailbox.error)).all() == ["", ""]
        assert sum(one.throttled_today for one in session.scalars(select(pace.Pace))) == 15
        assert set(session.scalars(select(pace.Pace.strikes))) == {0}
        tries = session.connection().exec_driver_sql("select max(attempts) from procrastinate_jobs").scalar_one()
        assert tries == 1


def test_all_jobs_of_a_throttled_mailbox_wait_and_those_of_others_go_on(world: World) -> None:
    world.deliver(mail(subject="Drucker"))
    world.deliver(mail(subject="Angebot"), to=SALES)
    world.run("mail.sweep")
    world.misbehave(f"GET {SERVICE}.*delta", status=429, retry_after=600, times=1)
    with world.rows():
        service, sales = _box(SERVICE), _box(SALES)
    with pytest.raises(NotYet) as told:
        world.run("mail.fetch", mailbox_id=service)
    assert told.value.seconds == 600
    before = len(_asked(world))
    for name, arguments in (
        ("mail.fetch", {"mailbox_id": service}),
        ("mail.take_in", {"mailbox_id": service, "graph_id": "x", "again": False}),
        ("mail.check", {"mailbox_id": service}),
    ):
        with pytest.raises(NotYet) as waits:
            world.run(name, **arguments)
        assert 500 < waits.value.seconds < 700
    assert len(_asked(world)) == before, "nobody asks a mailbox that wants to be left alone"
    world.run("mail.fetch", mailbox_id=sales)
    with world.rows():
        assert session.get_one(Mailbox, sales).fetched_at is not None
        assert session.get_one(Mailbox, service).error == ""


def test_a_file_of_which_too_much_was_uploaded_waits_like_everything_else(world: World) -> None:
    world.misbehave("PUT /", status=429, retry_after=240, times=1)
    world.deliver(mail(subject="Drucker"))
    world.run("mail.sweep")
    world.work()
    piet = world.staff("Piet Hagenauer")
    with world.app.test_request_context(), world.rows():
        ticket = session.scalars(select(Ticket)).one()
        enclosed = Enclosure("Protokoll.bin", "application/octet-stream", bytes(3_200_000))
        reply(ticket, piet.who(), Said(text="Bitte sehr.", enclosures=(enclosed,)))
    world.work()
    assert len(world.sent()) == 2
    with world.rows():
        assert _kept(SERVICE).throttled_today == 1


def test_two_workers_together_ask_one_mailbox_four_things_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight threads in two processes, sixteen mails: the sandbox counts what is under way, and refuses a fifth."""
    most = [0]
    enter = Limits.enter

    def counted(self: Limits, key: str, limit: int) -> bool:
        let_in = enter(self, key, limit)
        most[0] = max(most[0], self._under_way[key])
        return let_in

    monkeypatch.setattr(Limits, "enter", counted)
    for number in range(16):
        world.deliver(mail(subject=f"Fall {number}"))
    world.misbehave("GET /v1.0/users/.*value", delay=0.5)
    workers = [subprocess.Popen([sys.executable, "-m", "backend.work"], env=_environment(world)) for _ in range(2)]
    try:
        eventually(lambda: _taken_in(world) == 16, seconds=90, otherwise=lambda: f"{_taken_in(world)} of 16")
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            worker.wait(30)
    assert most[0] == 4
    assert [one["path"] for one in _asked(world) if one["status"] == 429] == []


def _taken_in(world: World) -> int:
    with world.rows():
        return session.scalar(select(func.count()).select_from(InboundMail)) or 0


def _environment(world: World) -> dict[str, str]:
    given = world.settings
    names = "database_url public_url sandbox_url secret_key tenant_id client_id client_secret language".split()
    own = {name.upper(): str(getattr(given, name)) for name in names}
    return {
        **os.environ, **own, "DESKSIDE_DATA": str(given.deskside_data), "DESK_MAILBOXES": f"{SERVICE},{SALES}",
        "WORK_CONCURRENCY": "4", "ACKNOWLEDGEMENTS": "off", "LOG_LEVEL": "warning",
    }  # fmt: skip
