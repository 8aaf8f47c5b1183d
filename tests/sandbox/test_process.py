"""The sandbox as a process of its own."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

import pytest

from tests.sandbox.tenant import SERVICE, Tenant, letter

pytestmark = pytest.mark.slow


def _free_port() -> int:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def _process(data: Path) -> Iterator[tuple[subprocess.Popen[str], Tenant]]:
    port = _free_port()
    command = [sys.executable, "-m", "backend.sandbox.serve", "--data", str(data), "--port", str(port)]
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
