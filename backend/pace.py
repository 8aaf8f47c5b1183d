"""How one mailbox of Microsoft's may be asked: four requests at a time, and not at all while it wants to be left alone.

Both hold over all processes of the installation. A turn is an advisory lock of PostgreSQL on a connection that is kept
for one request: no row is locked meanwhile, and a process that is killed loses its connections and with them its turns.
How long a mailbox has to rest is a row, written past the transaction of the job that was refused, so that all others
know at once. https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits
"""

import random
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, case, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from backend import clock, config, db
from backend.db import Base
from backend.jobs import NotYet

AT_ONCE = 4
LONGEST_REST = 900.0  # seconds, unless Microsoft itself asks for more
_PATIENCE = 2.0  # seconds a job waits for a turn before it makes room for jobs of other mailboxes
_LOOK_AGAIN = 0.02


class Pace(Base):
    """What a mailbox has asked of us. `strikes`: refusals in a row, with no success between them."""

    __tablename__ = "mailbox_paces"
    address: Mapped[str] = mapped_column(primary_key=True)
    paused_until: Mapped[datetime | None]
    strikes: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    throttled_on: Mapped[date | None]  # the day to which `throttled_times` belongs
    throttled_times: Mapped[int] = mapped_column(default=0)

    def rests(self) -> bool:
        """Whether nobody may ask the mailbox now."""
        return self.paused_until is not None and self.paused_until > clock.now()

    @property
    def throttled_today(self) -> int:
        """How many requests Microsoft has refused today because there were too many."""
        return self.throttled_times if self.throttled_on == _today() else 0


# CASE asks in order and stops at the first turn it gets. After a refusal there is one turn only, until one succeeds.
_TAKE = text(
    """
    select pace.paused_until, coalesce(pace.strikes, 0) as strikes,
           case when pace.paused_until > :now then null
                when pg_try_advisory_lock(:key, 0) then 0
                when coalesce(pace.strikes, 0) > 0 then null
                when pg_try_advisory_lock(:key, 1) then 1
                when pg_try_advisory_lock(:key, 2) then 2
                when pg_try_advisory_lock(:key, 3) then 3
           end as turn
    from (select 1) as one left join mailbox_paces as pace on pace.address = :address
    """
)
_GIVE_BACK = select(func.pg_advisory_unlock(bindparam("key"), bindparam("turn")))


def _today() -> date:
    return clock.local(clock.now(), config.current().timezone).date()


def _key(address: str) -> int:
    """A signed 32-bit number for the mailbox; two with the same one would share their turns."""
    return zlib.crc32(address.encode()) - 2**31


@dataclass
class Turn:
    """One of the mailbox's turns, while it lasts."""

    address: str
    strikes: int
    _line: Connection

    def rest(self, asked: float, reason: str, *, throttled: bool) -> float:
        """Nobody asks the mailbox for `asked` seconds, longer after each refusal in a row; returns the seconds.

        `throttled`: Microsoft said that there were too many requests, and that is counted.
        """
        now, strikes = clock.now(), self.strikes + 1
        seconds = max(asked, min(LONGEST_REST, 2.0 ** min(strikes - 1, 12)))
        until, times = now + timedelta(seconds=seconds), int(throttled)
        new = insert(Pace).values(
            address=self.address,
            paused_until=until,
            strikes=strikes,
            reason=reason[:200],
            throttled_on=_today(),
            throttled_times=times,
        )
        self._line.execute(
            new.on_conflict_do_update(
                index_elements=["address"],
                set_={
                    "paused_until": func.greatest(Pace.paused_until, until),
                    "strikes": func.greatest(Pace.strikes, strikes),
                    "reason": new.excluded.reason,
                    "throttled_on": new.excluded.throttled_on,
                    "throttled_times": case((Pace.throttled_on == _today(), Pace.throttled_times), else_=0) + times,
                },
            )
        )
        return seconds

    def served(self) -> None:
        """The mailbox has answered as it should: it may be asked four at a time again."""
        if self.strikes:
            now = clock.now()
            rested = func.coalesce(Pace.paused_until, now) <= now
            self._line.execute(update(Pace).where(Pace.address == self.address, rested).values(strikes=0))


@contextmanager
def turn(address: str) -> Iterator[Turn]:
    """One of the mailbox's four turns for as long as the block lasts.

    Raises NotYet, before anything was asked, while the mailbox rests or when no turn comes free.
    """
    address = address.lower()
    key, end = _key(address), time.monotonic() + _PATIENCE
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as line:
        while True:
            now = clock.now()
            found = line.execute(_TAKE, {"now": now, "key": key, "address": address}).one()
            if found.turn is not None:
                break
            if found.paused_until is not None and found.paused_until > now:
                raise NotYet(_a_little_more((found.paused_until - now).total_seconds()), f"{address} rests")
            if time.monotonic() > end:
                raise NotYet(_a_little_more(1.0), f"{address} is busy")
            threading.Event().wait(_LOOK_AGAIN * random.uniform(0.5, 1.5))
        try:
            yield Turn(address, found.strikes, line)
        finally:
            _give_back(line, key, found.turn)


def _give_back(line: Connection, key: int, number: int) -> None:
    try:
        line.execute(_GIVE_BACK, {"key": key, "turn": number})
    except DBAPIError:
        # What Microsoft has done is done. The turn goes with the connection.
        line.invalidate()


def _a_little_more(seconds: float) -> float:
    """Not all who wait come back at the same moment."""
    return seconds + random.uniform(0.1, 1.0 + 0.1 * seconds)
