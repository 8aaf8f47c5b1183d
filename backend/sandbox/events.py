"""Tells open pages of the sandbox that a mailbox changed (server-sent events)."""

import json
import queue
from collections.abc import Iterator
from threading import Lock

from backend.sandbox.people import find

_PING = 15.0  # seconds between two signs of life


class Events:
    """Fan-out of changed mailboxes to every open stream of this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: set[queue.SimpleQueue[str | None]] = set()

    def changed(self, mailboxes: frozenset[str]) -> None:
        """Says to all streams that these mailboxes (object ids) changed."""
        people = [person for key in mailboxes if (person := find(key))]
        with self._lock:
            for stream in self._open:
                for person in people:
                    stream.put(person.mail)

    def end(self) -> None:
        """Ends all streams, so that the server can stop."""
        with self._lock:
            for stream in self._open:
                stream.put(None)

    def stream(self) -> Iterator[str]:
        """One stream: `data: {"mailbox": address}` per change, a comment now and then."""
        mine: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        with self._lock:
            self._open.add(mine)
        try:
            yield "retry: 1000\n: hello\n\n"
            while True:
                try:
                    mailbox = mine.get(timeout=_PING)
                except queue.Empty:
                    yield ": ping\n\n"
                    continue
                if mailbox is None:
                    return
                yield f"data: {json.dumps({'mailbox': mailbox})}\n\n"
        finally:
            with self._lock:
                self._open.discard(mine)
