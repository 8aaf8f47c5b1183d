"""The fixtures everybody uses; `tests/world.py` tells how."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import psycopg
import pytest
from flask import Flask
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool

from backend import app as application
from backend import clock, config, db, limits, migrate, postgres, schedule
from backend.db import session
from backend.sandbox import mailbox, teams_chats
from backend.sandbox import people as tenant
from backend.sandbox.app import create_sandbox, end
from backend.sandbox.world import World as TenantWorld
from backend.settings.models import Setting
from tests.furnished import SHARED
from tests.sandbox.held import offences
from tests.waiting import patient
from tests.world import SALES, SERVICE, Door, World

# Where only the whole Chromium is there, it draws the suggestions below its address bar as a page in a process of its
# own, half of what a window costs. The last such switch counts, so what Playwright switches off of pages' behaviour is
# named again.
_NOT_NEEDED = """WebUIOmniboxPopup WebUIOmniboxFullPopup WebUIOmniboxAimPopup
AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades HttpsFirstBalancedModeAutoEnable
LensOverlay MediaRouter PaintHolding ThirdPartyStoragePartitioning OptimizationHints PreconnectToSearch""".split()
CHROMIUM = [
    *"--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking".split(),
    *"--disable-component-update --disable-sync --lang=en-US --accept-lang=en-US".split(),
    f"--disable-features={','.join(_NOT_NEEDED)}",
]
# How long a browser test waits for a condition; what has to be quick says its own time.
expect.set_options(timeout=patient(10_000))


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """The address of a server whose database `deskside` is migrated and never written to: the template."""
    with postgres.throwaway() as url:
        migrate.upgrade(url)
        yield url


@dataclass(frozen=True)
class _Doors:
    web: Door
    sandbox: Door
    data: Path


@pytest.fixture(scope="session")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Doors]:
    """The two HTTP servers of a test run: Deskside on localhost, the sandbox on 127.0.0.1 (another site)."""
    data = tmp_path_factory.mktemp("data")
    web, sandbox = Door("localhost"), Door("127.0.0.1")
    tenant_app = create_sandbox(data / "sandbox", public_url=sandbox.url, deskside_url=web.url)
    sandbox.app = tenant_app
    yield _Doors(web, sandbox, data)
    web.close()
    sandbox.close()
    end(tenant_app)


# As at the start: every row gone but the migration's own, every sequence back. Emptying what a test has filled takes a
# fraction of what a new database would; foreign keys rest meanwhile, so that the order of the tables does not matter.
_EMPTY = """
set session_replication_role = replica;
set lock_timeout = '10s';
do $$
declare name text;
begin
  for name in select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version' loop
    execute format('delete from %I', name);
  end loop;
  for name in select sequencename from pg_sequences where schemaname = 'public' and last_value is not null loop
    execute format('alter sequence %I restart', name);
  end loop;
end $$;
set session_replication_role = origin;
"""


@pytest.fixture(scope="session")
def used_database(database_server: str) -> Iterator[tuple[str, psycopg.Connection]]:
    """A copy of the template for all tests of this process, and the line by which it is emptied."""
    admin = database_server.replace("/deskside?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE DATABASE tests TEMPLATE deskside STRATEGY file_copy")
    url = database_server.replace("/deskside?", "/tests?")
    with psycopg.connect(url, autocommit=True) as connection:
        yield url, connection


@pytest.fixture
def database(used_database: tuple[str, psycopg.Connection]) -> Iterator[str]:
    """The address of a database as after the migrations."""
    url, connection = used_database
    statuses = connection.execute("select key, name, kind, position from statuses").fetchall()
    yield url
    session.remove()  # a look outside of a transaction's block would hold its locks into the tests to come
    db.engine().dispose()
    limits.COUNTER.forget()
    connection.execute(_EMPTY)
    for row in statuses:
        connection.execute("insert into statuses (key, name, kind, position) values (%s, %s, %s, %s)", row)


def empty_tenant(there: TenantWorld) -> None:
    """The sandbox with all its people and not one mail: a reset would give it those of the demo."""
    there.store.set_clock(0)
    with there.store.write() as tx:
        there.store.empty(tx)
        teams_chats.start_over(tx)
        for person in tenant.PEOPLE:
            mailbox.make_folders(tx, person)
    there.faults.clear()
    there.limits.forget()
    there.log.empty()


@pytest.fixture(scope="session")
def settings(used_database: tuple[str, psycopg.Connection], doors: _Doors) -> config.Config:
    """The settings of this process's Deskside: its own database and doors."""
    return config.load(
        {
            "DESKSIDE_DATA": str(doors.data),
            "DATABASE_URL": used_database[0],
            "PUBLIC_URL": doors.web.url,
            "SANDBOX_URL": doors.sandbox.url,
            "SECRET_KEY": "a key that signs nothing but tests",
            "TENANT_ID": tenant.HOME_TENANT,
            "ALLOWED_TENANTS": tenant.CUSTOMER_TENANT,
            "CLIENT_ID": tenant.CLIENT_ID,
            "CLIENT_SECRET": tenant.CLIENT_SECRET,
            "DESK_MAILBOXES": f"{SERVICE},{SALES}",
            "LANGUAGE": "de",
            "OFFICE_JS_URL": f"{doors.sandbox.url}/_sandbox/office.js",
            "TEAMS_JS_URL": f"{doors.sandbox.url}/_sandbox/teams.js",
        }
    )


@pytest.fixture(scope="session")
def deskside(settings: config.Config) -> Flask:
    """The application of this process. It keeps nothing of a request, and building it takes longer than most tests."""
    schedule.load()
    return application.create_app(settings)


@pytest.fixture
def world(database: str, settings: config.Config, deskside: Flask, doors: _Doors) -> Iterator[World]:
    """A fresh world: see `tests/world.py`. What it asked of Microsoft is held to the descriptions afterwards."""
    config.use(settings)
    # One engine, so that its compiled statements serve all tests; a command that was tried may have left a smaller one.
    engine = db.engine()
    if engine.url != make_url(db.driver_url(database)) or cast(QueuePool, engine.pool).size() < settings.web_threads:
        db.configure(database, pool=settings.web_threads)
    doors.web.app = deskside
    assert doors.sandbox.app is not None
    there: TenantWorld = doors.sandbox.app.extensions["sandbox"]
    empty_tenant(there)
    fresh = World(deskside, settings, there)
    # Deskside looks at the tenant's clock now and then only: the test before may have moved it.
    fresh.until(lambda: abs(clock.now().timestamp() - time.time()) < 1)
    with fresh.rows():  # a reply goes at once: what it waits for otherwise has tests of its own
        session.add(Setting(key="undo_send_seconds", value=0, changed_at=clock.now()))
    yield fresh
    there.faults.clear()
    doors.web.rest()
    wrong = offences(there.log.since(0))
    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, one for a test process: Playwright allows one driver at a time."""
    with sync_playwright() as playwright:
        found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM)
        yield browser
        browser.close()


def pytest_configure(config: pytest.Config) -> None:
    """What the processes of a run share has a folder."""
    if not hasattr(config, "workerinput"):
        os.environ[SHARED] = tempfile.mkdtemp(prefix="deskside-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The folder goes with the run."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[SHARED], ignore_errors=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--pictures`: take the documentation's pictures anew; `--tickets` and `--bench-data`: see tests/load.

    `--fuzz-seconds` and `--fuzz-seed`: see tests/mail/test_any_bytes.py.
    """
    parser.addoption("--pictures", action="store_true", help="take the pictures in docs/pictures anew")
    parser.addoption("--pictures-in", metavar="FOLDER", help="with --pictures: put them there, to look at first")
    parser.addoption("--tickets", default="demo,100000", help="numbers of tickets to measure with, by comma")
    parser.addoption("--fuzz-seconds", default="3600", help="how long any bytes are sent to the desk")
    parser.addoption("--fuzz-seed", default="1", help="with which random numbers they are made")
    parser.addoption("--minutes", default="0", help="how long memory is watched under load, for each number of tickets")
    parser.addoption("--bench-data", help="folder where filled databases are kept; in the temporary folder by default")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Storm and journeys first: they wait much, and one process that has all journeys starts one installation only."""
    items.sort(key=lambda item: not {"storm", "journeys"} & set(item.path.parts))
