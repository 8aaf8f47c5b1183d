"""Delivers queued notifications over HTTP, in batches, and again when they are refused."""

import http.client
import json
import logging
import time
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from backend.sandbox.faults import Faults
from backend.sandbox.store import Store

_BATCH = 50  # notifications in one request
_TIMEOUT = 10.0  # seconds the other side has
_GIVE_UP = 4 * 3600.0  # seconds during which Microsoft tries again
_log = logging.getLogger("sandbox")


class Notifier:
    """One thread. The queue is a table, so what was not delivered survives an end at any moment."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store, self._faults = store, faults
        self._wake, self._over = Event(), Event()
        self._thread = Thread(target=self._run, daemon=True, name="sandbox-notifier")

    def start(self) -> None:
        """Begins delivering."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the request that is under way."""
        self._over.set()
        self._wake.set()
        self._thread.join(_TIMEOUT)

    def wake(self, _mailboxes: frozenset[str]) -> None:
        """Looks at the queue now."""
        self._wake.set()

    def _run(self) -> None:
        while not self._over.is_set():
            self._wake.clear()
            try:
                wait = self._round()
            except Exception:  # the thread must outlive anything, or the sandbox falls silent
                _log.exception("notifications could not be delivered")
                wait = 1.0
            self._wake.wait(wait)

    def _round(self) -> float:
        """Delivers what is due; gives the seconds until something else is."""
        now = time.time()
        with self._store.read() as tx:
            rows = tx.all(
                "SELECT * FROM notifications WHERE due <= ? ORDER BY id LIMIT 500",
                now - self._faults.notifications.delay,
            )
            first = tx.one("SELECT min(due) AS due FROM notifications")
        if not rows:
            due = first["due"] if first else None
            return 60.0 if due is None else max(0.02, due + self._faults.notifications.delay - now)
        by_url: dict[str, list[Any]] = {}
        for row in rows:
            by_url.setdefault(row["url"], []).append(row)
        for url, waiting in by_url.items():
            for start in range(0, len(waiting), _BATCH):
                if self._over.is_set():
                    return 0.0
                self._deliver(url, waiting[start : start + _BATCH])
        return 0.0

    def _deliver(self, url: str, rows: list[Any]) -> None:
        wish = self._faults.notifications
        lost = {row["id"] for row in rows if wish.lose and self._faults.chance.random() < wish.lose}
        payloads = [json.loads(row["payload"]) for row in rows if row["id"] not in lost]
        payloads = payloads * (1 + wish.duplicate)
        if wish.reorder:
            self._faults.chance.shuffle(payloads)
        # Lost ones are out of the queue whatever becomes of the others.
        accepted = not payloads or self._post(url, {"value": payloads})
        with self._store.write() as tx:
            for row in rows:
                waits = 0.25 * 2 ** row["attempts"]
                if accepted or row["id"] in lost or waits > _GIVE_UP:
                    tx.run("DELETE FROM notifications WHERE id = ?", row["id"])
                else:
                    tx.run(
                        "UPDATE notifications SET attempts = attempts + 1, due = ? WHERE id = ?",
                        time.time() + waits, row["id"],
                    )  # fmt: skip

    def _post(self, url: str, body: dict[str, Any]) -> bool:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port or 80, timeout=_TIMEOUT)
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json; charset=utf-8"})
            answer = connection.getresponse()
            answer.read(1024)
            return 200 <= answer.status < 300
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
