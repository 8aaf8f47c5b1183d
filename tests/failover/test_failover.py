"""A web server, a worker and the database's primary are killed under load: nothing acknowledged is lost or doubled."""

import contextlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.failover.accounts import Accounts, Event, compare, measure, quiet, repeat, same_on_both
from tests.failover.page import Notes
from tests.failover.site import Program, Site, running
from tests.failover.traffic import Mails, Stream, Tickets, now
from tests.storm import restore
from tests.storm.talks import Talks
from tests.storm.weather import SMALL, Desk, Size
from tests.waiting import eventually

_SECONDS = 300  # for whatever comes about sooner or later on a busy machine


@dataclass
class Run:
    """The traffic, and what came of it."""

    site: Site
    tickets: list[Tickets]
    mails: Mails
    talks: Talks | None = None
    notes: Notes | None = None

    @property
    def streams(self) -> list[Stream]:
        """What goes on without end."""
        return [*self.tickets, self.mails, *([self.notes] if self.notes else [])]

    def begin(self) -> None:
        """Everything at once."""
        for one in (*self.streams, *([self.talks] if self.talks else [])):
            one.start()

    def told(self) -> int:
        """How many changes were acknowledged."""
        return sum(len(one.caller.told) for one in self.tickets)

    def await_more(self, count: int) -> None:
        """Waits until so many changes more are acknowledged."""
        wanted = self.told() + count
        eventually(lambda: self.told() >= wanted, seconds=_SECONDS, every=0.1, otherwise=self._why)

    def _why(self) -> str:
        failures = sum((one.caller.failures for one in self.tickets), Counter())
        return f"{self.told()} acknowledged, {dict(failures)}, {[one.failed for one in self.tickets]}\n" + (
            self.site.last_words()
        )

    def compare_servers(self) -> int:
        """How many rows primary and standby hold, both the same, while nothing new is asked for."""
        for one in self.streams:
            one.hold()
        rows = same_on_both(self.site.pair)
        for one in self.streams:
            one.go_on()
        return sum(rows)

    def enough(self) -> None:
        """Ends the traffic when everything that was begun is acknowledged."""
        for one in self.streams:
            one.enough()
        if self.talks:
            self.talks.join(1_200)
            assert self.talks.done


def _fail_over(run: Run, accounts: Accounts, more: int) -> float:
    """The primary dies and the standby takes its place; returns when. No program is started again."""
    pair = run.site.pair
    at = now()
    pair.first.kill()
    pair.promote()
    accounts.events.append(Event("the primary killed", at))
    run.await_more(more)
    eventually(lambda: all(run.site.ready(web) for web in run.site.webs), seconds=_SECONDS, every=0.2)
    assert [one.name for one in (*run.site.webs, *run.site.workers) if not one.runs] == [], run.site.last_words()
    return at


def _kill(run: Run, accounts: Accounts, program: Program, more: int) -> None:
    """It dies, the others go on, and it is started again."""
    accounts.events.append(Event(f"{program.name} killed", program.kill()))
    run.await_more(more)
    program.start()
    run.site.await_all()
    run.await_more(more)


def _settle(run: Run, accounts: Accounts, failed_over: float, again: int) -> None:
    server, end = run.site.pair.second, now()
    run.enough()
    repeat(accounts, run.tickets, failed_over, again)
    quiet(server, run.mails)
    compare(accounts, run.site, server, run.tickets, run.mails)
    measure(accounts, server, [one for stream in run.tickets for one in stream.caller.told], run.notes, end)
    if run.talks:
        eventually(run.talks.settled, seconds=_SECONDS, every=0.5)
        lines = sum(len(talk.theirs) + len(talk.ours) for talk in run.talks.talks)
        wrong = run.talks.wrong()
        accounts.equal("lines in chats", lines, lines - len(wrong))
        accounts.wrong += wrong
    print(f"\n{accounts}")
    failures = sum((one.caller.failures for one in run.tickets), Counter[str]())
    repeated = sum(one.tries > 1 for stream in run.tickets for one in stream.caller.told)
    print(f"{repeated} requests were sent more than once under their key, after {dict(failures)}")
    with contextlib.suppress(IndexError):
        print(restore.doctor(run.site.there.environment).strip().splitlines()[-1])
    assert not accounts.wrong, "\n".join(accounts.wrong)


@pytest.mark.slow
def test_a_standby_takes_over_under_a_little_load(tmp_path: Path) -> None:
    with running(tmp_path, webs=1, workers=1, empty=True, WEB_WORKERS="1") as site:
        run, accounts = Run(site, [Tickets(site.there, "a", 0.05)], Mails(site.there, 0.5)), Accounts()
        run.begin()
        run.await_more(8)
        accounts.equal("rows on primary and standby", rows := run.compare_servers(), rows)
        failed_over = _fail_over(run, accounts, 8)
        _settle(run, accounts, failed_over, 8)


@pytest.mark.failover
def test_two_webs_two_workers_and_a_standby_under_load(tmp_path: Path) -> None:
    chats = Size(**{**vars(SMALL), "chats": 8, "lines": 20})
    with running(tmp_path) as site:
        tickets = [Tickets(site.there, name, 0.1) for name in ("a", "b", "c")]
        talks = Talks(site.there, Desk(site.there), chats)
        run, accounts = Run(site, tickets, Mails(site.there, 0.4), talks, Notes(site, 0.5)), Accounts()
        run.begin()
        run.await_more(100)
        _kill(run, accounts, site.webs[0], 60)
        _kill(run, accounts, site.workers[0], 60)
        accounts.equal("rows on primary and standby", rows := run.compare_servers(), rows)
        run.await_more(60)
        failed_over = _fail_over(run, accounts, 200)
        _settle(run, accounts, failed_over, 100)
