"""The address of the database: whatever libpq takes, two servers of which one may be written to among it."""

import socket
import time
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import create_engine, make_url, text

from backend import db
from tests.world import World

ADDRESSES = (
    "postgresql://deskside@db.example.com/deskside",
    "postgresql://deskside:p%40ss@db.example.com:5433/deskside?sslmode=require",
    "postgresql://deskside@/deskside?host=/run/postgresql",
    "postgresql://deskside:a%2Cb@one.example:5433,two.example:5434/deskside?target_session_attrs=read-write",
    "postgres://deskside@one.example,two.example/deskside?target_session_attrs=read-write&sslmode=require",
    "postgresql://deskside@[::1]:5433,[::2]/deskside",
    "postgresql://deskside@/deskside?host=one.example,two.example&port=5433,5434",
)


def _as_the_driver_gets_it(address: str) -> dict[str, Any]:
    url = db.driver_url(address)
    _positional, named = create_engine(url).dialect.create_connect_args(make_url(url))
    return {name: str(value) for name, value in named.items() if name != "context"}


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_means_the_same_to_both_ways_of_connecting(address: str) -> None:
    meant = {name: str(value) for name, value in conninfo_to_dict(db.plain_url(address)).items()}
    given = _as_the_driver_gets_it(address)
    ports = [port or "5432" for port in meant.pop("port", "").split(",")]
    assert [port or "5432" for port in given.pop("port", "").split(",")] in (ports, ports * 2)
    assert given == meant


def test_a_server_that_never_answers_does_not_keep_us_from_the_next(world: World) -> None:
    where = conninfo_to_dict(world.settings.database_url)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://{where['user']}@/{where['dbname']}?host=127.0.0.1,{where['host']}"
        url += f"&port={silent.getsockname()[1]},5432&target_session_attrs=read-write"
        begun = time.monotonic()
        with psycopg.connect(url, **db.watchful(url)) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        before = db.engine().url.render_as_string(hide_password=False)
        try:
            with db.configure(url, pool=1).connect() as by_pool:
                assert by_pool.execute(text("select 1")).scalar_one() == 1
        finally:
            db.configure(before, pool=64)
        assert time.monotonic() - begun < 60


def test_what_the_address_says_itself_is_kept() -> None:
    assert "connect_timeout" not in db.watchful("postgresql://a@b/c?connect_timeout=30")
    assert db.watchful("postgresql://a@b/c")["connect_timeout"] == 5


def test_a_request_while_the_database_is_away_is_told_to_come_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    piet = world.browser(world.staff("Piet Hagenauer", "technician"))
    name = str(db.engine().url.database)
    assert piet.get("/tickets").status_code == 200
    with psycopg.connect(world.settings.database_url, dbname="postgres", autocommit=True) as admin:
        admin.execute(f'alter database "{name}" allow_connections false')
        try:
            lines = "datname = %s and application_name like 'deskside%%'"
            admin.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where {lines}", (name,))
            page = piet.get("/tickets")
            asked = piet.get("/api/v1/tickets", headers={"Authorization": "Bearer dsk_" + "x" * 43})
            ready = piet.get("/readyz")
        finally:
            admin.execute(f'alter database "{name}" allow_connections true')
    assert (page.status_code, asked.status_code, ready.status_code) == (503, 503, 503)
    assert "cannot be reached" in page.get_data(as_text=True)
    assert (asked.get_json()["code"], asked.headers["Retry-After"]) == ("database-away", "3")
    assert "Traceback" not in caplog.text
    assert piet.get("/tickets").status_code == 200
