"""Two desks that confirm each other's confirmations, and a robot that answers each with a new subject: both come to
rest at the brake.

Both installations are whole: each has its database, its key, its mailbox at Microsoft, and goes all the way by Graph.
What one sends is carried to the other by a relay that makes of it a mail from outside.
"""

import email
import email.policy
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import func, select

from backend import config, db
from backend.db import session
from backend.mail.models import InboundMail, OutboundMail, Outcome
from backend.tickets.models import Activity, Ticket
from tests.installation import Installation, running
from tests.world import SALES, SERVICE, World, mail

pytestmark = pytest.mark.slow
ANSWERS = 2  # of each desk to one address, before its brake
# How the one desk is known to the other: no address of the same company, so that nothing but its mail speaks for it.
AT = {SERVICE: "hilfe@desk-a.example", SALES: "support@desk-b.example"}
SILENCE = 10.0  # seconds without a mail after which two installations are at rest
MARKS = ("X-Deskside-Loop", "Auto-Submitted", "X-Auto-Response-Suppress", "Precedence", "In-Reply-To", "References")


@dataclass
class Two:
    """Two installations beside one tenant; the mailbox says which."""

    world: World
    settings: dict[str, config.Config]
    carried: int = 0  # of the mails that any mailbox has sent

    @contextmanager
    def at(self, mailbox: str) -> Iterator[World]:
        """This process is that installation."""
        theirs = self.settings[mailbox]
        config.use(theirs)
        db.configure(theirs.database_url, pool=4)
        before, self.world.settings = self.world.settings, theirs
        try:
            yield self.world
        finally:
            self.world.settings = before

    def look(self, mailbox: str) -> None:
        """That installation reads its mailbox and does all that follows."""
        with self.at(mailbox) as world:
            world.run("mail.sweep")
            world.work()

    def new(self) -> list[dict[str, Any]]:
        """What was sent since the last time."""
        sent = self.world.sent()[self.carried :]
        self.carried += len(sent)
        return sent


@pytest.fixture
def two(world: World) -> Iterator[Two]:
    """A second installation beside the usual one."""
    admin = world.settings.database_url.replace("/tests?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE DATABASE second TEMPLATE deskside STRATEGY file_copy")
        first = replace(world.settings, desk_mailboxes=(SERVICE,), brake_answers=ANSWERS)
        second = replace(
            first,
            desk_mailboxes=(SALES,),
            database_url=world.settings.database_url.replace("/tests?", "/second?"),
            secret_key="another installation has another key",
        )
        yield Two(world, {SERVICE: first, SALES: second})
        config.use(world.settings)
        db.configure(world.settings.database_url, pool=world.settings.web_threads)
        connection.execute("DROP DATABASE second WITH (FORCE)")


def _carried(raw: bytes, *, sender: str, to: str, stripped: bool) -> bytes:
    """The mail as it arrives at the other side; `stripped`: of everything by which a machine or we could be known."""
    made = email.message_from_bytes(raw, policy=email.policy.default)
    for name in ("From", "To", *(MARKS if stripped else ())):
        del made[name]
    made["From"], made["To"] = sender, to
    if stripped:
        for name, value in (("Message-ID", f"<{uuid.uuid4().hex}@relay.example>"), ("Subject", uuid.uuid4().hex)):
            made.replace_header(name, value)
    return made.as_bytes(policy=email.policy.SMTP.clone(max_line_length=0))


def _exchange(two: Two, *, stripped: bool) -> Counter[str]:
    """Carries mails between the two desks until there is none left; how many each has sent."""
    sent = Counter[str]()
    two.world.deliver(mail(sender=AT[SALES], subject="Drucker"))
    while True:
        for mailbox in two.settings:
            two.look(mailbox)
        new = two.new()
        if not new:
            return sent
        for one in new:
            sent[one["mailbox"]] += 1
            assert sum(sent.values()) < 10 * ANSWERS, "they do not stop"
            other = SALES if one["mailbox"] == SERVICE else SERVICE
            raw = two.world.sent_mime(one)
            two.world.deliver(_carried(raw, sender=AT[one["mailbox"]], to=other, stripped=stripped), to=other)


def _ended(two: Two, mailbox: str) -> tuple[list[str], int, Counter[str]]:
    """(what became of each mail, tickets, how each of its own mails stands) of that installation."""
    with two.at(mailbox) as world, world.rows():
        outcomes = [str(one) for one in session.scalars(select(InboundMail.outcome).order_by(InboundMail.id))]
        states = Counter(str(one) for one in session.scalars(select(OutboundMail.state)))
        held = session.scalar(select(func.count()).select_from(Activity).where(Activity.verb == "mail_held"))
        assert held == states["held"], "each ticket says that nothing went out"
        return outcomes, session.scalar(select(func.count()).select_from(Ticket)) or 0, states


def test_two_desks_that_confirm_each_others_mails_stop_at_the_brake(two: Two) -> None:
    sent = _exchange(two, stripped=True)
    print(f"two desks, every mark taken off: {dict(sent)}")
    assert sent == {SERVICE: ANSWERS, SALES: ANSWERS}
    for mailbox in two.settings:
        outcomes, tickets, states = _ended(two, mailbox)
        assert set(outcomes) == {Outcome.TICKET}, "nothing is lost"
        assert tickets == len(outcomes)
        assert states["sent"] == ANSWERS
    assert _ended(two, SERVICE)[2]["held"] == 1


def test_two_desks_know_each_other_by_their_marks(two: Two) -> None:
    assert _exchange(two, stripped=False) == {SERVICE: 1}
    assert _ended(two, SALES)[:2] == ([Outcome.MACHINE], 0)


def test_a_robot_that_answers_each_confirmation_under_a_new_subject_stops_at_the_brake(two: Two) -> None:
    robot, answered = "automat@shop.example", 0
    two.world.deliver(mail(sender=robot, subject="Bestellung 1"))
    while True:
        two.look(SERVICE)
        new = two.new()
        if not new:
            break
        for _one in new:
            answered += 1
            assert answered < 10 * ANSWERS, "it does not stop"
            two.world.deliver(mail(sender=robot, subject=f"Ihre Nachricht {answered} ist eingegangen"))
    print(f"a robot: {answered} confirmations")
    assert answered == ANSWERS
    outcomes, tickets, states = _ended(two, SERVICE)
    assert (set(outcomes), tickets, states["held"]) == ({Outcome.TICKET}, ANSWERS + 1, 1)


def _for(there: Installation, address: str) -> list[dict[str, object]]:
    """What it has sent to that address."""
    return [one for one in there.sent() if address in str(one["to"])]


def _between(one: Installation, other: Installation) -> tuple[int, int]:
    """Carries what each sends to the other until both have been silent for a while; how many each has sent."""
    pairs, carried, quiet = ((one, other), (other, one)), [0, 0], 0.0
    names = (AT[SERVICE], AT[SALES])
    one.deliver(mail(sender=names[1], subject="Drucker"))
    while quiet < SILENCE:
        new = 0
        for index, (here, there) in enumerate(pairs):
            for each in _for(here, names[1 - index])[carried[index] :]:
                raw = httpx.get(f"{here.sandbox}/_sandbox/sent/{each['id']}/mime").content
                there.deliver(_carried(raw, sender=names[index], to=SERVICE, stripped=True))
                carried[index], new = carried[index] + 1, new + 1
        assert sum(carried) < 100, "they do not stop"
        quiet = 0.0 if new else quiet + 0.5
        threading.Event().wait(0.5)
    return carried[0], carried[1]


@pytest.mark.soak
def test_two_whole_installations_stop_at_the_brake_as_it_is_set_at_first(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with running(tmp_path / "a") as one, running(tmp_path / "b") as other:
        sent = _between(one, other)
        print(f"two whole installations: {sent[0]} and {sent[1]} confirmations, then {SILENCE:.0f} s of silence")
        assert sent == (5, 5)
