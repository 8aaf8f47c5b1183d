"""How often each door may be used: counted per client, person or program over a minute, for all processes together.

The counts are rows, so that they hold for the whole installation. Whoever may do much takes a handful of turns with one
statement and uses them up without another; pages that are only read by people who are signed in are not counted at all.
The statement goes over a line of its own, apart from the request's transaction: what is refused or fails counts too,
and no request holds two connections of the pool.
"""

import ipaddress
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import psycopg
import structlog
from flask import request
from sqlalchemy.orm import Mapped, mapped_column

from backend import config
from backend.db import Base, plain_url, watchful
from backend.errors import TooMany
from backend.i18n import n_

log = structlog.get_logger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
SECONDS = 60
FREE = "free"  # a door at which nobody is counted
LARGE = 1_000_000  # bytes of a body from which on a change counts as an upload
_MOST_KEPT = 20_000


class Turns(Base):
    """How many turns were taken at a door by somebody since the minute that ends at `ends_at` began.

    Worth nothing after a crash, so not written to the log of the database.
    """

    __tablename__ = "turns"
    key: Mapped[str] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(index=True)
    taken: Mapped[int]
    __table_args__ = {"prefixes": ["UNLOGGED"]}


@dataclass(frozen=True)
class Door:
    """A door: the setting that says how many turns a minute, and how many are taken at once."""

    setting: str
    handful: int = 1


DOORS = {
    "strangers": Door("limit_strangers"),
    "monitoring": Door("limit_strangers", 20),
    "webhooks": Door("limit_webhooks", 50),
    "api": Door("limit_api", 50),
    "changes": Door("limit_changes", 20),
    "streams": Door("limit_streams", 5),
    "uploads": Door("limit_uploads"),
    "imports": Door("limit_imports"),
}
# The minute begins with the first turn; of a new minute nothing of the old one counts.
_TAKE = f"""
insert into turns as t (key, ends_at, taken) values (%(key)s, now() + interval '{SECONDS} s', %(turns)s)
on conflict (key) do update set
  taken = excluded.taken + case when t.ends_at > now() then t.taken else 0 end,
  ends_at = case when t.ends_at > now() then t.ends_at else excluded.ends_at end
returning taken, extract(epoch from ends_at - now())::float8
"""


class Counter:
    """The turns of this process, and its line to the database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: psycopg.Connection | None = None
        self._url = ""
        self._left: dict[str, tuple[int, float]] = {}  # key: turns in hand, until when (monotonic)

    def forget(self) -> None:
        """Puts down what is in hand; the rows stay."""
        with self._lock:
            self._left.clear()

    def take(self, key: str, limit: int, handful: int) -> float:
        """Takes one turn of `limit` a minute; 0.0, or the seconds until there are turns again."""
        with self._lock:
            left, ends = self._left.get(key, (0, 0.0))
            now = time.monotonic()
            if now < ends:
                if left == 0:
                    return ends - now
                self._keep(key, left - 1, ends)
                return 0.0
            turns = max(1, min(handful, limit // 10))
            taken, rest = self._ask(key, turns)
            granted = max(0, min(turns, limit - (taken - turns)))
            if not granted:
                self._keep(key, 0, now + rest, none=True)
                return max(1.0, rest)
            self._keep(key, granted - 1, now + rest)
            return 0.0

    def _keep(self, key: str, left: int, ends: float, *, none: bool = False) -> None:
        """Remembers turns in hand, or that there are none for anybody; whose hand is empty asks again."""
        if len(self._left) >= _MOST_KEPT:
            self._left.clear()
        if left or none:
            self._left[key] = (left, ends)
        else:
            self._left.pop(key, None)

    def _ask(self, key: str, turns: int) -> tuple[int, float]:
        """(turns taken by all, with these; seconds left). A database that is away refuses nobody: nothing works."""
        for _attempt in range(2):  # the line may have been cut since the last time
            try:
                row = self._connected().execute(_TAKE, {"key": key, "turns": turns}).fetchone()
                assert row is not None
                return row[0], row[1]
            except psycopg.Error as error:
                self._hang_up()
                problem = type(error).__name__
        log.warning("turns could not be counted", error=problem)
        return turns, 0.0

    def _connected(self) -> psycopg.Connection:
        url = plain_url(config.current().database_url)
        if self._line is None or self._url != url:
            self._hang_up()
            options = "-c synchronous_commit=off -c statement_timeout=3000 -c jit=off"
            self._line = psycopg.connect(
                url,
                autocommit=True,
                options=options,
                application_name="deskside turns",
                **watchful(url) | {"connect_timeout": 3},  # every request waits for it
            )
            self._url = url
        return self._line

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None


COUNTER = Counter()


def spend(door: str, of: str) -> None:
    """Takes a turn at `door` for `of` (an address, a person, a program).

    Raises TooMany, which says when to come again, once there is none left.
    """
    rule = DOORS[door]
    wait = COUNTER.take(f"{door} {of}", getattr(config.current(), rule.setting), rule.handful)
    if wait:
        log.warning("a limit was reached", door=door, of=of)
        seconds = int(wait) + 1
        raise TooMany(
            n_(
                "That was too much at once. Please try again in %(num)s second.",
                "That was too much at once. Please try again in %(num)s seconds.",
                seconds,
            ),
            Retry_After=str(seconds),
        )


def client() -> str:
    """The address this request comes from: as seen by the outermost of our own proxies, an IPv6 network as one."""
    proxies = config.current().proxies
    named = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    # Each proxy adds whom it sees; what stands further left is said by the client and worth nothing.
    raw = named[-proxies] if 0 < proxies <= len(named) else request.remote_addr or ""
    try:
        address = ipaddress.ip_address(raw)
    except ValueError:
        return "nowhere"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def counted(door: str) -> Callable[[View], View]:
    """Names the door at which calls of a view are counted, where it is not the one of its kind. KeyError for none."""
    assert door == FREE or DOORS[door]

    def mark(view: View) -> View:
        view.door = door  # type: ignore[attr-defined]
        return view

    return mark


def at_the_door(view: Callable[..., Any], *, person: int | None, program: int | None) -> None:
    """Counts this request at its doors: of `person`, of `program` (an API token's id), or of nobody known.

    Raises TooMany.
    """
    door = getattr(view, "door", "")
    if program is not None:
        spend("api", str(program))
    elif person is None:
        if door != FREE:
            spend(door or "strangers", client())
    elif door == "webhooks":
        spend(door, client())
    else:
        if door and door != FREE:
            spend(door, str(person))
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            spend("changes", str(person))
            if (request.content_length or 0) > LARGE:
                spend("uploads", str(person))
