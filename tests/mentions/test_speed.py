"""How soon somebody sees that they were mentioned, with a worker as it runs in earnest."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from backend import config
from backend.db import session
from backend.tickets.actions import Said, open_ticket, receive
from tests.bot.teams import AYLIN, Teams, installed
from tests.waiting import patient
from tests.world import JANA, World

pytestmark = pytest.mark.slow
SOON = 1.0  # seconds


@contextmanager
def worker(world: World) -> Iterator[None]:
    """A worker process with the settings of this test."""
    said: dict[str, Any] = {}
    for name in config.Config.__dataclass_fields__:
        value = getattr(world.settings, name)
        said[name.upper()] = ",".join(value) if isinstance(value, tuple) else str("" if value is None else value)
    process = subprocess.Popen(
        [sys.executable, "-c", "from backend.cli import main; main(['work'])"],
        env={**os.environ, **said},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def test_a_card_comes_within_a_second(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    piet, _aylin = world.staff("Piet Hagenauer"), world.staff("Aylin Demirsoy")
    teams = Teams(world)
    installed(teams, AYLIN)
    jana = world.contact("Jana Wiedekind", JANA, world.customer("K1", "Möbelwerk Tressow GmbH"))
    with world.rows():
        ticket = open_ticket(jana.who(), "Drucker druckt nicht", contact=jana, source="mail")
        receive(ticket, jana.who(), Said(text="Er blinkt rot."))
    browser = world.browser(piet)
    took = []
    with worker(world):
        for number in range(8):
            form = {"kind": "note", "text": f"Notiz {number}", "mentions": AYLIN}
            began = time.monotonic()
            assert browser.post("/tickets/10001/messages", data=form).status_code == 204
            world.until(lambda count=number: len(teams.cards(AYLIN)) > count, 30)  # type: ignore[misc]
            took.append(time.monotonic() - began)
    session.remove()
    usual = statistics.median(took[1:])  # the first one waits for the worker's start
    with capsys.disabled():
        print(f"\nmention to card: {usual * 1000:.0f} ms, at most {max(took[1:]) * 1000:.0f} ms")
    assert usual < patient(SOON)
