"""Live updates: pages that are open hear within a second that something they show has changed.

Events carry a topic such as `ticket:12` and nothing else; the page fetches the fragment again, where the
person's rights are checked. The cursor is the oldest transaction that was still running when an event was read
(pg_snapshot_xmin): after a broken line everything from there on is said again, so that commits out of order are
never missed and a repeated event is only one more look.
"""

import queue
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import psycopg
import structlog
from sqlalchemy import BigInteger, Identity, Index, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from backend import config
from backend.db import Base, plain_url, scope, session, watchful

log = structlog.get_logger(__name__)
CHANNEL = "deskside_live"
PING_SECONDS = 15
LONGEST_SECONDS = 600.0  # of one stream: so long may somebody listen whose sign-in has ended
_END = ""


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
        xmin = session.execute(text("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")).scalar_one()
        if not cursor:
            return xmin, []
        told = session.scalars(
            select(LiveEvent.topic).where(LiveEvent.transaction >= cursor, LiveEvent.topic.in_(topics)).distinct()
        ).all()
        return xmin, list(told)


class Hub:
    """One LISTEN connection of this process, fanned out to its open streams."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: dict[queue.SimpleQueue[str], tuple[frozenset[str], int]] = {}  # the oldest first
        self._thread: threading.Thread | None = None

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
        oldest.put(_END)
        return True

    def join(self, topics: frozenset[str], owner: int) -> "queue.SimpleQueue[str]":
        """A queue that receives each of `topics` when it is told, '*' when something may have been missed.

        `owner` is the id of the person who listens.
        """
        inbox: queue.SimpleQueue[str] = queue.SimpleQueue()
        with self._lock:
            self._streams[inbox] = (topics, owner)
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="live", daemon=True)
                self._thread.start()
        return inbox

    def leave(self, inbox: "queue.SimpleQueue[str]") -> None:
        """Ends what `join` began."""
        with self._lock:
            self._streams.pop(inbox, None)

    def _fan_out(self, topic: str) -> None:
        with self._lock:
            streams = list(self._streams.items())
        for inbox, (topics, _owner) in streams:
            if topic == "*" or topic in topics:
                inbox.put(topic)

    def _listen(self) -> None:
        retry = threading.Event()
        while True:
            try:
                url = plain_url(config.current().database_url)
                with psycopg.connect(url, autocommit=True, **watchful(url)) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._fan_out("*")
                    for notice in connection.notifies():
                        self._fan_out(notice.payload)
            except psycopg.Error as error:
                log.warning("live line to the database broke", error=type(error).__name__)
            retry.wait(1.0)


HUB = Hub()


def _message(cursor: int, topics: list[str]) -> str:
    return "".join(f"id: {cursor}\nevent: look\ndata: {topic}\n\n" for topic in topics)


def stream(topics: frozenset[str], cursor: int, owner: int, seconds: float = LONGEST_SECONDS) -> Iterator[str]:
    """Server-sent events for `topics`; `cursor` is the last event id the client saw, 0 for a fresh start.

    Yields text for the wire: `event: look` with the topic as data, and a comment every PING_SECONDS. Ends after
    `seconds`: the browser comes again by itself, and is asked again who it is.
    """
    inbox, end = HUB.join(topics, owner), time.monotonic() + seconds
    try:
        cursor, missed = _since(cursor, topics)
        yield f"retry: 1000\nid: {cursor}\n\n" + _message(cursor, missed)
        while (left := end - time.monotonic()) > 0:
            try:
                topic = inbox.get(timeout=min(left, PING_SECONDS))
            except queue.Empty:
                yield ": still here\n\n"
                continue
            if topic == _END:
                return
            before = cursor
            cursor, missed = _since(cursor, topics)
            yield _message(cursor, missed if topic == "*" else [topic]) or f"id: {before}\n\n"
    finally:
        HUB.leave(inbox)
