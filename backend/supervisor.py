"""Keeps a handful of programs running in one terminal: output under each one's name, restarts, and an end in order."""

import contextlib
import http.client
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn

from backend import child

_LONGEST_LINE = 8192
_LONGEST_WAIT = 30.0  # seconds between restarts of a program that keeps ending
_STEADY = 60.0  # seconds after which an old failure is forgotten
_TRIES_AT_START = 3


class SupervisorError(Exception):
    """A program could not be brought up; the message is for the person at the terminal."""


class Ended(BaseException):
    """A signal asked for the end."""


@dataclass
class Program:
    """One program to keep running."""

    name: str
    command: Sequence[str]
    seconds_to_end: float
    last_signal: int = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started: float = 0.0
    restart_at: float | None = None
    unfinished: bytes = field(default=b"", repr=False)


class Supervisor:
    """Starts programs, shows what they say, starts them again when they end, and ends them in the order of `end`."""

    def __init__(self) -> None:
        self.environment: Mapping[str, str] = {}  # what every program gets, and nothing else
        self._programs: list[Program] = []
        self._selector = selectors.DefaultSelector()
        self._signals = 0

    # Signals

    def listen(self) -> None:
        """From now on SIGINT, SIGTERM and SIGHUP raise Ended; during `end` a second one makes it hurry."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
                signal.signal(number, self._asked_to_end)

    def _asked_to_end(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1
        if self._signals == 1:
            raise Ended

    # Output

    def say(self, text: str, *, name: str = "deskside") -> None:
        """Writes `text` under `name`; a terminal that has gone is no reason to stop."""
        self._write(name, text.encode())

    def _write(self, name: str, line: bytes) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.buffer.write(f"{name:<9}| ".encode() + line + b"\n")
            sys.stdout.buffer.flush()

    def _read(self, program: Program, pipe: int) -> None:
        try:
            data = os.read(pipe, 65536)
        except BlockingIOError:
            return
        *lines, rest = (program.unfinished + data).split(b"\n")
        if rest and (not data or len(rest) > _LONGEST_LINE):
            lines, rest = [*lines, rest], b""
        program.unfinished = rest
        for line in lines:
            self._write(program.name, line.rstrip(b"\r"))
        if not data:
            self._selector.unregister(pipe)
            os.close(pipe)

    def pump(self, seconds: float) -> None:
        """Passes on what the programs say for at most `seconds`, and returns earlier when there was something."""
        for key, _events in self._selector.select(seconds):
            self._read(key.data, key.fd)

    # Starting

    def run(self, name: str, command: Sequence[str]) -> None:
        """Runs `command` to its end. Raises SupervisorError when it fails."""
        program = Program(name, command, seconds_to_end=5.0)
        self._programs.append(program)
        self._start(program)
        assert program.process is not None
        while program.process.poll() is None:
            self.pump(0.05)
        self._drain()
        self._programs.remove(program)
        if program.process.returncode != 0:
            raise SupervisorError(f"{name} failed; its lines above say why.")

    def keep(
        self, name: str, command: Sequence[str], *, seconds_to_end: float, last_signal: int = signal.SIGTERM
    ) -> None:
        """Starts `command` and keeps it running.

        At the end it gets SIGTERM and `seconds_to_end` before SIGKILL; when this process is killed, `last_signal`.
        """
        program = Program(name, command, seconds_to_end, last_signal)
        self._programs.append(program)
        self._start(program)

    def _start(self, program: Program) -> None:
        read, write = os.pipe()
        os.set_blocking(read, False)
        with open(write, "wb", buffering=0) as output:
            self._selector.register(read, selectors.EVENT_READ, program)
            program.process = child.spawn(
                program.command, env=self.environment, output=output, last_signal=program.last_signal
            )
        program.started, program.restart_at = time.monotonic(), None

    def wait_for(self, host: str, port: int, path: str) -> None:
        """Waits until GET `path` answers 200. Raises SupervisorError when a program does not stay up meanwhile."""
        while not _answers(host, port, path):
            self.look_after()
            for program in self._programs:
                if program.failures >= _TRIES_AT_START:
                    raise SupervisorError(f"{program.name} does not start; its lines above say why.")
            self.pump(0.05)

    # Keeping

    def look_after(self) -> None:
        """Notices programs that have ended and starts them again, after waits that grow."""
        now = time.monotonic()
        for program in self._programs:
            if program.restart_at is not None:
                if now >= program.restart_at:
                    self._start(program)
            elif program.process is not None and program.process.poll() is not None:
                child.end(program.process)  # what it started must not stay behind
                program.failures = 1 if now - program.started > _STEADY else program.failures + 1
                wait = min(_LONGEST_WAIT, 2.0 ** (program.failures - 1))
                program.restart_at = now + wait
                how = _how_it_ended(program.process.returncode)
                self.say(f"{program.name} ended ({how}); starting it again in {wait:.0f} s.")

    def stay(self, also: Callable[[], None]) -> NoReturn:
        """Keeps everything running, calling `also` in between, until a signal raises Ended."""
        while True:
            self.pump(0.25)
            self.look_after()
            also()

    # Ending

    def end(self, *order: str) -> None:
        """Ends all programs, those named in `order` first and one after the other. A second signal hurries it."""
        self._signals = max(self._signals, 1)
        rank = {name: place for place, name in enumerate(order)}
        for program in sorted(self._programs, key=lambda one: rank.get(one.name, len(rank))):
            if program.process is not None and program.restart_at is None:
                self._end(program, program.process)
        self._programs.clear()

    def _end(self, program: Program, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + program.seconds_to_end
        if process.poll() is None:
            process.terminate()
        while process.poll() is None and time.monotonic() < until and self._signals < 2:
            self.pump(0.05)
        if process.poll() is None:
            self.say(f"{program.name} does not end; killing it.")
        child.end(process)
        self._drain()

    def _drain(self) -> None:
        """Shows the last words of programs that have ended."""
        while ready := self._selector.select(0):
            for key, _events in ready:
                self._read(key.data, key.fd)


def _how_it_ended(code: int) -> str:
    return f"status {code}" if code >= 0 else signal.Signals(-code).name


def _answers(host: str, port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
