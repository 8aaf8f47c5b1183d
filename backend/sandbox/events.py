"""Tells open pages of the sandbox what changed (server-sent events)."""

import json
import queue
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

from backend.sandbox.people import find

_PING = 15.0  # seconds between two signs of life


def mailbox(key: str) -> dict[str, Any] | None:
    """What is told when the mailbox with this object id changed."""
    person = find(key)
    return {"mailbox": person.mail} if person else None


class Events:
    """Fan-out of changes to every open stream of this process; `told` makes of a changed thing's key what is said."""

    def __init__(self, told: Callable[[str], dict[str, Any] | None] = mailbox) -> None:
        self._lock, self._told = Lock(), told
        self._open: set[queue.SimpleQueue[dict[str, Any] | None]] = set()

    def changed(self, keys: frozenset[str]) -> None:
        """Says to all streams that these things changed; keys that are not of this kind are left out."""
        self.say([told for key in keys if (told := self._told(key))])

    def say(self, words: list[dict[str, Any]]) -> None:
        """Says something to all streams."""
        with self._lock:
            for stream in self._open:
                for word in words:
                    stream.put(word)

    def end(self) -> None:
        """Ends all streams, so that the server can stop."""
        with self._lock:
            for stream in self._open:
                stream.put(None)

    def stream(self) -> Iterator[str]:
        """One stream: `data: {…}` per change, a comment now and then."""
        mine: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        with self._lock:
            self._open.add(mine)
        try:
            yield "retry: 1000\n: hello\n\n"
            while True:
                try:
                    word = mine.get(timeout=_PING)
                except queue.Empty:
                    yield ": ping\n\n"
                    continue
                if word is None:
                    return
                yield f"data: {json.dumps(word)}\n\n"
        finally:
            with self._lock:
                self._open.discard(mine)
