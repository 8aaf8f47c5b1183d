"""Processes that are measured: Deskside's web server, and the limit app's."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from tests.load.company import settings
from tests.load.generator import ask
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
OURS, LIMIT = "backend.serve", "tests.load.limit_app"


class Server:
    """`python -m module` as in production; a context manager. `started` is the seconds to the first answer."""

    def __init__(self, module: str, url: str, data: Path, **settings_besides: str) -> None:
        self.port, self._log = free_port(), data / f"{module}.log"
        environment = {"PATH": os.environ["PATH"], **settings(url, data, self.port), **settings_besides}
        began = time.monotonic()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module],
                env={**environment, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._until_it_answers(began + 60)
        self.started = time.monotonic() - began

    def _until_it_answers(self, end: float) -> None:
        pause = threading.Event()
        while time.monotonic() < end and self._process.poll() is None:
            try:
                ask(self.port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return
            except (OSError, IndexError):
                pause.wait(0.02)
        self._process.kill()
        raise AssertionError(f"it does not answer:\n{self._log.read_text()[-2000:]}")

    def _processes(self) -> Iterator[Path]:
        """The server's entries in /proc."""
        for status in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(ProcessLookupError):
                if os.getpgid(int(status.parent.name)) == self._process.pid:
                    yield status.parent

    @property
    def pid(self) -> int:
        """The process that was started."""
        return self._process.pid

    def workers(self) -> list[int]:
        """The ids of the processes that answer."""
        return [int(place.name) for place in self._processes() if int(place.name) != self._process.pid]

    def work(self) -> float:
        """The seconds of a processor that the server has used, what has ended of it (the nursery) among it."""
        ticks = 0
        for place in self._processes():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                ticks += sum(map(int, (place / "stat").read_text().rpartition(")")[2].split()[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """MiB of the process and its children, shared pages counted in parts (PSS)."""
        kibibytes = 0
        for place in self._processes():
            try:
                rollup = (place / "smaps_rollup").read_text()
            except (ProcessLookupError, FileNotFoundError, PermissionError):
                continue
            kibibytes += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        return kibibytes / 1024

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
