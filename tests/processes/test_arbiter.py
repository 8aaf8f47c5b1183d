"""The web server's arbiter and its workers, which come from a nursery."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.load.company import settings
from tests.load.generator import ask
from tests.load.measured import OURS, ROOT, Server
from tests.ports import free_port
from tests.waiting import eventually

pytestmark = pytest.mark.slow
_HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture
def server(database_server: str, tmp_path: Path) -> Iterator[Server]:
    with Server(OURS, database_server, tmp_path) as running:
        yield running


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_workers_are_the_arbiters_and_it_has_not_loaded_what_they_have(server: Server) -> None:
    eventually(lambda: len(server.workers()) == 2)
    assert {_parent(pid) for pid in server.workers()} == {server.pid}
    maps = [Path(f"/proc/{pid}/maps").read_text() for pid in (server.pid, *server.workers())]
    assert ["pydantic_core" in libraries for libraries in maps] == [False, True, True]


def test_a_killed_worker_is_replaced_and_the_other_goes_on_answering(server: Server) -> None:
    eventually(lambda: len(server.workers()) == 2)
    before = set(server.workers())
    gone, stays = sorted(before)
    os.kill(gone, signal.SIGKILL)
    answered = 0

    def replaced() -> bool:
        nonlocal answered
        answered += ask(server.port, _HEALTH)[0] == 200
        return len(set(server.workers()) - {gone}) == 2 and all(_parent(pid) == server.pid for pid in server.workers())

    eventually(replaced, seconds=30)
    assert answered
    assert stays in server.workers()
    assert {ask(server.port, _HEALTH)[0] for _turn in range(20)} == {200}


def _started(database: str, data: Path, program: str) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **settings(database, data, free_port())}
    return subprocess.Popen(
        [sys.executable, "-c", program], env=environment, stderr=subprocess.PIPE, start_new_session=True
    )


def _left(group: int) -> list[int]:
    """The processes of that group."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(place.name)) == group:
                found.append(int(place.name))
        except ProcessLookupError:
            continue
    return found


def test_told_to_end_while_it_loads_it_ends_with_all_it_has_begun(database_server: str, tmp_path: Path) -> None:
    process = _started(database_server, tmp_path, "from backend import serve; serve.main()")
    nursery = eventually(lambda: [pid for pid in _left(process.pid) if pid != process.pid])
    process.terminate()
    assert process.wait(10) == 0
    assert nursery
    eventually(lambda: not _left(process.pid))


def test_what_cannot_be_loaded_is_said_and_not_tried_for_ever(database_server: str, tmp_path: Path) -> None:
    program = "from backend import serve; serve._APPLICATION = 'backend.nowhere'; serve.main()"
    process = _started(database_server, tmp_path, program)
    _nothing, said = process.communicate(timeout=30)
    assert process.returncode != 0
    assert b"No module named 'backend.nowhere'" in said
    eventually(lambda: not _left(process.pid))
