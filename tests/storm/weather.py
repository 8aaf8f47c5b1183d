"""What goes wrong in a storm: Microsoft's answers, its notifications, and our own processes."""

import contextlib
import itertools
import os
import random
import signal
import threading
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

from tests.installation import Installation, programs
from tests.waiting import eventually
from tests.world import SALES, SERVICE

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
_AWAY = 3.0  # seconds for which a mailbox is away
_TECHNICIAN = "piet.hagenauer@nordlicht-it.example"
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
    between: float  # seconds from one kill to the next, about


SMALL = Size(mails=12, replies=8, chats=2, lines=6, visits=4, changes=16, kills=2, between=3)
# Large enough to notice each protection of `tests/failures/storm.toml` that is taken out.
MIDDLE = Size(mails=60, replies=60, chats=8, lines=20, visits=20, changes=120, kills=4, between=12)
FULL = Size(mails=500, replies=500, chats=100, lines=20, visits=200, changes=2_000, kills=10, between=45)


def begin(there: Installation, size: Size) -> None:
    """From now on Microsoft misbehaves, and forgets and takes away until `end`."""
    orders = [{"match": _CALLS, "probability": _SHARE / len(_WAYS), **way} for way in _WAYS]
    for order in [*orders, {"notifications": _NOTIFICATIONS}]:
        httpx.post(f"{there.sandbox}/_sandbox/faults", json=order).raise_for_status()
    _outages[there.sandbox] = Outages(there, size.between / 3)
    _outages[there.sandbox].start()


def end(there: Installation) -> None:
    """Microsoft behaves again, once each kind of outage has been there."""
    _outages.pop(there.sandbox).stop()
    httpx.delete(f"{there.sandbox}/_sandbox/faults").raise_for_status()


class Outages(threading.Thread):
    """Subscriptions die, delta tokens expire, mailboxes go and come back, ids change: one after another, in rounds."""

    def __init__(self, there: Installation, between: float) -> None:
        super().__init__(daemon=True)
        self._between = between  # seconds from one to the next
        self._http = httpx.Client(base_url=f"{there.sandbox}/_sandbox", timeout=60)
        self._desk = Desk(there)
        self._over = threading.Event()
        self._acts = [
            self._subscriptions_die, self._tokens_expire, self._mailbox_away, self._lifecycle, self._ids_change,
        ]  # fmt: skip
        self.failed: Exception | None = None
        self.done = Counter[str]()

    def _order(self, path: str, **body: Any) -> Any:
        return self._http.post(path, json=body).raise_for_status().json()

    def run(self) -> None:
        """Until `stop`, but each once at least."""
        try:
            self._order("/switches", sent_notification="outbox", teams_retry="new")
            for number, act in enumerate(itertools.cycle(self._acts)):
                if self._over.is_set() and number >= len(self._acts):
                    break
                act(number // len(self._acts))
                self.done[act.__name__.strip("_")] += 1
                self._over.wait(self._between)
        except Exception as error:  # told by `stop`, in the thread of the test
            self.failed = error

    def _subscriptions_die(self, number: int) -> None:
        self._order("/subscriptions/end", **({} if number % 2 else {"mailbox": SERVICE}))
        # From now on what is sent gets other ids, or keeps them.
        self._order(
            "/switches", sent_copy=("new", "same")[number % 2], message_id=("replaced", "kept")[number // 2 % 2]
        )

    def _tokens_expire(self, _number: int) -> None:
        self._order("/delta/expire")

    def _mailbox_away(self, number: int) -> None:
        mailbox = (SERVICE, _TECHNICIAN, SALES)[number % 3]
        self._order(f"/mailboxes/{mailbox}", state=("denied", "disabled", "gone")[number // 3 % 3])
        self._over.wait(_AWAY)
        self._order(f"/mailboxes/{mailbox}", state="there")
        self._try_again()

    def _try_again(self) -> None:
        """The administrator who gives the permission back does what the page says beside each mail that failed."""
        for one in self._desk.get("/outbound", state="failed"):
            if "does not let the desk send" in one["error"]:
                self._desk.ask("POST", f"/outbound/{one['id']}/retry")
                self.done["tried_again"] += 1

    def _lifecycle(self, _number: int) -> None:
        for event in ("reauthorizationRequired", "missed", "subscriptionRemoved"):
            self._order("/lifecycle", event=event)

    def _ids_change(self, number: int) -> None:
        """The latest mails of an inbox are dragged out and back, after which nothing finds them by their old ids."""
        box = (SERVICE, SALES)[number % 2]
        headers = {"Authorization": f"Bearer {self._order('/token', app=True)['access_token']}"}
        url = self._http.base_url.join(f"/v1.0/users/{box}/mailFolders/inbox/messages")
        found = eventually(partial(self._listed, str(url), headers), seconds=60, every=0.2)
        for one in found["value"]:
            (moved,) = self._order("/move", mailbox=box, id=one["id"], to="archive", new_ids=True)["moved"]
            self._order("/move", mailbox=box, id=moved["id"], to="inbox", new_ids=True)

    def _listed(self, url: str, headers: dict[str, str]) -> Any:
        with contextlib.suppress(httpx.HTTPError):
            answer = self._http.get(url, headers=headers, params={"$top": 3, "$select": "id"})
            return answer.json() if answer.is_success else None

    def stop(self) -> None:
        """No more of it; everything that was taken away is given back. Raises what went wrong."""
        self._over.set()
        self.join(120)
        if self.failed is not None:
            raise self.failed
        self._try_again()
        print(f"outages: {dict(self.done)}")


_outages: dict[str, Outages] = {}


class Killer(threading.Thread):
    """Kills web and worker by turns, each time once both are up again."""

    def __init__(self, there: Installation, size: Size) -> None:
        super().__init__(daemon=True)
        self._there, self._times, self._between = there, size.kills, size.between
        self._over = threading.Event()
        self.killed = 0

    def run(self) -> None:
        """Kills until enough, or until `stop`."""
        dice = random.Random(11)
        while self.killed < self._times and not self._over.wait(dice.uniform(0.6, 1.4) * self._between):
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

    def content(self, url: str) -> bytes:
        """The bytes at `url`, as they are."""
        return self._answer("GET", url).raise_for_status().content

    def all(self, path: str, **params: Any) -> list[Any]:
        """Every page of a list."""
        answer = self._answer("GET", path, params={"limit": 200, **params})
        found = list(answer.json())
        while "next" in answer.links:
            answer = self._answer("GET", answer.links["next"]["url"])
            found += answer.json()
        return found
