"""The sandbox as a process of its own."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port
from tests.sandbox.bot import listening
from tests.sandbox.tenant import SERVICE, Tenant, letter
from tests.waiting import eventually

pytestmark = pytest.mark.slow


@contextmanager
def _process(data: Path, deskside: str = "http://localhost:9") -> Iterator[tuple[subprocess.Popen[str], Tenant]]:
    port = free_port()
    command = [sys.executable, "-m", "backend.sandbox.serve", "--data", str(data), "--port", str(port)]
    command += ["--deskside-url", deskside]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert found, said
        yield process, Tenant(found[0])
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=10)


def test_it_survives_kill_and_ends_cleanly(tmp_path: Path) -> None:
    with _process(tmp_path) as (process, tenant):
        got = tenant.deliver(letter("Before the end"))
        token = tenant.token
        process.kill()
        process.wait(10)
    with _process(tmp_path) as (process, tenant):
        tenant.token = token
        assert tenant.json("GET", f"/users/{SERVICE}/messages/{got['id']}")["subject"] == "Before the end"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_the_bot_hears_of_its_installations_once_it_listens(tmp_path: Path) -> None:
    """They happened before Deskside ran: nobody hears of attempts until it takes them, and then of each once."""
    with listening() as bot:
        asked: list[str] = []

        def not_there(activity: dict[str, Any]) -> tuple[int, Any]:
            asked.append(activity["id"])
            return 404, None

        bot.answer = not_there
        with _process(tmp_path, bot.url) as (_running, tenant):
            bot.sandbox = tenant.url
            eventually(lambda: len(asked) >= 2)
            assert len(set(asked)) == 1, "the first one waits, and the others behind it"
            assert tenant.control("GET", "/teams/deliveries").json() == []
            heard: list[dict[str, Any]] = []

            def taken(activity: dict[str, Any]) -> tuple[int, Any]:
                heard.append(activity)
                return 202, None

            bot.answer = taken
            eventually(lambda: len(heard) == 35, seconds=60)
            kinds = [(one["type"], one["conversation"]["conversationType"]) for one in heard]
            assert kinds[:2] == [("conversationUpdate", "channel"), ("installationUpdate", "channel")]
            assert set(kinds[2:32]) == {("conversationUpdate", "personal"), ("installationUpdate", "personal")}
            assert kinds[32:] == [("message", "personal")] * 3, "what customers have written since then"
            assert len({one["id"] for one in heard}) == 35
        with _process(tmp_path, bot.url) as (_running, tenant):
            bot.sandbox = tenant.url
            tenant.control("POST", "/teams/people/jana.wiedekind@moebelwerk-tressow.example/install")
            assert len(heard) == 37, "a second start tells nothing again"
