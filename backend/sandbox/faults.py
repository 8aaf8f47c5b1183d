"""Misbehaviour on order: refusals, delays, lost answers, and notifications that come twice, late or never."""

import random
import re
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "*"}


@dataclass
class Fault:
    """One order. `match` is "METHOD path-regex" (METHOD may be *), looked for anywhere in path and query."""

    method: str
    path: re.Pattern[str]
    status: int | None = None
    retry_after: float | None = None
    delay: float = 0.0
    left: int | None = None
    probability: float = 1.0
    after_effect: bool = False
    drop: bool = False

    def meets(self, method: str, path: str) -> bool:
        """Whether it is about this request and not used up."""
        return self.left != 0 and self.method in ("*", method) and self.path.search(path) is not None

    def as_json(self) -> dict[str, Any]:
        """What it says, for people."""
        return {
            "match": f"{self.method} {self.path.pattern}", "status": self.status, "retry_after": self.retry_after,
            "delay": self.delay, "times": self.left, "probability": self.probability,
            "after_effect": self.after_effect, "drop": self.drop,
        }  # fmt: skip


@dataclass
class NotificationFaults:
    """How notifications go wrong: sent `duplicate` more times, shuffled, lost with probability `lose`, late."""

    duplicate: int = 0
    reorder: bool = False
    lose: float = 0.0
    delay: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """What it says, for people."""
        return {"duplicate": self.duplicate, "reorder": self.reorder, "lose": self.lose, "delay": self.delay}


@dataclass
class Faults:
    """All present orders. A seeded generator, so that a run can be repeated."""

    notifications: NotificationFaults = field(default_factory=NotificationFaults)

    def __post_init__(self) -> None:
        self._orders: list[Fault] = []
        self._lock = Lock()
        self.chance = random.Random(20261122)

    def order(self, asked: dict[str, Any]) -> None:
        """Takes one order as `POST /_sandbox/faults` describes it. Raises ValueError with a sentence."""
        notifications = asked.get("notifications")
        if notifications is not None:
            try:
                self.notifications = NotificationFaults(**notifications)
            except TypeError as error:
                raise ValueError(f"notifications: {error}") from error
        if "match" not in asked:
            if notifications is None:
                raise ValueError("give `match` or `notifications`")
            return
        method, _, pattern = str(asked["match"]).partition(" ")
        if method not in _METHODS or not pattern:
            raise ValueError('`match` is "METHOD path-regex", for example "POST /v1.0/users/.*/sendMail"')
        if not (asked.get("status") or asked.get("delay") or asked.get("drop")):
            raise ValueError("give at least one of `status`, `delay`, `drop`")
        try:
            path = re.compile(pattern)
        except re.error as error:
            raise ValueError(f"`match`: {error}") from error
        fault = Fault(
            method, path, asked.get("status"), asked.get("retry_after"), float(asked.get("delay") or 0),
            asked.get("times"), float(asked.get("probability", 1)), bool(asked.get("after_effect")),
            bool(asked.get("drop")),
        )  # fmt: skip
        with self._lock:
            self._orders.append(fault)

    def clear(self) -> None:
        """Behaves again."""
        with self._lock:
            self._orders.clear()
        self.notifications = NotificationFaults()

    def listed(self) -> dict[str, Any]:
        """The orders as they stand."""
        with self._lock:
            return {"faults": [f.as_json() for f in self._orders], "notifications": self.notifications.as_json()}

    def take(self, method: str, path: str) -> Fault | None:
        """The order that this request meets, counted as used once."""
        with self._lock:
            for fault in self._orders:
                if fault.meets(method, path) and self.chance.random() < fault.probability:
                    if fault.left is not None:
                        fault.left -= 1
                    return fault
        return None
