"""Any bytes that arrive become a ticket, a message or a logged machine mail, with the original, within seconds."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from backend import auth, files
from backend.db import session
from backend.mail.actions import desk_mailboxes
from backend.mail.incoming.arriving import settle
from backend.mail.models import Outcome
from backend.mail.parse import parse
from backend.tickets.models import Ticket, TicketSearch
from tests.mail import disasters
from tests.mail.mutations import mutated, samples
from tests.mail.test_machine import REFERENCE
from tests.world import Browser, World

pytestmark = pytest.mark.slow

SLOWEST: Final = 5.0
MANY: Final = 400


def _worked(served: int) -> float:
    """Seconds of work so far of this thread and of the database process `served`: other programs do not count."""
    used = Path(f"/proc/{served}/stat").read_text().rpartition(")")[2].split()
    return time.thread_time() + (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Fuzz:
    """Takes in mail after mail and looks at what became of each; keeps count."""

    world: World
    browser: Browser
    api_token: str
    found: Path
    outcomes: Counter[str] = field(default_factory=Counter)
    offences: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    takes: list[float] = field(default_factory=list)
    again: int = 0
    waited: float = 0.0

    def check(self, raw: bytes, name: str) -> None:
        """Takes in `raw`; what is not as it must be is noted, and the mail kept."""
        try:
            self._check(raw, name)
        # Whatever it is, it is a finding; the run goes on with the next mail.
        except Exception as error:
            self._offends(raw, name, f"{type(error).__name__}: {str(error)[:300]}")
        if self.outcomes.total() % MANY == MANY - 1:
            self._empty()

    def _check(self, raw: bytes, name: str) -> None:
        seconds, (outcome, reason, ticket, message, original) = self._taken(raw)
        self.outcomes[outcome] += 1
        self.takes.append(seconds)
        self.slowest = max(self.slowest, (seconds, f"{name} ({len(raw)} bytes)"))
        assert seconds <= SLOWEST, f"took {seconds:.1f} s"
        assert outcome in (*Outcome,), outcome
        assert outcome != Outcome.FAILED, reason
        if files.read(original) != raw:  # the same mail again, by Message-ID, sender, date, words and files
            self.again += 1
            assert parse(files.read(original)).content_hash == parse(raw).content_hash
        if outcome in (Outcome.TICKET, Outcome.MESSAGE):
            assert ticket
            assert message
        if ticket:
            self._look(ticket)

    def _taken(self, raw: bytes) -> tuple[float, tuple[str, str, int | None, int | None, str]]:
        with self.world.rows():
            box = desk_mailboxes()[0]
            served = session.scalars(select(func.pg_backend_pid())).one()
            started, waited = _worked(served), time.monotonic()
            row = settle(box, raw, "")
            session.commit()
            seconds = _worked(served) - started
            self.waited = max(self.waited, time.monotonic() - waited)
            number = session.scalar(select(Ticket.number).where(Ticket.id == row.ticket_id)) if row.ticket_id else None
            return seconds, (row.outcome, row.reason, number, row.message_id, row.original)

    def _look(self, number: int) -> None:
        started = time.thread_time()
        page = self.browser.get(f"/tickets/{number}")
        program = {"Authorization": f"Bearer {self.api_token}"}
        json = self.world.app.test_client().get(f"/api/v1/tickets/{number}", headers=program)
        said = self.world.app.test_client().get(f"/api/v1/tickets/{number}/messages", headers=program)
        seconds = time.thread_time() - started
        assert [page.status_code, json.status_code, said.status_code] == [200, 200, 200]
        assert json.json is not None
        assert json.json["number"] == number
        assert said.json is not None
        assert said.json
        assert seconds <= SLOWEST, f"took {seconds:.1f} s to show"
        with self.world.rows():
            found = session.scalars(
                select(TicketSearch.part)
                .join(Ticket, Ticket.id == TicketSearch.ticket_id)
                .where(Ticket.number == number)
            )
            assert set(found) >= {0, 1}

    def _offends(self, raw: bytes, name: str, sentence: str) -> None:
        path = self.found / f"{len(self.offences)}.eml"
        path.write_bytes(raw)
        self.offences.append(f"{name}: {sentence} ({path})")
        print(f"FOUND {self.offences[-1]}", flush=True)

    def _empty(self) -> None:
        """All mails away: a run of an hour shall measure mails, not a large database."""
        with self.world.rows():
            session.execute(text("truncate tickets, inbound_mails, procrastinate_jobs cascade"))

    def report(self) -> str:
        """Counts, outcomes, the slowest."""
        takes = sorted(self.takes) or [0.0]
        counts = ", ".join(f"{count} {name}" for name, count in sorted(self.outcomes.items()))
        middle, late = takes[len(takes) // 2], takes[int(len(takes) * 0.99)]
        return (
            f"{self.outcomes.total()} mails: {counts} (the same again: {self.again}); {len(self.offences)} offences; "
            f"work: half within {middle * 1000:.0f} ms, 99 % within {late * 1000:.0f} ms, "
            f"the slowest {self.slowest[0]:.2f} s: {self.slowest[1]}; by the clock at most {self.waited:.1f} s"
        )


@pytest.fixture
def fuzz(world: World, tmp_path: Path) -> Fuzz:
    world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    browser = world.browser(world.staff("Piet Hagenauer"))
    with world.rows():
        token = auth.create_api_token("fuzzing", "admin")
    return Fuzz(world, browser, token, tmp_path)


BYTES: Final = st.one_of(
    st.binary(max_size=3_000), st.text(max_size=2_000).map(lambda said: said.encode("utf-8", "surrogatepass"))
)


def _hypothesis(fuzz: Fuzz, number: int, examples: int) -> None:
    @seed(number)
    @settings(max_examples=examples, deadline=None, database=None)
    @given(st.booleans(), BYTES)
    def one(headed: bool, said: bytes) -> None:
        fuzz.check(disasters.HEAD * headed + said, f"hypothesis {number}")

    one()


def test_bytes_of_all_kinds_become_tickets_with_their_original(fuzz: Fuzz) -> None:
    for name, make in disasters.SMALL.items():
        fuzz.check(make().replace(b"<disaster@", f"<{name}@".replace(" ", "-").encode()), name)
    corpus = samples(REFERENCE)
    for number in range(10):
        fuzz.check(mutated(random.Random(f"small:{number}"), corpus), f"small:{number}")
    _hypothesis(fuzz, 1, 4)
    print(fuzz.report())
    assert not fuzz.offences, "\n".join(fuzz.offences)


@pytest.mark.soak
@pytest.mark.parametrize("name", disasters.LARGE)
def test_no_mail_is_too_large(fuzz: Fuzz, name: str) -> None:
    fuzz.check(disasters.LARGE[name](), name)
    print(fuzz.report())
    assert not fuzz.offences, "\n".join(fuzz.offences)


@pytest.mark.soak
def test_an_hour_of_any_bytes_finds_nothing(fuzz: Fuzz, pytestconfig: pytest.Config) -> None:
    """`--fuzz-seconds` says how long, `--fuzz-seed` with which random numbers; each mail is named by both."""
    start, corpus = pytestconfig.getoption("fuzz_seed"), samples(REFERENCE)
    end, number = time.monotonic() + float(pytestconfig.getoption("fuzz_seconds")), 0
    large: list[Callable[[], bytes]] = list(disasters.LARGE.values())
    while time.monotonic() < end:
        for _ in range(200):
            fuzz.check(mutated(random.Random(f"{start}:{number}"), corpus), f"{start}:{number}")
            number += 1
        _hypothesis(fuzz, number, 50)
        chance = random.Random(f"{start}:large:{number}")
        fuzz.check(mutated(chance, [chance.choice(large)()]), f"{start}:large:{number}")
        print(fuzz.report(), flush=True)
    assert not fuzz.offences, "\n".join(fuzz.offences)
