"""What clients were told, beside what the database and the other side hold."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import httpx

from tests.failover.page import Notes
from tests.failover.servers import Pair, Server
from tests.failover.site import Site
from tests.failover.traffic import CUSTOMER, Acknowledged, Mails, Tickets
from tests.storm.letters import own
from tests.waiting import eventually

# Background work goes on while nobody asks: what it writes may be counted a moment apart, so until both are equal.
_TABLES = (
    "tickets",
    "messages",
    "inbound_mails",
    "outbound_mails",
    "chats",
    "teams_activities",
    "activities",
    "receipts",
)
_COUNTS = "select " + ", ".join(f"(select count(*) from {table})" for table in _TABLES)
_WORDS = re.compile(r"Antwort-[\w-]+")


@dataclass
class Event:
    """Something that was killed, and when."""

    what: str
    at: float
    first_write: float = 0.0  # seconds from there to the first acknowledgement of a change asked for afterwards
    longest_gap: float = 0.0  # seconds without an acknowledgement, until the next event
    stale: float = 0.0  # seconds for which an open page did not know of what was new, at most
    first_job: float = 0.0  # seconds to the end of the first background job that was begun afterwards


@dataclass
class Accounts:
    """The result of a run."""

    events: list[Event] = field(default_factory=list)
    lines: list[tuple[str, object, object]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def equal(self, what: str, told: object, found: object) -> None:
        """Writes a line of the table down, and that it is wrong where the two differ."""
        self.lines.append((what, told, found))
        if told != found:
            self.wrong.append(f"{what}: {told} were told, {found} are there")

    def __str__(self) -> str:
        rows = [f"{'':<46}{'told':>10}{'found':>10}"]
        rows += [f"{what:<46}{told!s:>10}{found!s:>10}" for what, told, found in self.lines]
        rows += [
            "",
            f"{'seconds from there to':<30}{'first write':>14}{'longest gap':>14}{'first job':>14}{'page stale':>14}",
        ]
        rows += [
            f"{one.what:<30}{one.first_write:>14.2f}{one.longest_gap:>14.2f}{one.first_job:>14.2f}{one.stale:>14.2f}"
            for one in self.events
        ]
        return "\n".join(rows)


def same_on_both(pair: Pair) -> tuple[int, ...]:
    """The counts of every table once they are the same on primary and standby. Raises AssertionError when never."""

    def counted() -> tuple[int, ...] | None:
        first, second = pair.first.rows(_COUNTS)[0], pair.second.rows(_COUNTS)[0]
        return first if first == second else None

    return eventually(counted, seconds=60, every=0.05)


def quiet(server: Server, mails: Mails) -> None:
    """Waits until every mail was taken in, every answer is out and no job is left that is due."""
    waiting = (
        "select (select count(*) from outbound_mails where state in ('waiting', 'drafted')), "
        "(select count(*) from teams_posts where state = 'waiting'), "
        "(select count(*) from procrastinate_jobs where status = 'doing' "
        "or (status = 'todo' and coalesce(scheduled_at, now()) <= now() and task_name not like '%periodic'))"
    )

    def done() -> bool:
        there = {row[0] for row in server.rows("select internet_message_id from inbound_mails")}
        return set(mails.ids) <= there and server.rows(waiting)[0] == (0, 0, 0)

    eventually(done, seconds=600, every=0.5, otherwise=lambda: server.rows(waiting))


def measure(accounts: Accounts, server: Server, told: Iterable[Acknowledged], notes: Notes | None, end: float) -> None:
    """Fills in how long each event kept whom waiting."""
    told = sorted(told, key=lambda one: one.at)
    for event, following in zip(accounts.events, [*(one.at for one in accounts.events[1:]), end], strict=True):
        event.first_write = next(one.at for one in told if one.begun >= event.at) - event.at
        times = [event.at, *(one.at for one in told if event.at < one.at < following)]
        event.longest_gap = max(later - earlier for earlier, later in pairwise(times))
        done = (
            "select extract(epoch from min(done.at))::float8 from procrastinate_events done "
            "join procrastinate_events begun using (job_id) where done.type = 'succeeded' "
            f"and begun.type = 'started' and begun.at >= to_timestamp({event.at})"
        )
        event.stale = notes.staleness(event.at, following) if notes else 0.0
        event.first_job = server.rows(done)[0][0] - event.at


def _times(found: Iterable[str], wanted: Iterable[str]) -> Counter[int]:
    """How many of `wanted` are how often in `found`."""
    counted = Counter(found)
    return Counter(counted[one] for one in wanted)


def compare(accounts: Accounts, site: Site, server: Server, tickets: list[Tickets], mails: Mails) -> None:
    """Everything that was acknowledged is there once, and nothing twice."""
    told = [one for stream in tickets for one in stream.caller.told]
    made = [one.body["subject"] for one in told if one.path == "/tickets"]
    said = [one.body["text"] for one in told if one.path != "/tickets"]
    subjects = [row[0] for row in server.rows("select subject from tickets where subject like 'Ausfall %'")]
    written = [row[0] for row in server.rows("select text from messages where text like 'Antwort-%'")]
    sent = [one for one in site.there.sent() if CUSTOMER in str(one)]
    mimes = [httpx.get(f"{site.there.sandbox}/_sandbox/sent/{one['id']}/mime").text for one in sent]
    left = [words for mime in mimes for words in _WORDS.findall(own(mime))[:1]]
    on_tickets = "select internet_message_id from messages where internet_message_id is not null"
    arrived = [row[0] for row in server.rows(on_tickets)]
    for what, wanted, found in (
        ("tickets over REST, acknowledged and in it", made, subjects),
        ("answers over REST, acknowledged and in it", said, written),
        ("answers over REST, in it and sent", said, left),
        ("mails posted, and on a ticket", mails.ids, arrived),
    ):
        times = _times(found, wanted)
        accounts.equal(what, len(wanted), times[1])
        if set(times) - {1}:
            accounts.wrong.append(f"{what}: how often: {dict(times)}")
    accounts.equal("all tickets with such a subject", len(made), len(subjects))
    accounts.equal("all answers with such words", len(said), len(written))
    accounts.equal("all sent mails with such words", len(said), len(left))
    failed = server.rows("select subject, error from outbound_mails where state = 'failed'")
    jobs = server.rows(
        "select task_name from procrastinate_jobs where status = 'failed' and task_name not like '%.periodic'"
    )
    accounts.wrong += [f"given up: {one}" for one in (*failed, *jobs)]


def repeat(accounts: Accounts, tickets: list[Tickets], before: float, most: int) -> None:
    """The latest requests acknowledged `before` that moment get the same answer again, and nothing is done twice."""
    chosen = [
        (stream.caller, one)
        for stream in tickets
        for one in [one for one in stream.caller.told if one.at < before][-most:]
    ]
    accounts.equal("sent again, same answer", len(chosen), sum(caller.again(one) for caller, one in chosen))
