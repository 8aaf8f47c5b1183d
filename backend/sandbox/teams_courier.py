"""Brings activities to the bot as the Bot Connector does: signed, in time, and again when there was no answer."""

import http.client
import json
import logging
import time
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from backend.sandbox.store import Store
from backend.sandbox.teams_chats import moment, new_id, note_delivery
from backend.sandbox.tokens import Keys

# Where Teams is known to behave in several ways; the first of each is the default.
# Retries and their ids: https://github.com/MicrosoftDocs/msteams-docs/issues/6084
SWITCHES = {
    "teams_retry": ("same", "new"),  # ids of an activity that is sent again
    "teams_duplicate": ("0", "2"),  # how many times more each activity is sent, though it was answered
    "teams_patience": ("15", "1"),  # seconds the bot has
}
AGAIN = 4  # times at most
_AGAIN_AT = (None, 412, 429, 500, 502, 503, 504)  # None: no answer
# What happened before Deskside ran waits, without a word, until it takes activities at all.
_NOT_YET = (*_AGAIN_AT, 401, 404, 405)
_PATIENT = -1  # attempts of such a thing
_PAUSE = 1.0  # seconds between two looks whether Deskside is there
_MOST = 4 * 1024 * 1024  # bytes taken of an answer
_log = logging.getLogger("sandbox")


@dataclass(frozen=True)
class Outcome:
    """How one attempt went: the bot's status, None without an answer, and its JSON if there was any."""

    status: int | None
    answer: Any
    sentence: str

    @property
    def delivered(self) -> bool:
        """Whether the bot took it."""
        return self.status is not None and 200 <= self.status < 300

    def as_json(self) -> dict[str, Any]:
        """For people and tests."""
        return {"delivered": self.delivered, "status": self.status, "sentence": self.sentence}


class Courier:
    """Delivers in the caller's thread; what got no answer is tried again by a thread from a table that survives."""

    def __init__(self, store: Store, keys: Keys, deskside_url: str) -> None:
        self._store, self._keys = store, keys
        self.address = f"{deskside_url.rstrip('/')}/api/messages"
        self._wake, self._over = Event(), Event()
        self._thread = Thread(target=self._run, daemon=True, name="sandbox-teams")

    def start(self) -> None:
        """Begins looking after what is to be sent again."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the request that is under way."""
        self._over.set()
        self._wake.set()
        self._thread.join(5)

    def bring(self, key: str, activity: dict[str, Any]) -> Outcome:
        """Sends a message or event now; without an answer it is sent again later. `key` is its id in the chat."""
        patience, extra = self._switches()
        with self._store.write() as tx:
            # Should this process end now, the thread of the next one takes it up.
            row = tx.run(
                "INSERT INTO teams_queue (key, activity, due, attempts) VALUES (?, ?, ?, 0)",
                key, json.dumps(activity), time.time() + patience + 5,
            ).lastrowid  # fmt: skip
        outcome = self._attempt(int(row or 0), key, activity, 0, patience)
        for _ in range(extra):
            self._note(key, activity, self.post(activity, patience))
        return outcome

    def ask(self, activity: dict[str, Any]) -> Outcome:
        """Sends an invoke and waits for its answer; Teams does not repeat one."""
        outcome = self.post(activity, self._switches()[0])
        self._note(activity["id"], activity, outcome)
        return outcome

    def announce(self, activities: list[dict[str, Any]]) -> None:
        """Brings these, in their order, as soon as the bot takes anything; until then nobody hears of the attempts."""
        with self._store.write() as tx:
            for activity in activities:
                tx.run(
                    "INSERT INTO teams_queue (key, activity, due, attempts) VALUES (?, ?, 0, ?)",
                    activity["id"], json.dumps(activity), _PATIENT,
                )  # fmt: skip
        self._wake.set()

    def _switches(self) -> tuple[float, int]:
        with self._store.read() as tx:
            patience = tx.meta("switch.teams_patience", SWITCHES["teams_patience"][0])
            return float(patience), int(tx.meta("switch.teams_duplicate", "0"))

    def _note(self, key: str, activity: dict[str, Any], outcome: Outcome) -> None:
        with self._store.write() as tx:
            note_delivery(tx, key, activity, outcome.as_json())

    def _attempt(self, row: int, key: str, activity: dict[str, Any], attempts: int, patience: float) -> Outcome:
        outcome = self.post(activity, patience)
        again = outcome.status in _AGAIN_AT and attempts < AGAIN
        with self._store.write() as tx:
            note_delivery(tx, key, activity, outcome.as_json())
            if again:
                due = time.time() + patience / 15 * 2**attempts
                tx.run("UPDATE teams_queue SET due = ?, attempts = ? WHERE id = ?", due, attempts + 1, row)
            else:
                tx.run("DELETE FROM teams_queue WHERE id = ?", row)
        self._wake.set()
        return outcome

    def _run(self) -> None:
        while not self._over.is_set():
            self._wake.clear()
            try:
                wait = self._round()
            except Exception:  # the thread must outlive anything, or nothing is ever sent again
                _log.exception("activities could not be sent again")
                wait = 1.0
            self._wake.wait(wait)

    def _round(self) -> float:
        patience, _ = self._switches()
        with self._store.read() as tx:
            row = tx.one("SELECT * FROM teams_queue ORDER BY due, id LIMIT 1")
            renewed = tx.meta("switch.teams_retry") == "new"
        if row is None:
            return 60.0
        if row["due"] > time.time():
            return float(max(0.02, row["due"] - time.time()))
        activity = json.loads(row["activity"])
        if row["attempts"] == _PATIENT:
            self._tell_at_last(row["id"], row["key"], activity, patience)
            return 0.0
        if renewed:
            with self._store.write() as tx:
                activity |= {"id": new_id(tx), "timestamp": moment(tx.store.now())}
        self._attempt(row["id"], row["key"], activity, row["attempts"], patience)
        return 0.0

    def _tell_at_last(self, row: int, key: str, activity: dict[str, Any], patience: float) -> None:
        outcome = self.post(activity, patience)
        with self._store.write() as tx:
            if outcome.status in _NOT_YET:
                tx.run("UPDATE teams_queue SET due = ? WHERE attempts = ?", time.time() + _PAUSE, _PATIENT)
                return
            note_delivery(tx, key, activity, outcome.as_json())
            tx.run("DELETE FROM teams_queue WHERE id = ?", row)

    def post(self, activity: dict[str, Any], patience: float) -> Outcome:
        """One request to the bot, with the channel's token for the activity's service address."""
        token = self._keys.sign(self._keys.channel_token(activity["serviceUrl"]))
        parts = urlsplit(self.address)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port or 80, timeout=patience)
        headers = {"Content-Type": "application/json; charset=utf-8", "Authorization": f"Bearer {token}"}
        try:
            connection.request("POST", parts.path, json.dumps(activity), headers)
            answer = connection.getresponse()
            body, status = answer.read(_MOST), answer.status
        except TimeoutError:
            return Outcome(None, None, f"Deskside did not answer within {patience:g} seconds.")
        except (OSError, http.client.HTTPException):
            return Outcome(None, None, f"Nobody answers at {self.address}: Deskside does not seem to run.")
        finally:
            connection.close()
        return Outcome(status, _json(body), self._sentence(status))

    def _sentence(self, status: int) -> str:
        if 200 <= status < 300:
            return "Delivered."
        if status in (404, 405):
            return f"Deskside has no bot endpoint at {self.address} (it answered {status}); nothing was delivered."
        return f"The bot answered {status}."


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None
