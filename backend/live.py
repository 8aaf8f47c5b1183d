"""Live updates: pages that are open hear within a second that something they show has changed.

Events carry a topic such as `ticket:12` and nothing else; the page fetches the fragment again, where the
person's rights are checked. The cursor is the oldest transaction that was still running when an event was read
(pg_snapshot_xmin): after a broken line everything from there on is said again, so that commits out of order are
never missed and a repeated event is only one more look.

Under `deskside serve` an open stream is a socket that `lines.py` owns; elsewhere, as in tests, it is the iterator that
`stream` makes.
"""

import queue
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

import psycopg
import structlog
from sqlalchemy import BigInteger, Identity, Index, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from backend import config
from backend.db import Base, plain_url, scope, session, watchful

log = structlog.get_logger(__name__)
CHANNEL = "deskside_live"
PING_SECONDS = 15
STILL_HERE = ": still here\n\n"
LONGEST_SECONDS = 600.0  # of one stream: so long may somebody listen whose sign-in has ended
END = ""  # what an inbox receives when its stream has to end
_SECONDS_TO_LISTEN = 5.0
_XMIN = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


class LiveEvent(Base):
    """One thing that changed, kept for an hour for those whose line broke."""

    __tablename__ = "live_events"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    transaction: Mapped[int] = mapped_column(BigInteger, server_default=text("pg_current_xact_id()::text::bigint"))
    topic: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    __table_args__ = (Index(None, "transaction"), Index(None, "at"))


def tell(*topics: str) -> None:
    """Says to every open page that shows one of `topics`, once this transaction is committed: look again."""
    for topic in topics:
        session.add(LiveEvent(topic=topic))
        session.execute(select(func.pg_notify(CHANNEL, topic)))


def _since(cursor: int, topics: frozenset[str]) -> tuple[int, list[str]]:
    """(new cursor, topics told since `cursor`), in a transaction of its own that ends at once."""
    with scope():
        xmin = session.execute(text(_XMIN)).scalar_one()
        if not cursor:
            return xmin, []
        told = session.scalars(
            select(LiveEvent.topic).where(LiveEvent.transaction >= cursor, LiveEvent.topic.in_(topics)).distinct()
        ).all()
        return xmin, list(told)


class Inbox(Protocol):
    """What the hub tells of one stream's topics."""

    def put(self, topic: str, /) -> None:
        """Receives a topic that was told, or END."""


class Hub:
    """One LISTEN connection of this process, fanned out to its open streams."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: dict[Inbox, tuple[frozenset[str], int]] = {}  # the oldest first
        self._thread: threading.Thread | None = None
        self._listens = threading.Event()
        self.cursor = 0  # from which on all must be said again to who has heard everything up to now
        self._next_cursor = 0

    @property
    def open_streams(self) -> int:
        """How many streams this process holds open."""
        return len(self._streams)

    def make_room(self, owner: int) -> bool:
        """Ends the oldest stream of the person who holds most, if that is more than `owner` would hold then.

        Nobody can keep all others from hearing; whose stream is ended asks again by itself.
        """
        with self._lock:
            held = Counter(person for _topics, person in self._streams.values())
            if not held:
                return False
            most, count = held.most_common(1)[0]
            if count <= held[owner] + 1:
                return False
            oldest = next(inbox for inbox, (_topics, person) in self._streams.items() if person == most)
            del self._streams[oldest]
        oldest.put(END)
        return True

    def join(self, inbox: Inbox, topics: frozenset[str], owner: int) -> None:
        """From now on `inbox` receives each of `topics` when it is told; `owner` is the id of who listens."""
        with self._lock:
            self._streams[inbox] = (topics, owner)
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="live", daemon=True)
                self._thread.start()
        self._listens.wait(_SECONDS_TO_LISTEN)

    def leave(self, inbox: Inbox) -> None:
        """Ends what `join` began."""
        with self._lock:
            self._streams.pop(inbox, None)

    def _fan_out(self, topic: str) -> None:
        with self._lock:
            streams = list(self._streams.items())
        for inbox, (topics, _owner) in streams:
            if topic in topics:
                inbox.put(topic)

    def _hear(self, connection: psycopg.Connection) -> None:
        """Passes on what is told, until the line breaks.

        The cursor stays one look behind: of a transaction that was committed just before a look, the notice may come
        just after it.
        """
        missed = "select distinct topic from live_events where transaction >= %s"
        for (topic,) in connection.execute(missed, (self.cursor,)).fetchall() if self.cursor else ():
            self._fan_out(topic)
        self._listens.set()
        while True:
            for notice in connection.notifies(stop_after=1):
                self._fan_out(notice.payload)
            (xmin,) = connection.execute(_XMIN).fetchone() or (0,)
            self.cursor, self._next_cursor = self._next_cursor, xmin

    def _listen(self) -> None:
        retry = threading.Event()
        while True:
            try:
                url = plain_url(config.current().database_url)
                with psycopg.connect(url, autocommit=True, **watchful(url)) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._hear(connection)
            except psycopg.Error as error:
                log.warning("live line to the database broke", error=type(error).__name__)
            retry.wait(1.0)


HUB = Hub()


def message(cursor: int, topics: Iterable[str]) -> str:
    """What is said on the wire when `topics` were told; who comes back names `cursor`."""
    return "".join(f"id: {cursor}\nevent: look\ndata: {topic}\n\n" for topic in topics)


def first_words(cursor: int, topics: frozenset[str]) -> tuple[int, str]:
    """(cursor, the first words on the wire) for who has joined the hub before and had seen all up to `cursor`."""
    cursor, missed = _since(cursor, topics)
    return cursor, f"retry: 1000\nid: {cursor}\n\n" + message(cursor, missed)


def stream(topics: frozenset[str], cursor: int, owner: int, seconds: float = LONGEST_SECONDS) -> Iterator[str]:
    """Server-sent events for `topics`; `cursor` is the last event id the client saw, 0 for a fresh start.

    Yields text for the wire: `event: look` with the topic as data, and a comment every PING_SECONDS. Ends after
    `seconds`: the browser comes again by itself, and is asked again who it is.
    """
    inbox: queue.SimpleQueue[str] = queue.SimpleQueue()
    end = time.monotonic() + seconds
    HUB.join(inbox, topics, owner)
    try:
        cursor, words = first_words(cursor, topics)
        yield words
        while (left := end - time.monotonic()) > 0:
            try:
                topic = inbox.get(timeout=min(left, PING_SECONDS))
            except queue.Empty:
                yield STILL_HERE
                continue
            if topic == END:
                return
            yield message(max(cursor, HUB.cursor), [topic])
    finally:
        HUB.leave(inbox)
