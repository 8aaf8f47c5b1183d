"""`deskside demo`: everything comes up with one command, and nothing of it is left after any end."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ports import free_port

pytestmark = pytest.mark.slow
SECONDS = 60.0


def until(met: Callable[[], bool], seconds: float = SECONDS) -> bool:
    """Whether `met` comes true within `seconds`."""
    end = time.monotonic() + seconds
    while not met():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class Installation:
    """An empty installation in a folder of its own, on ports of its own."""

    def __init__(self, data: Path) -> None:
        self.data, self.port, self.sandbox_port = data, free_port(), free_port()
        self.log = data.parent / "log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "DESKSIDE_DATA": str(data),
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-P", "-m", "backend.cli", *(arguments or ("demo", "--empty"))]

    def start(self) -> subprocess.Popen[bytes]:
        """Starts it and waits until it says that it is ready."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command(), env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        process = self.process
        until(lambda: b"Deskside is ready" in self.log.read_bytes() or process.poll() is not None)
        assert process.poll() is None, self.log.read_text()
        assert b"Deskside is ready" in self.log.read_bytes(), self.log.read_text()
        return process

    def again(self) -> subprocess.CompletedProcess[str]:
        """What a second start says."""
        return self.tell("demo", "--empty")

    def tell(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What `deskside` with these arguments answers."""
        return subprocess.run(
            self.command(*arguments), env=self.environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )

    def get(self, path: str, port: int | None = None) -> tuple[int, str]:
        """Status and text of an answer; status 0 when there is none."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port or self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def processes(self) -> list[int]:
        """All processes that belong to this folder, by their command or environment."""
        mark, found = os.fsencode(self.data), []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    known = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                except OSError:
                    continue
                if mark in known:
                    found.append(int(entry.name))
        return found


@pytest.fixture
def installation() -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="deskside-test-", dir="/tmp"))
    folder.chmod(0o755)
    one = Installation(folder / "var")
    yield one
    if one.process is not None and one.process.poll() is None:
        one.process.send_signal(signal.SIGTERM)
        one.process.wait(SECONDS)
    until(lambda: not one.processes())
    shutil.rmtree(folder)


def _ends(installation: Installation, number: signal.Signals) -> None:
    process = installation.process
    assert process is not None
    process.send_signal(number)
    assert process.wait(SECONDS) == 0, f"{number.name}: {installation.log.read_text()}"
    assert installation.processes() == []


@pytest.mark.parametrize(
    "number", [signal.SIGINT, *(pytest.param(one, marks=pytest.mark.soak) for one in (signal.SIGTERM, signal.SIGHUP))]
)
def test_it_comes_up_and_ends_in_order(installation: Installation, number: signal.Signals) -> None:
    installation.start()
    assert installation.get("/healthz")[0] == 200
    assert installation.get("/_sandbox/people", installation.sandbox_port)[0] == 200
    assert until(lambda: installation.get("/readyz")[0] == 200), installation.get("/readyz")
    _ends(installation, number)
    installation.start()
    assert until(lambda: installation.get("/readyz")[0] == 200), installation.get("/readyz")


def test_other_commands_find_the_running_installation_and_second_ones_are_refused(installation: Installation) -> None:
    before = installation.tell("token", "create", "--name", "test", "--scope", "admin")
    assert before.returncode == 1
    assert "DATABASE_URL is missing" in before.stderr
    installation.start()
    token = installation.tell("token", "create", "--name", "test", "--scope", "admin").stdout.strip()
    request = urllib.request.Request(
        f"http://127.0.0.1:{installation.port}/api/v1/tickets", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    assert installation.tell("seed", "--tickets", "20").returncode == 0
    assert until(lambda: installation.get("/readyz")[0] == 200)
    healthy = installation.tell("doctor")
    assert healthy.returncode == 0, healthy.stdout
    note = installation.data / "running.json"
    assert note.stat().st_mode & 0o777 == 0o600
    _second_ones_are_refused(installation)
    _ends(installation, signal.SIGTERM)
    assert not note.exists()


def _second_ones_are_refused(installation: Installation) -> None:
    second = installation.again()
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.startswith(f"Deskside is already running on {installation.data}")
    data = installation.environment["DESKSIDE_DATA"]
    installation.environment["DESKSIDE_DATA"] = str(installation.data.with_name("other"))
    third = installation.again()
    installation.environment["DESKSIDE_DATA"] = data
    assert (third.returncode, third.stdout) == (1, "")
    assert third.stderr == (
        f"Port {installation.port} on 127.0.0.1 is taken. End what uses it, or set PORT to another one.\n"
    )


@pytest.mark.soak
def test_killed_it_leaves_nothing_and_starts_again(installation: Installation) -> None:
    process = installation.start()
    key = (installation.data / "secret_key").read_text()
    process.kill()
    process.wait(SECONDS)
    installation.start()
    assert installation.get("/healthz")[0] == 200
    assert (installation.data / "secret_key").read_text() == key
    assert (installation.data / "secret_key").stat().st_mode & 0o777 == 0o600
    assert process.pid not in installation.processes()


def test_a_killed_part_comes_back(installation: Installation) -> None:
    installation.start()
    lock = installation.data / "postgres/cluster/postmaster.pid"
    first = lock.read_text().splitlines()[0]
    os.kill(int(first), signal.SIGKILL)
    assert until(lambda: lock.exists() and lock.read_text().splitlines()[0] != first)
    assert until(lambda: installation.get("/readyz")[0] == 200), installation.log.read_text()
    assert "PostgreSQL ended; starting it again." in installation.log.read_text()


def test_a_data_folder_that_is_none_is_refused_in_a_sentence(installation: Installation) -> None:
    installation.data.write_text("a file")
    refused = installation.again()
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"The data folder {installation.data} cannot be used: ")


def test_wrong_settings_are_all_named_before_anything_starts(installation: Installation) -> None:
    installation.environment |= {"WEB_WORKERS": "many", "LANGUAGE": "xx"}
    refused = installation.again()
    assert refused.returncode == 1
    assert "WEB_WORKERS must be a whole number" in refused.stderr
    assert "LANGUAGE must be one of" in refused.stderr
    assert not installation.data.exists()
