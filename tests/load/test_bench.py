"""The table of figures: Deskside beside the limit app in one run, at several numbers of tickets. `make bench`.

Filled databases are kept for the next run, in the folder that `--bench-data` names. Each line is a test: one alone is
measured by `pytest -m bench -s -k streams`.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from backend import migrate
from backend.postgres import Postgres
from tests.load.company import CLIENTS, SMALL, Company, Page, fill, ready, said, sizes
from tests.load.generator import Figures, Plan, ask, message, run
from tests.load.listeners import Listeners
from tests.load.measured import LIMIT, OURS, ROOT, Server
from tests.load.table import Table, slope

pytestmark = pytest.mark.bench
SECONDS, ROUNDS = 2.5, 3
GROWTH = 1.3  # times as long with ten times the tickets, from LARGE on
LARGE = 100_000
SHARE = 0.5
MEMORY = 200  # MiB
START = 3.0  # seconds
STREAMS = 1_000
_SEED = ("seed.py", "crowd.py", "vocabulary.py")
_COUNTS = "select (select count(*) from procrastinate_jobs), (select count(*) from tickets)"
_AGES = re.compile(rb"<time [^>]*>[^<]*</time>")


@pytest.fixture(scope="module")
def data(request: pytest.FixtureRequest) -> Path:
    """The folder that is kept."""
    folder = Path(request.config.getoption("--bench-data") or Path(tempfile.gettempdir(), "deskside-bench"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def companies(request: pytest.FixtureRequest, data: Path) -> Iterator[list[Company]]:
    """A company of each size. One that was filled before is brought to this version, as an installation is; one that
    other code has filled is filled anew."""
    with Postgres(data) as server:
        found = []
        for size in sizes(request.config.getoption("--tickets")):
            with psycopg.connect(server, autocommit=True) as admin:
                name = _filled(admin, server, data, size)
                copy = f"measured_{said(size, mark='')}"  # what is measured writes too
                admin.execute(f'drop database if exists "{copy}" with (force)')
                admin.execute(f'create database "{copy}" template "{name}" strategy file_copy')
            found.append(ready(server.replace("/deskside?", f"/{copy}?"), size))
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute("checkpoint")
        os.sync()  # what was copied is on the disk before anything is measured
        yield found


def _filled(admin: psycopg.Connection, server: str, data: Path, size: int) -> str:
    """The name of the database with so many tickets, filled if it is not there."""
    demo = ROOT / "backend/demo"
    company = (path for path in demo.rglob("*") if path.suffix in (".py", ".toml"))
    fillers = sorted(company) if size == SMALL else [demo / name for name in _SEED]
    filled_by = hashlib.sha256(b"".join(path.read_bytes() for path in fillers)).hexdigest()[:8]
    name = f"tickets_{said(size, mark='')}_{filled_by}"
    there = [row[0] for row in admin.execute("select datname from pg_database")]
    new = name not in there
    working = f"{name}_new" if new else name
    address = server.replace("/deskside?", f"/{working}?")
    if new:
        for old in (one for one in there if one.startswith(name.removesuffix(filled_by))):
            admin.execute(f'drop database "{old}" with (force)')
        admin.execute(f'create database "{working}"')
        fill(address, data, size)
    migrate.upgrade(address)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("vacuum analyze")
    admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (working,))
    if new:
        admin.execute(f'alter database "{working}" rename to "{name}"')
    return name


def _plan(company: Company, page: Page, server: Server) -> Plan:
    return Plan(server.port, page.paths, page.expect, SECONDS, clients=CLIENTS, cookies=company.cookies)


def _same(company: Company, page: Page, ours: Server, limit: Server) -> None:
    """Both answer the same; moments apart, which depend on when they are asked."""
    plan = Plan(ours.port, page.paths, [], 0, cookies=company.cookies)
    request = message(plan, 0, page.paths[0], 0)
    answers = [_AGES.sub(b"", ask(server.port, request)[1]) for server in (ours, limit)]
    assert answers[0] == answers[1], f"{page.name} differs from the limit app's"


def _in_turns(turns: list[tuple[Server, Plan]]) -> list[Figures]:
    """The best of the rounds of each. All take turns, so that what else the machine does meets all of them alike."""
    rounds = [[run(plan) for _server, plan in turns] for _round in range(ROUNDS)]
    return [max(figures, key=lambda one: one.per_second) for figures in zip(*rounds, strict=True)]


class Bench:
    """Both servers on each company, started when they are first asked for; what was measured is kept."""

    def __init__(self, companies: list[Company], data: Path, table: Table) -> None:
        self.companies = {company.tickets: company for company in companies}
        self.data, self.table = data, table
        self._running = ExitStack()
        self._servers: dict[int, tuple[Server, Server]] = {}
        self._pages: dict[tuple[int, str], tuple[Figures, Figures]] = {}

    def servers(self, size: int) -> tuple[Server, Server]:
        """Ours and the limit app."""
        if size not in self._servers:
            url = self.companies[size].url
            both = tuple(self._running.enter_context(Server(module, url, self.data)) for module in (OURS, LIMIT))
            self._servers[size] = (both[0], both[1])
        return self._servers[size]

    def page(self, size: int, name: str) -> tuple[Figures, Figures]:
        """The figures of both for one page, after both have answered the same. All sizes are measured in one go."""
        if (size, name) not in self._pages:
            turns = []
            for company in self.companies.values():
                page, servers = next(one for one in company.pages if one.name == name), self.servers(company.tickets)
                _same(company, page, *servers)
                turns += [(server, _plan(company, page, server)) for server in servers]
            figures = _in_turns(turns)
            pairs = zip(figures[::2], figures[1::2], strict=True)
            self._pages |= {(each, name): pair for each, pair in zip(self.companies, pairs, strict=True)}
        return self._pages[size, name]

    def close(self) -> None:
        """Ends the servers."""
        self._running.close()
        self._servers.clear()


@pytest.fixture(scope="module")
def bench(companies: list[Company], data: Path, table: Table) -> Iterator[Bench]:
    """What all lines share."""
    made = Bench(companies, data, table)
    yield made
    made.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each line for each number of tickets."""
    if "size" in metafunc.fixturenames:
        given = sizes(metafunc.config.getoption("--tickets"))
        metafunc.parametrize("size", given, ids=[said(size, mark="") for size in given], scope="module")


@pytest.mark.parametrize("name", ["list", "ticket", "search", "pane"])
def test_page(bench: Bench, size: int, name: str) -> None:
    ours, limit = bench.page(size, name)
    share = ours.per_second / limit.per_second
    measured = (
        f"{ours.per_second:.1f}/s, limit app {limit.per_second:.1f}/s: {share:.0%}; p50 {ours.p50} p95 {ours.p95} ms"
    )
    goal = f"{SHARE:.0%} of the limit app" if size != SMALL else ""
    bench.table.check(name, said(size), measured, goal, met=share >= SHARE or not goal)


@pytest.mark.parametrize("name", ["list", "ticket", "search", "pane"])
def test_growth(bench: Bench, size: int, name: str) -> None:
    smaller = [one for one in bench.companies if LARGE <= one < size]
    if not smaller:
        pytest.skip("nothing to compare with")
    times = bench.page(size, name)[0].p50 / bench.page(max(smaller), name)[0].p50
    goal = f"at most {GROWTH} times" if name != "search" else ""
    measured = f"takes {times:.2f} times as long as with {said(max(smaller))}"
    bench.table.check(name, said(size), measured, goal, met=times <= GROWTH or not goal)


def test_streams(bench: Bench, size: int) -> None:
    company, (server, _limit) = bench.companies[size], bench.servers(size)
    headers = {"Authorization": f"Bearer {company.token}"}
    plan = Plan(server.port, ["/api/v1/tickets?limit=20"], [], SECONDS, headers=headers)
    without, memory = run(plan).p95, server.memory()
    with Listeners(server.port, company.cookies, ["tickets", "ticket:1"], STREAMS) as listeners:
        assert listeners.count("\nid: ", 30, enough=STREAMS) == STREAMS
        beside, more = run(plan).p95, server.memory() - memory
        assert listeners.ended == 0
    measured = f"JSON p95 {beside} ms beside {STREAMS:,}, {without} ms without; {more:+.0f} MiB"
    bench.table.check("streams", said(size), measured, "at most 2 times", met=beside <= 2 * without)


def test_start(bench: Bench, size: int) -> None:
    bench.close()
    with Server(OURS, bench.companies[size].url, bench.data) as server:
        measured = f"first answer after {server.started:.1f} s, of which {server.work():.1f} s are work"
        bench.table.check("start", said(size), measured, f"at most {START:.0f} s", met=server.started <= START)


def test_memory(bench: Bench, size: int, request: pytest.FixtureRequest) -> None:
    company, (server, _limit) = bench.companies[size], bench.servers(size)
    end, began = time.monotonic() + 60 * float(request.config.getoption("--minutes")), time.monotonic()
    minutes, mebibytes = [], []
    while True:
        for page in company.pages:
            run(_plan(company, page, server))
        minutes.append((time.monotonic() - began) / 60)
        mebibytes.append(server.memory())
        if time.monotonic() >= end:
            break
    grows = f"; {slope(minutes, mebibytes):+.1f} MiB an hour over {minutes[-1]:.0f} minutes" if len(minutes) > 5 else ""
    measured = f"{mebibytes[-1]:.0f} MiB (PSS of all processes){grows}"
    bench.table.check("memory", said(size), measured, f"at most {MEMORY} MiB", met=mebibytes[-1] <= MEMORY)


# These write, so they come last: what a page shows is known before.


def test_create(bench: Bench, size: int) -> None:
    company, (server, _limit) = bench.companies[size], bench.servers(size)
    ticket = {"subject": "Drucker {n}", "contact": company.contact, "text": "Er druckt nicht mehr."}
    body = json.dumps({**ticket, "assignee": company.technician})  # who is told of it by a job
    headers = {"Authorization": f"Bearer {company.token}", "Content-Type": "application/json"}
    plan = Plan(server.port, ["/api/v1/tickets"], ['"number"'], SECONDS, method="POST", body=body, status=201)
    plan.headers = headers
    with psycopg.connect(company.url) as connection:
        before = connection.execute(_COUNTS).fetchone() or (0, 0)
        figures = run(plan)
        connection.rollback()
        after = connection.execute(_COUNTS).fetchone() or (0, 0)
    jobs = (after[0] - before[0]) / (after[1] - before[1])
    measured = f"{figures.per_second:.1f}/s; p50 {figures.p50} p95 {figures.p95} ms; jobs each: {jobs:.1f}"
    bench.table.add("create", said(size), measured, "orientation: 120/s", met=figures.per_second >= 120)


def test_mails(bench: Bench, size: int) -> None:
    company = bench.companies[size]
    command = [sys.executable, "-m", "tests.load.mails", company.url, str(bench.data), company.contact, "5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    measured = f"{figures['per_second']:.1f}/s by one process, {figures['work']:.1f} ms of its own work each"
    bench.table.add("mails", said(size), measured, "orientation: 80/s", met=figures["per_second"] >= 80)
