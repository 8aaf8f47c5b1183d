"""Requests, mails and answers without end, each written down with when it was acknowledged."""

import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx

from tests.installation import Installation
from tests.storm.letters import post
from tests.storm.weather import Desk
from tests.waiting import eventually

CUSTOMER = "kundin@reederei-ausfall.example"


def now() -> float:
    """Seconds on the clock that all processes of this machine share."""
    return time.time()


@dataclass(frozen=True)
class Acknowledged:
    """A change of which the client was told that it is done."""

    path: str
    key: str
    body: dict[str, Any]
    answer: Any
    begun: float
    at: float
    tries: int


class Caller(Desk):
    """A patient program that keeps account of what it was told."""

    def __init__(self, there: Installation) -> None:
        super().__init__(there)
        self.told: list[Acknowledged] = []
        self.failures = Counter[str]()  # what came back instead of an acknowledgement

    def change(self, path: str, key: str, body: dict[str, Any]) -> Any:
        """POSTs `body` until it is acknowledged, always under the same key; the answer."""
        begun, tries = now(), 0
        while True:
            tries += 1
            try:
                answer = self._http.post(path, json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError as error:
                self.failures[type(error).__name__] += 1
            else:
                if answer.status_code < 500:
                    assert answer.is_success, f"{path}: {answer.text}"
                    self.told.append(Acknowledged(path, key, body, answer.json(), begun, now(), tries))
                    return answer.json()
                self.failures[str(answer.status_code)] += 1
            assert now() < begun + 300, f"{path} was never acknowledged"
            self._pause.wait(0.1)

    def again(self, one: Acknowledged) -> bool:
        """Whether the same request gets the same answer now."""
        answer = self._answer("POST", one.path, key=one.key, json=one.body)
        named = "number" if one.path == "/tickets" else "id"
        return answer.is_success and answer.json()[named] == one.answer[named]


class Stream(threading.Thread):
    """Something that goes on until `enough` is called; `failed` says why it ended before."""

    def __init__(self, name: str, between: float) -> None:
        super().__init__(daemon=True, name=name)
        self._between = between
        self._enough, self._hold = threading.Event(), threading.Event()
        self._idle = threading.Event()
        self.failed: BaseException | None = None

    def run(self) -> None:
        """One after the other."""
        number = 0
        try:
            while not self._enough.wait(self._between):
                if self._hold.is_set():
                    self._idle.set()
                    continue
                self._idle.clear()
                self.once(number)
                number += 1
        except BaseException as error:
            self.failed = error
        self._idle.set()

    def once(self, number: int) -> None:
        """The next one."""
        raise NotImplementedError

    def hold(self) -> None:
        """Nothing new until `go_on`; returns when what was begun is done."""
        self._idle.clear()
        self._hold.set()
        eventually(self._idle.is_set, seconds=360)

    def go_on(self) -> None:
        """Ends what `hold` began."""
        self._hold.clear()

    def enough(self) -> None:
        """No more of it. Raises what made it end before."""
        self._enough.set()
        self.join(360)
        assert not self.is_alive(), f"{self.name} hangs"
        if self.failed is not None:
            raise self.failed


class Tickets(Stream):
    """New tickets over REST, and on each an answer, which goes out as a mail."""

    def __init__(self, there: Installation, name: str, between: float) -> None:
        super().__init__(name, between)
        self.caller = Caller(there)
        self.answered: dict[str, int] = {}  # what was written → the ticket

    def once(self, number: int) -> None:
        """A ticket, and the answer."""
        mark = f"{self.name}-{number:05}"
        ticket = {"subject": f"Ausfall {mark}", "text": f"Etwas fehlt: {mark}.", "requester_email": CUSTOMER}
        made = self.caller.change("/tickets", f"neu-{mark}", ticket)["number"]
        text = f"Antwort-{mark}"
        self.caller.change(f"/tickets/{made}/messages", f"antwort-{mark}", {"kind": "reply", "text": text})
        self.answered[text] = made


class Mails(Stream):
    """Mails that arrive from outside."""

    def __init__(self, there: Installation, between: float) -> None:
        super().__init__("mails", between)
        self._there = there
        self.ids: list[str] = []

    def once(self, number: int) -> None:
        """One mail."""
        self.ids.append(post(self._there, number))
