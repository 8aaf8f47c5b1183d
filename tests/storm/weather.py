"""What goes wrong in a storm: Microsoft's answers, its notifications, and our own processes."""

import contextlib
import os
import random
import signal
import threading
from dataclasses import dataclass
from typing import Any

import httpx

from tests.installation import Installation, programs
from tests.waiting import eventually

# A fifth of all calls, in equal parts. What has been done although it seemed to fail is the worst of them.
_SHARE = 0.2
_CALLS = "* ^/(v1\\.0|v3)/"
_WAYS: tuple[dict[str, Any], ...] = (
    {"status": 429, "retry_after": 1},
    {"status": 503},
    {"status": 504, "after_effect": True},
    {"drop": True},
    {"drop": True, "after_effect": True},
    {"delay": 0.6},
)
_NOTIFICATIONS = {"duplicate": 1, "reorder": True, "lose": 0.1, "delay": 0.3}


@dataclass(frozen=True)
class Size:
    """How much happens in a storm."""

    mails: int
    replies: int
    chats: int
    lines: int  # in each chat, of both sides together
    visits: int
    changes: int
    kills: int


SMALL = Size(mails=12, replies=8, chats=2, lines=6, visits=4, changes=16, kills=2)
# Large enough to notice each protection of `tests/failures/storm.toml` that is taken out.
MIDDLE = Size(mails=60, replies=60, chats=8, lines=20, visits=20, changes=120, kills=4)
FULL = Size(mails=500, replies=500, chats=100, lines=20, visits=200, changes=2_000, kills=10)


def begin(there: Installation) -> None:
    """From now on Microsoft misbehaves."""
    orders = [{"match": _CALLS, "probability": _SHARE / len(_WAYS), **way} for way in _WAYS]
    for order in [*orders, {"notifications": _NOTIFICATIONS}]:
        httpx.post(f"{there.sandbox}/_sandbox/faults", json=order).raise_for_status()


def end(there: Installation) -> None:
    """Microsoft behaves again."""
    httpx.delete(f"{there.sandbox}/_sandbox/faults").raise_for_status()


class Killer(threading.Thread):
    """Kills web and worker by turns, `times` in all, each time once both are up again."""

    def __init__(self, there: Installation, times: int) -> None:
        super().__init__(daemon=True)
        self._there, self._times = there, times
        self._over = threading.Event()
        self.killed = 0

    def run(self) -> None:
        """Kills until enough, or until `stop`."""
        dice = random.Random(11)
        while self.killed < self._times and not self._over.wait(dice.uniform(2.0, 5.0)):
            module = ("backend.work", "backend.serve")[self.killed % 2]
            for process in programs(self._there, module):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            self.killed += 1
            eventually(lambda: self._over.is_set() or self._up(), seconds=60, every=0.5)

    def _up(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self._there.web}/readyz", timeout=5).status_code == 200
        return False

    def stop(self) -> None:
        """No more of it. Waits until the last one is up again."""
        self._over.set()
        self.join(90)
        eventually(self._up, seconds=60, every=0.5)


class Desk:
    """Our REST API as a patient program uses it: what was not answered is asked again under the same key."""

    def __init__(self, there: Installation) -> None:
        headers = {"Authorization": f"Bearer {there.token()}"}
        self._http = httpx.Client(base_url=f"{there.web}/api/v1", headers=headers, timeout=30)
        self._pause = threading.Event()

    def _answer(self, method: str, path: str, key: str = "", **given: Any) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        for _attempt in range(300):
            with contextlib.suppress(httpx.TransportError):
                answer = self._http.request(method, path, headers=headers, **given)
                if answer.status_code < 500:
                    return answer
            self._pause.wait(0.2)
        raise AssertionError(f"{method} {path} was never answered")

    def ask(self, method: str, path: str, key: str = "", **given: Any) -> Any:
        """The answer's JSON, None for 404 and 409. Raises AssertionError where a request is wrong or never answered."""
        answer = self._answer(method, path, key, **given)
        if answer.status_code in (404, 409):
            return None
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else {}

    def get(self, path: str, **params: Any) -> Any:
        """What `GET path` answers."""
        return self.ask("GET", path, params=params)

    def all(self, path: str, **params: Any) -> list[Any]:
        """Every page of a list."""
        answer = self._answer("GET", path, params={"limit": 200, **params})
        found = list(answer.json())
        while "next" in answer.links:
            answer = self._answer("GET", answer.links["next"]["url"])
            found += answer.json()
        return found
