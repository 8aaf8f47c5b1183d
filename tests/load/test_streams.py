"""The production server holds live streams without a thread for each."""

import os
import signal
from pathlib import Path

import psycopg
import pytest

from backend import config
from backend.live import CHANNEL
from tests.load.company import fill, ready
from tests.load.generator import Plan, run
from tests.load.listeners import Listeners
from tests.load.measured import OURS, Server
from tests.world import World

pytestmark = pytest.mark.slow
STREAMS = 60  # with four threads in each of two processes


def _tell(url: str, topic: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("insert into live_events (topic) values (%s)", (topic,))
        connection.execute("select pg_notify(%s, %s)", (CHANNEL, topic))


def test_streams_are_heard_beside_pages_and_come_back_after_a_restart(world: World, tmp_path: Path) -> None:
    fill(world.settings.database_url, tmp_path, 200)
    config.use(world.settings)
    company = ready(world.settings.database_url, 200)
    url, cookies, page = company.url, company.cookies, company.pages[0]
    with (
        Server(OURS, url, tmp_path, WEB_THREADS="4") as server,
        Listeners(server.port, cookies, ["lines:1"], STREAMS) as listeners,
    ):
        assert listeners.count("\nid: ", 30, enough=STREAMS) == STREAMS
        assert run(Plan(server.port, page.paths, page.expect, 0.3, 0.1, clients=4, cookies=cookies)).wrong == 0
        _tell(url, "lines:1")
        assert listeners.count("data: lines:1\n\n", 20, enough=STREAMS) == STREAMS
        for worker in server.workers():  # each is followed by another, and whoever comes back is heard
            os.kill(worker, signal.SIGTERM)
        assert listeners.all_ended(30)
        with Listeners(server.port, cookies, ["lines:1"], 10) as again:
            assert again.count("\nid: ", 30, enough=10) == 10
            _tell(url, "lines:1")
            assert again.count("data: lines:1\n\n", 20, enough=10) == 10
