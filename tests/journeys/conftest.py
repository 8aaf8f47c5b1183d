"""A whole installation as a person starts it, and a browser."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

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

    def token(self, scope: str = "admin") -> str:
        """A new API token."""
        command = [sys.executable, "-m", "backend.cli", "token", "create", "--name", "journey", "--scope", scope]
        answer = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return answer.stdout.strip()

    def deliver(self, raw: bytes, to: str = SERVICE) -> str:
        """A mail arrives from outside; its internetMessageId."""
        answer = httpx.post(f"{self.sandbox}/_sandbox/mail", params={"to": to}, content=raw)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["internetMessageId"])

    def sent(self) -> list[dict[str, object]]:
        """Every mail that was sent, oldest first."""
        answer: list[dict[str, object]] = httpx.get(f"{self.sandbox}/_sandbox/sent").json()
        return answer


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _answers(address: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(address, timeout=5).status_code == 200
    return False


def _ready(there: Installation) -> bool:
    return _answers(f"{there.web}/readyz") and _answers(f"{there.sandbox}/_sandbox/people")


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """`deskside demo` on free ports with a data folder of its own; ended as by Ctrl-C."""
    data = tmp_path_factory.mktemp("installation")
    web, sandbox = _free_port(), _free_port()
    environment = {**os.environ, "PORT": web, "SANDBOX_PORT": sandbox, "DESKSIDE_DATA": str(data)}
    with (data / "output.txt").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.cli", "demo"],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        there = Installation(f"http://localhost:{web}", f"http://127.0.0.1:{sandbox}", environment)
        try:
            eventually(
                lambda: process.poll() is None and _ready(there),
                seconds=START_SECONDS,
                otherwise=lambda: Path(data / "output.txt").read_text()[-3000:],
            )
            yield there
            wrong = offences(httpx.get(f"{there.sandbox}/_sandbox/requests", timeout=60).json())
            assert not wrong, "\n".join(wrong)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


@pytest.fixture
def outlook(installation: Installation, chromium: Browser) -> Iterator[Page]:
    """Piet's mailbox in the browser, with the pane pinned."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="de-DE", timezone_id="Europe/Berlin")
    page = context.new_page()
    page.goto(f"{installation.sandbox}/_sandbox/outlook?as=piet.hagenauer@nordlicht-it.example")
    page.locator("#rows a").first.wait_for()
    if page.locator("[data-do=deskside]").get_attribute("aria-pressed") != "true":
        page.locator("#rows a").first.click()
        page.locator("[data-do=deskside]").click()
    if page.locator("#pin").get_attribute("aria-pressed") != "true":
        page.locator("#pin").click()
    yield page
    context.close()


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> bool:
    """Whether the pictures of the documentation are taken anew (`--pictures`)."""
    return bool(request.config.getoption("--pictures", False))
