"""The table of figures: Deskside beside the limit app in one run, at several numbers of tickets. `make bench`.

Filled databases are kept for the next run, in the folder that `--bench-data` names.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest

from backend import migrate
from backend.postgres import Postgres
from tests.load.company import CLIENTS, SMALL, Company, Page, fill, ready
from tests.load.generator import Figures, Plan, ask, message, run
from tests.load.measured import LIMIT, OURS, ROOT, Server

pytestmark = pytest.mark.bench
SECONDS, ROUNDS = 2.5, 2
GROWTH = 2.0
SHARE = 0.5
_SEED = ("seed.py", "crowd.py", "vocabulary.py")
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
    sizes = [int(size) for size in request.config.getoption("--tickets").split(",")]
    with Postgres(data) as server:
        found = []
        for size in sizes:
            with psycopg.connect(server, autocommit=True) as admin:
                name = _filled(admin, server, data, size)
                copy = f"measured_{size}"  # what is measured writes too
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
    fillers = sorted(demo.rglob("*.py")) if size == SMALL else [demo / name for name in _SEED]
    filled_by = hashlib.sha256(b"".join(path.read_bytes() for path in fillers)).hexdigest()[:8]
    name = f"tickets_{size}_{filled_by}"
    there = [row[0] for row in admin.execute("select datname from pg_database")]
    new = name not in there
    working = f"{name}_new" if new else name
    address = server.replace("/deskside?", f"/{working}?")
    if new:
        for old in (one for one in there if one.startswith(f"tickets_{size}_")):
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


def _same(company: Company, page: Page, ours: Server, limit: Server) -> None:
    """Both answer the same; moments apart, which depend on when they are asked."""
    plan = Plan(ours.port, page.paths, [], 0, cookies=company.cookies)
    request = message(plan, 0, page.paths[0], 0)
    answers = [_AGES.sub(b"", ask(server.port, request)[1]) for server in (ours, limit)]
    assert answers[0] == answers[1], f"{page.name} differs from the limit app's"


def _measured(company: Company, page: Page, servers: tuple[Server, Server]) -> list[Figures]:
    """The better of the rounds of each server, which take turns: the other one was disturbed by something else."""
    best: list[Figures | None] = [None, None]
    for _round in range(ROUNDS):
        for number, server in enumerate(servers):
            figures = run(Plan(server.port, page.paths, page.expect, SECONDS, clients=CLIENTS, cookies=company.cookies))
            before = best[number]
            best[number] = figures if before is None or figures.per_second > before.per_second else before
    return [figures for figures in best if figures is not None]


def _growth(companies: list[Company], medians: dict[tuple[str, int], float]) -> dict[tuple[str, int, int], float]:
    """How many times as long each page takes as in the company before: by page and both numbers of tickets."""
    sizes = [company.tickets for company in companies]
    return {
        (name, size, before): medians[name, size] / medians[name, before]
        for before, size in pairwise(sizes)
        for name, tickets in medians
        if tickets == size
    }


def _line(name: str, tickets: int, ours: Figures, limit: Figures | None) -> str:
    share = f"{limit.per_second:7.1f} {ours.per_second / limit.per_second:6.0%}" if limit else " " * 14
    return f"{name:8} {tickets:>9,} {ours.per_second:7.1f} {share} {ours.p50:7.1f} {ours.p95:7.1f} {ours.size:8,}"


def _creation(company: Company, server: Server) -> Figures:
    body = f'{{"subject": "Drucker {{n}}", "contact": "{company.contact}", "text": "Er druckt nicht mehr."}}'
    headers = {"Authorization": f"Bearer {company.token}", "Content-Type": "application/json"}
    path = "/api/v1/tickets"
    return run(Plan(server.port, [path], ['"number"'], SECONDS, method="POST", body=body, status=201, headers=headers))


def test_figures(companies: list[Company], data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        f"{'page':8} {'tickets':>9} {'ours/s':>7} {'limit/s':>7} {'share':>6} {'p50 ms':>7} {'p95 ms':>7} {'bytes':>8}"
    ]
    shares: dict[tuple[str, int], float] = {}
    medians: dict[tuple[str, int], float] = {}
    for company in companies:
        with Server(OURS, company.url, data) as ours, Server(LIMIT, company.url, data) as limit:
            for page in company.pages:
                _same(company, page, ours, limit)
                one, two = _measured(company, page, (ours, limit))
                shares[page.name, company.tickets] = one.per_second / two.per_second
                medians[page.name, company.tickets] = one.p50
                lines.append(_line(page.name, company.tickets, one, two))
            lines.append(_line("create", company.tickets, _creation(company, ours), None))
            lines.append(
                f"{'':8} {company.tickets:>9,} memory of the web side {ours.memory():.0f} MiB (PSS),"
                f" first answer after {ours.started:.1f} s"
            )
    grown = _growth(companies, medians)
    for (name, tickets, before), times in grown.items():
        lines.append(f"{name:8} {tickets:>9,} takes {times:.2f} times as long as with {before:,} tickets")
    with capsys.disabled():
        print("", *lines, sep="\n")
    slow = {key: round(share, 2) for key, share in shares.items() if share < SHARE and key[1] != SMALL}
    assert not slow, f"less than {SHARE:.0%} of the limit app: {slow}"
    # Searched in few tickets, a word is in fewer than a page holds: that is another page.
    much = {key: round(times, 2) for key, times in grown.items() if times > GROWTH and key[::2] != ("search", SMALL)}
    assert not much, f"more than {GROWTH} times as long as with fewer tickets: {much}"
