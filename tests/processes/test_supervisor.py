"""Programs are kept running, their words are shown, and nothing of them is left at the end."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.supervisor import Supervisor, SupervisorError
from tests.waiting import patient

TALKS = "import os, signal; print('here I am', os.getpid(), flush=True); signal.pause()"
# Ignores SIGTERM, and so does what it has started.
STUBBORN = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child:
    print("pids", os.getpid(), child, flush=True)
while True:
    signal.pause()
"""


class Terminal:
    """What the supervisor wrote so far."""

    def __init__(self, capfd: pytest.CaptureFixture[str], supervisor: Supervisor) -> None:
        self.text, self._capfd, self._supervisor = "", capfd, supervisor

    def wait(self, seen: Callable[[str], bool], seconds: float = 20.0) -> str:
        until = time.monotonic() + patient(seconds)
        while not seen(self.text):
            assert time.monotonic() < until, self.text
            self._supervisor.pump(0.05)
            self._supervisor.look_after()
            self.text += self._capfd.readouterr().out
        return self.text


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    one = Supervisor()
    one.environment = dict(os.environ)
    yield one
    one.end()


@pytest.fixture
def terminal(capfd: pytest.CaptureFixture[str], supervisor: Supervisor) -> Terminal:
    return Terminal(capfd, supervisor)


def numbers(text: str, after: str) -> list[int]:
    line = next(line for line in text.splitlines() if after in line)
    return [int(word) for word in line.split(after)[1].split()]


def alive(pid: int) -> bool:
    """Whether `pid` runs; a dead process that nobody has asked about yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_killed_program_is_started_again_and_said_so(supervisor: Supervisor, terminal: Terminal) -> None:
    supervisor.keep("talker", [sys.executable, "-c", TALKS], seconds_to_end=5)
    [first] = numbers(terminal.wait(lambda text: "here I am" in text), "here I am")
    os.kill(first, signal.SIGKILL)
    text = terminal.wait(lambda text: text.count("here I am") == 2)
    assert "talker ended (SIGKILL); starting it again in 1 s." in text
    assert text.splitlines()[0].startswith("talker   | here I am")


def test_a_program_that_hangs_is_killed_with_all_it_started(supervisor: Supervisor, terminal: Terminal) -> None:
    supervisor.keep("stubborn", [sys.executable, "-c", STUBBORN], seconds_to_end=0.2)
    pids = numbers(terminal.wait(lambda text: "pids" in text), "pids")
    assert all(alive(pid) for pid in pids)
    supervisor.end("stubborn")
    terminal.wait(lambda text: "stubborn does not end; killing it." in text)
    assert not alive(pids[0])
    terminal.wait(lambda _text: not alive(pids[1]))


def test_programs_end_in_the_order_asked_for(supervisor: Supervisor, terminal: Terminal) -> None:
    says_goodbye = (
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('goodbye', flush=True), sys.exit()))\n"
        "print('ready', flush=True)\n"
        "signal.pause()\n"
    )
    for name in ("tenant", "worker", "web"):
        supervisor.keep(name, [sys.executable, "-c", says_goodbye], seconds_to_end=10)
    terminal.wait(lambda text: text.count("ready") == 3)
    supervisor.end("web", "worker", "tenant")
    text = terminal.wait(lambda text: text.count("goodbye") == 3)
    assert [line.split()[0] for line in text.splitlines() if "goodbye" in line] == ["web", "worker", "tenant"]


@pytest.mark.slow
def test_a_program_that_never_comes_up_stops_the_start(supervisor: Supervisor) -> None:
    supervisor.keep("broken", [sys.executable, "-c", "import sys; sys.exit(3)"], seconds_to_end=1)
    with pytest.raises(SupervisorError, match="broken does not start"):
        supervisor.wait_for("127.0.0.1", 9, "/")


def test_a_failed_step_stops_the_start(supervisor: Supervisor, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SupervisorError, match="migrate failed"):
        supervisor.run("migrate", [sys.executable, "-c", "print('no such table'); raise SystemExit(1)"])
    assert "migrate  | no such table" in capfd.readouterr().out


def test_programs_get_the_given_environment_only(supervisor: Supervisor, capfd: pytest.CaptureFixture[str]) -> None:
    supervisor.environment = {"ONLY": "this"}
    supervisor.run("env", [sys.executable, "-c", "import os; print(sorted(set(os.environ) - {'LC_CTYPE'}))"])
    assert "env      | ['ONLY']" in capfd.readouterr().out
