"""Open live streams as sockets: one thread of each process writes to all of them.

A view only decides who may listen to what. Then the web server hands the connection over (`thread_worker.py`), and its
thread is free for the next request: a stream costs a socket and some hundred bytes, not a thread.

Every quarter of a minute it is asked for all of them at once whether their sign-ins still stand; those that do not
end. So do lines whose readers do not read, and each one after ten minutes: the browser comes again by itself, names
the last event it has seen, and is asked who it is.
"""

import contextlib
import os
import queue
import resource
import selectors
import socket
import threading
import time
from contextvars import ContextVar
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from backend import auth
from backend.db import scope
from backend.live import END, HUB, LONGEST_SECONDS, PING_SECONDS, STILL_HERE, first_words, message

log = structlog.get_logger(__name__)
NEEDS = "tickets.read"
_MOST = 5_000
_OTHER_FILES = 400  # descriptors that a process needs besides
_UNREAD_BYTES = 65_536
_UNREAD_SECONDS = 30.0
_KERNEL_BYTES = 16_384  # that the kernel keeps for one who does not read


@dataclass(frozen=True)
class Listener:
    """Who listens to what; `cursor` is the last event that was seen, 0 for a fresh start."""

    topics: frozenset[str]
    cursor: int
    owner: int
    session_id: str


@dataclass
class Handing:
    """One request whose connection the server would take over: the view says for whom."""

    listener: Listener | None = None


HANDING: ContextVar[Handing | None] = ContextVar("handing", default=None)  # of a request, where the server takes over


def most() -> int:
    """How many streams a process holds at once: as many as it may have files open, in reason."""
    return max(50, min(_MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _OTHER_FILES))


class Line:
    """One open stream. Only the thread of `Lines` touches it after it was opened."""

    __slots__ = ("connection", "cursor", "ends", "heard", "lines", "listener", "said", "stuck", "unsent")

    def __init__(self, lines: "Lines", listener: Listener) -> None:
        self.lines, self.listener, self.cursor = lines, listener, listener.cursor
        self.connection: socket.socket | None = None
        self.heard: dict[str, None] = {}  # topics that were told and not said yet, each once
        self.unsent = b""
        self.ends = self.said = self.stuck = 0.0

    def put(self, topic: str, /) -> None:
        """Receives a topic from the hub, on its thread."""
        self.lines.tell(self, topic)


class Lines:
    """The open streams of this process, and the thread that writes to them."""

    def __init__(self, ping: float = PING_SECONDS, longest: float = LONGEST_SECONDS) -> None:
        self._ping, self._longest = ping, longest
        self._news: queue.SimpleQueue[tuple[Line, str | None]] = queue.SimpleQueue()
        self._open: set[Line] = set()
        self._lock = threading.Lock()
        self._selector: selectors.BaseSelector | None = None
        self._bell = -1

    def take(self, connection: socket.socket, head: bytes, listener: Listener) -> None:
        """Takes over `connection`, on which nothing was answered yet, and says `head` and then what is told.

        Raises what the database raises; the connection is the caller's then.
        """
        self._begin()
        line = Line(self, listener)
        HUB.join(line, listener.topics, listener.owner)
        try:
            line.cursor, words = first_words(listener.cursor, listener.topics)
            mine = socket.socket(fileno=connection.detach())
        except BaseException:
            HUB.leave(line)
            raise
        mine.setblocking(False)
        mine.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_BYTES)
        line.connection, line.unsent = mine, head + words.encode()
        self.tell(line, None)

    def tell(self, line: Line, topic: str | None) -> None:
        """Has `topic` said on `line`; END ends it, None says that it is open now. Any thread may call this."""
        self._news.put((line, topic))
        with contextlib.suppress(BlockingIOError):  # it rings already
            os.write(self._bell, b"\0")

    def _begin(self) -> None:
        with self._lock:
            if self._selector is not None:
                return
            listens, self._bell = os.pipe()
            os.set_blocking(listens, False)
            os.set_blocking(self._bell, False)
            self._selector = selectors.DefaultSelector()
            self._selector.register(listens, selectors.EVENT_READ)
            threading.Thread(target=self._run, args=(self._selector,), name="lines", daemon=True).start()
            threading.Thread(target=self._look_after, name="lines-look", daemon=True).start()

    def _run(self, selector: selectors.BaseSelector) -> None:
        looked = 0.0
        while True:
            for key, events in selector.select(timeout=1.0):
                if key.data is None:
                    with contextlib.suppress(BlockingIOError):
                        os.read(key.fd, 4096)
                elif events & selectors.EVENT_READ and not _still_there(key.data):
                    self._close(key.data)
                elif events & selectors.EVENT_WRITE:
                    self._send(key.data)
            for line in self._heard():
                self._say(line, message(max(line.cursor, HUB.cursor), line.heard))
                line.heard.clear()
            if (now := time.monotonic()) >= looked + min(1.0, self._ping):
                looked = now
                self._watch(now)

    def _heard(self) -> set[Line]:
        """Opens and ends lines, and returns those on which something is to be said."""
        told = set()
        with contextlib.suppress(queue.Empty):
            while True:
                line, topic = self._news.get_nowait()
                if topic is None:
                    self._opened(line)
                elif topic == END:
                    self._end(line)
                else:
                    line.heard[topic] = None
                told.add(line)
        return {line for line in told & self._open if line.heard}

    def _end(self, line: Line) -> None:
        if line in self._open:
            self._close(line)
        else:
            line.ends = -1.0  # it is being opened, or was closed

    def _opened(self, line: Line) -> None:
        assert self._selector is not None
        assert line.connection is not None
        if line.ends < 0:
            return line.connection.close()
        self._open.add(line)
        self._selector.register(line.connection, selectors.EVENT_READ, line)
        line.ends = time.monotonic() + self._longest
        self._say(line, "")

    def _say(self, line: Line, words: str) -> None:
        line.unsent += words.encode()
        line.said = time.monotonic()
        self._send(line)

    def _send(self, line: Line) -> None:
        assert self._selector is not None
        if line.connection is None:
            return
        waited = line.stuck
        try:
            line.unsent = line.unsent[line.connection.send(line.unsent) :]
        except BlockingIOError:
            pass
        except OSError:
            return self._close(line)
        if len(line.unsent) > _UNREAD_BYTES:
            return self._close(line)
        line.stuck = (waited or time.monotonic()) if line.unsent else 0.0
        if bool(waited) != bool(line.stuck):
            writes = selectors.EVENT_WRITE if line.stuck else 0
            self._selector.modify(line.connection, selectors.EVENT_READ | writes, line)

    def _watch(self, now: float) -> None:
        for line in list(self._open):
            if now >= line.ends or (line.stuck and now >= line.stuck + _UNREAD_SECONDS):
                self._close(line)
            elif now >= line.said + self._ping:
                self._say(line, STILL_HERE)

    def _close(self, line: Line) -> None:
        assert self._selector is not None
        HUB.leave(line)
        self._open.discard(line)
        if line.connection is not None:
            self._selector.unregister(line.connection)
            line.connection.close()
            line.connection = None

    def _look_after(self) -> None:
        """Ends the lines of those who may not listen any more."""
        pause = threading.Event()
        while not pause.wait(self._ping):
            lines = self._open.copy()
            try:
                with scope():
                    good = auth.sessions_that_may(NEEDS, {line.listener.session_id for line in lines}) if lines else ()
            except SQLAlchemyError as error:
                log.warning("sign-ins of live streams could not be looked at", error=type(error).__name__)
                continue
            for line in lines:
                if line.listener.session_id not in good:
                    self.tell(line, END)


def _still_there(line: Line) -> bool:
    """Whether who listens is there; what they say meanwhile is nobody's concern."""
    try:
        return line.connection is not None and bool(line.connection.recv(4096))
    except BlockingIOError:
        return True
    except OSError:
        return False


LINES = Lines()
