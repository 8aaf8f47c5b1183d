"""A whole installation as a person starts it."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests import loglines
from tests.furnished import furnish
from tests.ports import free_port
from tests.sandbox.held import offences
from tests.waiting import eventually
from tests.world import SERVICE

START_SECONDS = 120


@dataclass(frozen=True)
class Installation:
    """A running Deskside with its sandbox tenant."""

    web: str
    sandbox: str
    environment: dict[str, str]
    pid: int
    tokens: list[str] = field(default_factory=list)  # API tokens that were made
    mails: list[bytes] = field(default_factory=list)  # that were delivered

    def token(self, scope: str = "admin") -> str:
        """A new API token."""
        name = f"journey {len(self.tokens) + 1}"
        command = [sys.executable, "-m", "backend.cli", "token", "create", "--name", name, "--scope", scope]
        answer = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        self.tokens.append(answer.stdout.strip())
        return self.tokens[-1]

    def deliver(self, raw: bytes, to: str = SERVICE) -> str:
        """A mail arrives from outside; its internetMessageId."""
        answer = httpx.post(f"{self.sandbox}/_sandbox/mail", params={"to": to}, content=raw)
        assert answer.status_code == 201, answer.text
        self.mails.append(raw)
        return str(answer.json()["internetMessageId"])

    def sent(self) -> list[dict[str, object]]:
        """Every mail that was sent, oldest first."""
        answer: list[dict[str, object]] = httpx.get(f"{self.sandbox}/_sandbox/sent").json()
        return answer


def programs(there: Installation, module: str) -> list[int]:
    """The ids of its processes that run `module`, parents before their children."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and module in (entry / "cmdline").read_text().split("\0"):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == there.pid:
                    found.append(int(entry.name))
    return sorted(found)


def _answers(address: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(address, timeout=5).status_code == 200
    return False


def _ready(there: Installation) -> bool:
    return _answers(f"{there.web}/readyz") and _answers(f"{there.sandbox}/_sandbox/people")


@contextlib.contextmanager
def running(data: Path, **settings: str) -> Iterator[Installation]:
    """`deskside demo` on free ports with its data in `data` and further `settings`."""
    web, sandbox = str(free_port()), str(free_port())
    environment = {**os.environ, "PORT": web, "SANDBOX_PORT": sandbox, "DESKSIDE_DATA": str(data), **settings}
    furnish(data)
    with (data / "output.txt").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.cli", "demo"],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        there = Installation(f"http://localhost:{web}", f"http://127.0.0.1:{sandbox}", environment, process.pid)
        try:
            eventually(
                lambda: process.poll() is not None or _ready(there),
                seconds=START_SECONDS,
                otherwise=lambda: Path(data / "output.txt").read_text()[-3000:],
            )
            assert process.poll() is None, (data / "output.txt").read_text()[-3000:]
            yield there
            wrong = offences(httpx.get(f"{there.sandbox}/_sandbox/requests", timeout=60).json())
            assert not wrong, "\n".join(wrong)
            loglines.provoke(there.web, there.sandbox)
            key = (data / "secret_key").read_text().strip()
            secrets = loglines.secrets_of(there.sandbox, key, there.tokens, there.mails)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
    written = loglines.lines((data / "output.txt").read_text())
    assert any("refused" in line for line in written), "the programs say what they refuse"
    told = loglines.leaks(written, secrets)
    assert not told, "\n".join(told[:20])
