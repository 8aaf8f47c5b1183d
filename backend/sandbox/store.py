"""The sandbox's state: one SQLite file, a clock that can be moved, and word of what changed."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS folders (
    id TEXT PRIMARY KEY, mailbox TEXT NOT NULL, name TEXT NOT NULL, well_known TEXT);
CREATE INDEX IF NOT EXISTS folders_mailbox ON folders (mailbox);
CREATE TABLE IF NOT EXISTS messages (
    pk INTEGER PRIMARY KEY AUTOINCREMENT, mailbox TEXT NOT NULL, folder TEXT NOT NULL,
    immutable_id TEXT NOT NULL UNIQUE, item_id TEXT NOT NULL UNIQUE,
    internet_message_id TEXT NOT NULL, conversation_id TEXT NOT NULL, topic TEXT NOT NULL,
    received TEXT NOT NULL, created TEXT NOT NULL, modified TEXT NOT NULL, change_key TEXT NOT NULL,
    is_read INTEGER NOT NULL, is_draft INTEGER NOT NULL, doc TEXT NOT NULL, mime BLOB);
CREATE INDEX IF NOT EXISTS messages_folder ON messages (mailbox, folder, received);
CREATE INDEX IF NOT EXISTS messages_internet_id ON messages (mailbox, internet_message_id);
CREATE INDEX IF NOT EXISTS messages_conversation ON messages (mailbox, conversation_id);
CREATE TABLE IF NOT EXISTS attachments (
    pk INTEGER PRIMARY KEY AUTOINCREMENT, message INTEGER NOT NULL REFERENCES messages (pk) ON DELETE CASCADE,
    id TEXT NOT NULL UNIQUE, doc TEXT NOT NULL, content BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS attachments_message ON attachments (message);
CREATE TABLE IF NOT EXISTS properties (
    message INTEGER NOT NULL REFERENCES messages (pk) ON DELETE CASCADE, id TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (message, id));
CREATE INDEX IF NOT EXISTS properties_value ON properties (id, value);
CREATE TABLE IF NOT EXISTS changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, mailbox TEXT NOT NULL, folder TEXT NOT NULL, message INTEGER NOT NULL,
    immutable_id TEXT NOT NULL, item_id TEXT NOT NULL, kind TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS changes_folder ON changes (folder, seq);
CREATE TABLE IF NOT EXISTS sent (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, doc TEXT NOT NULL, mime BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS subscriptions (
    id TEXT PRIMARY KEY, mailbox TEXT NOT NULL, folder TEXT, expires REAL NOT NULL, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS notifications (
    id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, payload TEXT NOT NULL, due REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS last_notifications (
    mailbox TEXT PRIMARY KEY, url TEXT NOT NULL, payload TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS grants (
    token TEXT PRIMARY KEY, kind TEXT NOT NULL, doc TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    pk INTEGER PRIMARY KEY AUTOINCREMENT, mailbox TEXT NOT NULL,
    immutable_id TEXT NOT NULL UNIQUE, item_id TEXT NOT NULL UNIQUE, ical_uid TEXT NOT NULL, transaction_id TEXT,
    start TEXT NOT NULL, finish TEXT NOT NULL, created TEXT NOT NULL, modified TEXT NOT NULL,
    change_key TEXT NOT NULL, doc TEXT NOT NULL, UNIQUE (mailbox, transaction_id));
CREATE INDEX IF NOT EXISTS events_start ON events (mailbox, start);
CREATE INDEX IF NOT EXISTS events_uid ON events (ical_uid, mailbox);
CREATE TABLE IF NOT EXISTS event_properties (
    event INTEGER NOT NULL REFERENCES events (pk) ON DELETE CASCADE, id TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (event, id));
CREATE INDEX IF NOT EXISTS event_properties_value ON event_properties (id, value);
CREATE TABLE IF NOT EXISTS event_changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, mailbox TEXT NOT NULL, event INTEGER NOT NULL, immutable_id TEXT NOT NULL,
    item_id TEXT NOT NULL, kind TEXT NOT NULL, start TEXT, finish TEXT);
CREATE INDEX IF NOT EXISTS event_changes_mailbox ON event_changes (mailbox, seq);
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, message INTEGER NOT NULL REFERENCES messages (pk) ON DELETE CASCADE,
    doc TEXT NOT NULL, content BLOB NOT NULL, expires REAL NOT NULL);
"""
# What `reset` empties. Keys stay: a token given out before a reset keeps its meaning, as with Microsoft.
_EMPTIED = (
    "uploads", "properties", "attachments", "messages", "changes", "sent", "subscriptions", "notifications",
    "last_notifications", "folders", "grants", "event_properties", "event_changes", "events",
)  # fmt: skip


def stamp(moment: datetime) -> str:
    """`moment` as Graph writes it: UTC with seconds and a Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Tx:
    """One transaction; `touched` collects the mailboxes it changed."""

    def __init__(self, store: "Store", db: sqlite3.Connection) -> None:
        self.store = store
        self.db = db
        self.touched: set[str] = set()

    def run(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """Executes one statement."""
        return self.db.execute(sql, values)

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row or None."""
        row: sqlite3.Row | None = self.db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """All rows."""
        return self.db.execute(sql, values).fetchall()

    def number(self, sql: str, *values: Any) -> int:
        """The single number a statement such as `SELECT count(*)` gives."""
        row = self.one(sql, *values)
        return int(row[0] or 0) if row else 0

    def meta(self, key: str, default: str = "") -> str:
        """A stored single value."""
        row = self.one("SELECT value FROM meta WHERE key = ?", key)
        return str(row["value"]) if row else default

    def set_meta(self, key: str, value: str) -> None:
        """Stores a single value."""
        self.run("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)


class Store:
    """The file `sandbox.sqlite3` in `data_dir` and the clock in `data_dir/clock-offset`."""

    def __init__(self, data_dir: Path) -> None:
        # Mails and the signing key: whoever can read the key can sign in as anybody.
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        data_dir.chmod(0o700)
        self.data_dir = data_dir
        self._path = data_dir / "sandbox.sqlite3"
        self._idle: list[sqlite3.Connection] = []
        self._idle_lock = threading.Lock()
        self._write_lock = threading.RLock()
        self.on_change: list[Callable[[frozenset[str]], None]] = []
        self.offset = self._stored_offset()
        with self._connection() as db:
            db.executescript(SCHEMA)

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
        db.row_factory = sqlite3.Row
        # NORMAL with a WAL survives the end of this process at any moment; only a power cut may cost the last writes.
        db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;")
        return db

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._idle_lock:
            db = self._idle.pop() if self._idle else None
        db = db or self._open()
        try:
            yield db
        finally:
            if db.in_transaction:
                db.rollback()
            with self._idle_lock:
                self._idle.append(db)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """One consistent view; nothing can be changed in it."""
        with self._connection() as db:
            db.execute("BEGIN")
            yield Tx(self, db)

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """One transaction: committed at the end of the block, rolled back when it raises."""
        with self._write_lock, self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            tx = Tx(self, db)
            yield tx
            db.commit()
        if tx.touched:
            for listener in self.on_change:
                listener(frozenset(tx.touched))

    def close(self) -> None:
        """Closes the connections that are not in use."""
        with self._idle_lock:
            while self._idle:
                self._idle.pop().close()

    def empty(self, tx: Tx) -> None:
        """Removes everything but the keys; old delta links lose their meaning through a new epoch."""
        for table in _EMPTIED:
            tx.run(f"DELETE FROM {table}")
        for kind in ("switch", "mailbox", "delta", "registration"):
            tx.run("DELETE FROM meta WHERE key LIKE ?", f"{kind}.%")
        tx.set_meta("epoch", str(time.time_ns()))

    def _stored_offset(self) -> float:
        try:
            return float((self.data_dir / "clock-offset").read_text())
        except (OSError, ValueError):
            return 0.0

    def now(self) -> datetime:
        """The sandbox's present, in UTC."""
        return datetime.fromtimestamp(time.time() + self.offset, UTC)

    def set_clock(self, offset: float) -> None:
        """Moves the clock to `offset` seconds ahead of the machine's; the file is replaced in one step."""
        beside = self.data_dir / "clock-offset.new"
        beside.write_text(f"{offset:g}" if offset != int(offset) else str(int(offset)))
        os.replace(beside, self.data_dir / "clock-offset")
        self.offset = offset
