"""An installation as it stands on several machines: webs, workers, a spreader, a database pair, the sandbox tenant."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from backend import child, trial
from tests.failover.servers import Pair, pair
from tests.failover.spreader import Spreader
from tests.installation import Installation
from tests.ports import free_port
from tests.waiting import eventually

# Everything is let out: whether something was said twice shows only where it may be said at all.
_NO_BRAKES = {"BRAKE_ANSWERS": "10000", "BRAKE_ADDRESS": "100000", "BRAKE_MAILBOX": "100000"}
_START_SECONDS = 180


class Program:
    """One program on a machine of its own, so to say."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self.name, self._command, self._environment = name, command, environment
        self.log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> str:
        """On which it listens, if it does."""
        return self._environment["PORT"]

    @property
    def runs(self) -> bool:
        """Whether the process that was started last is still there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts it; from the main thread, with which it ends."""
        with self.log.open("ab") as log:
            self._process = child.spawn([sys.executable, "-m", *self._command], env=self._environment, output=log)

    def kill(self) -> float:
        """Kills it with all its processes, as if its machine had lost power; returns when."""
        assert self._process is not None
        now = time.time()
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        return now

    def end(self) -> None:
        """Ends it in order."""
        if self._process is not None:
            child.end(self._process, (signal.SIGTERM, 20.0))


@dataclass
class Site:
    """The whole; `there` is how clients see it."""

    there: Installation
    pair: Pair
    webs: list[Program]
    workers: list[Program]

    def ready(self, web: Program) -> bool:
        """Whether that web server says that everything is there."""
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"http://localhost:{web.port}/readyz", timeout=5).status_code == 200
        return False

    def await_all(self) -> None:
        """Waits until every web server is ready. Raises AssertionError with what programs said last."""
        for web in self.webs:
            eventually(
                lambda web=web: self.ready(web),  # type: ignore[misc]
                seconds=_START_SECONDS,
                every=0.1,
                otherwise=self.last_words,
            )

    def last_words(self) -> str:
        """The end of every program's log."""
        return "\n".join(
            f"{one.name}: {one.log.read_text(errors='replace')[-1_500:]}" for one in (*self.webs, *self.workers)
        )


def _environment(data: Path, servers: Pair, port: str, sandbox: str) -> dict[str, str]:
    (data / "files").mkdir(exist_ok=True)
    given = {
        **os.environ, **_NO_BRAKES, "DESKSIDE_DATA": str(data), "PUBLIC_URL": f"http://localhost:{port}",
        "SANDBOX_PORT": sandbox, "PYTHONUNBUFFERED": "1", "DATABASE_URL": servers.url,
    }  # fmt: skip
    return trial.settings(given, "5ec7e7" * 11, servers.url)


def _prepare(environment: dict[str, str], *, empty: bool) -> None:
    command = [sys.executable, "-m", "backend.prepare", *(["--empty"] if empty else [])]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3_000:]


@contextlib.contextmanager
def running(data: Path, *, webs: int = 2, workers: int = 2, empty: bool = False, **settings: str) -> Iterator[Site]:
    """All of it, with its data in `data` and further `settings`; `empty`: without the demo company."""
    with pair() as servers, contextlib.ExitStack() as ends:
        ports, sandbox = [str(free_port()) for _ in range(webs)], str(free_port())
        spreader = Spreader(ports)
        ends.callback(spreader.close)
        environment = _environment(data, servers, spreader.port, sandbox) | settings
        there = Installation(environment["PUBLIC_URL"], environment["SANDBOX_URL"], environment, os.getpid())
        where = ["--data", str(data / "sandbox"), "--port", sandbox, "--deskside-url", there.web]
        tenant = Program("sandbox", ["backend.sandbox.serve", *where], environment, data)
        programs = [tenant]
        ends.callback(tenant.end)
        tenant.start()
        _prepare(environment, empty=empty)
        site = Site(
            there,
            servers,
            [
                Program(f"web-{n + 1}", ["backend.serve"], environment | {"PORT": port}, data)
                for n, port in enumerate(ports)
            ],
            [Program(f"worker-{n + 1}", ["backend.work"], environment, data) for n in range(workers)],
        )
        programs = [*site.workers, *site.webs]
        for one in programs:
            ends.callback(one.end)
            one.start()
        site.await_all()
        yield site
