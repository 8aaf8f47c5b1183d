"""A load generator: clients with a session each, a new connection per request, every answer checked.

It runs as a process of its own, so that its work is not the measured server's: `python generator.py` reads a JSON
plan from standard input and writes figures to standard output. Loopback only.
"""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Plan:
    """What is asked of whom. `{n}` in paths and bodies becomes a number that was never used before."""

    port: int
    paths: list[str]
    expect: list[str]  # each answer holds all of these
    seconds: float
    warm_up: float = 1.0  # seconds whose answers are checked, but not counted
    clients: int = 8
    cookies: list[str] = field(default_factory=list)  # client k takes number k
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: str = ""
    status: int = 200
    number: int = 1


@dataclass(frozen=True)
class Figures:
    """How it went; times in milliseconds."""

    requests: int
    per_second: float
    p50: float
    p95: float
    size: int  # bytes of an answer
    wrong: int
    first_wrong: str


def ask(port: int, request: bytes, timeout: float = 30.0) -> tuple[int, bytes]:
    """(status, body) of one request over a connection of its own. Raises OSError or ValueError."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(request)
        parts = []
        while part := connection.recv(262_144):
            parts.append(part)
    head, _blank, body = b"".join(parts).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    headers = {name.strip().lower(): value.strip() for name, _c, value in (line.partition(b":") for line in lines[1:])}
    if b"content-length" in headers and int(headers[b"content-length"]) != len(body):
        raise ValueError(f"{len(body)} of {headers[b'content-length'].decode()} bytes came")
    return int(lines[0].split()[1]), body


def message(plan: Plan, client: int, path: str, number: int) -> bytes:
    """The request as bytes."""
    body = plan.body.replace("{n}", str(number)).encode()
    lines = [f"{plan.method} {path.replace('{n}', str(number))} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value.replace('{n}', str(number))}" for name, value in plan.headers.items()]
    if plan.cookies:
        lines.append(f"Cookie: {plan.cookies[client % len(plan.cookies)]}")
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Run:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.lock = threading.Lock()
        self.times: list[float] = []
        self.bytes = self.wrong = 0
        self.first_wrong = ""
        self.number = plan.number
        self.begun = 0.0
        self.start = threading.Barrier(plan.clients, action=self._begin)

    def _begin(self) -> None:
        self.begun = time.perf_counter()

    def _problem(self, client: int, path: str, number: int) -> tuple[str, int]:
        try:
            status, body = ask(self.plan.port, message(self.plan, client, path, number))
        except (OSError, ValueError, IndexError) as error:
            return repr(error), 0
        if status != self.plan.status:
            return f"{path}: {status} {body[:200]!r}", len(body)
        missing = [text for text in self.plan.expect if text.encode() not in body]
        return (f"{path}: without {missing[0]!r} in {len(body)} bytes" if missing else ""), len(body)

    def _one(self, client: int, step: int, *, counted: bool) -> None:
        with self.lock:
            number, self.number = self.number, self.number + 1
        path = self.plan.paths[(client * 7 + step) % len(self.plan.paths)]
        began = time.perf_counter()
        problem, size = self._problem(client, path, number)
        took = time.perf_counter() - began
        with self.lock:
            if counted:
                self.times.append(took * 1000)
                self.bytes += size
            if problem:
                self.wrong += 1
                self.first_wrong = self.first_wrong or problem

    def client(self, client: int) -> None:
        """One client: warms up, waits for the others, then counts until the time is over."""
        step, end = 0, time.perf_counter() + self.plan.warm_up
        while time.perf_counter() < end:
            self._one(client, step, counted=False)
            step += 1
        self.start.wait()
        while time.perf_counter() < self.begun + self.plan.seconds:
            self._one(client, step, counted=True)
            step += 1

    def figures(self) -> Figures:
        """Runs all clients."""
        threads = [threading.Thread(target=self.client, args=(number,)) for number in range(self.plan.clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took, times, count = time.perf_counter() - self.begun, sorted(self.times), len(self.times)
        p50, p95 = (round(times[int(share * count)], 1) for share in (0.5, 0.95))
        size = self.bytes // count
        return Figures(count, round(count / took, 1), p50, p95, size, self.wrong, self.first_wrong)


def run(plan: Plan) -> Figures:
    """Runs `plan` in a process of its own. Raises AssertionError when an answer was wrong."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__))], input=json.dumps(asdict(plan)), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    given: dict[str, Any] = json.loads(done.stdout)
    figures = Figures(**given)
    assert not figures.wrong, f"{figures.wrong} wrong answers: {figures.first_wrong}"
    return figures


def main(lines: Sequence[str]) -> None:
    """Runs the plan in `lines` and prints its figures."""
    print(json.dumps(asdict(_Run(Plan(**json.loads("".join(lines)))).figures())))


if __name__ == "__main__":
    main(list(sys.stdin))
