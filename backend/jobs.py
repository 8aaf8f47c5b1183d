"""Background work on the same PostgreSQL: a job is deferred in the transaction that changes the rows.

Each job is one function with ids and plain values as arguments, registered by name. It runs in a transaction of
its own: return commits, raise rolls back and the job is tried again with growing waits. Every job may run twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import structlog
from procrastinate import SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import DEFAULT_QUEUE
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from backend.db import scope, session

log = structlog.get_logger(__name__)
Work = TypeVar("Work", bound=Callable[..., None])
# Jobs of these features have a queue and threads of their own: somebody looks at the screen and waits for a line, and a
# thousand mails, or a mailbox that answers slowly, must not stand before it.
LIVE, _LIVE_FEATURES = "live", ("chat", "mentions")
# Nobody waits for these: they come after all others.
_LAST = ("mail.confirm", "visits.look_busy_of", "visits.read_busy", "tickets.find_anew")


@dataclass(frozen=True)
class Job:
    """A registered job: its function, and what to do when it has failed for good."""

    name: str
    work: Callable[..., None]
    gave_up: Callable[..., None] | None


class TryAgainIn(Exception):
    """Raised by a job whose counterpart asked to wait `seconds` (Retry-After)."""

    def __init__(self, seconds: float, why: str = "") -> None:
        self.seconds = seconds
        super().__init__(why or f"asked to wait {seconds:.0f} s")


class NotYet(TryAgainIn):
    """Raised by a job whose counterpart cannot take it now, through no fault of the job: the try does not count."""


JOBS: dict[str, Job] = {}
_manager = JobManager(SyncPsycopgConnector())


def job(name: str, *, gave_up: Callable[..., None] | None = None) -> Callable[[Work], Work]:
    """Registers a function as the job `name`.

    `gave_up` is called with the same arguments and `error` (a str) in a transaction of its own after the last try.
    """

    def register(work: Work) -> Work:
        assert name not in JOBS, f"there are two jobs named {name}"
        JOBS[name] = Job(name, work, gave_up)
        return work

    return register


def later(name: str, *, once: str = "", at: datetime | None = None, **arguments: Any) -> None:
    """Asks for the job `name` when this transaction is committed; nothing happens when it is rolled back.

    `once`: if a job with this key is waiting already, none is added; that one then waits for this transaction, so that
    it sees what was done here. `at`: not before this moment (real time).
    """
    if not _deferred(name, once, at, arguments) and not _waits_for_us(once):
        # A worker takes that one this moment, or somebody else holds it: it may look before we are done.
        _deferred(name, "", at, arguments)


def _deferred(name: str, once: str, at: datetime | None, arguments: dict[str, Any]) -> bool:
    """Whether the job was added; False: one with the key `once` is there."""
    with session.begin_nested() as savepoint:
        connection = session.connection().connection.driver_connection
        task = configure_task(
            name=name,
            job_manager=_manager,
            queue=queue_of(name),
            priority=-1 if name in _LAST else 0,
            queueing_lock=once or None,
            schedule_at=at,
            connection=connection,
        )
        try:
            task.defer(**arguments)
        except AlreadyEnqueued:
            savepoint.rollback()
            return False
    return True


def _waits_for_us(once: str) -> bool:
    """Keeps workers from the waiting job with that key until this transaction ends; they pass over what is locked."""
    found = session.connection().exec_driver_sql(
        "select 1 from procrastinate_jobs where queueing_lock = %s and status = 'todo' for no key update skip locked",
        (once,),
    )
    return found.one_or_none() is not None


def queue_of(name: str) -> str:
    """The queue in which the job `name` waits."""
    return LIVE if name.partition(".")[0] in _LIVE_FEATURES else DEFAULT_QUEUE


def in_a_moment(distance: timedelta) -> datetime:
    """The moment `distance` from now for `later(at=…)`: in real time, which the queue keeps, whatever `clock` says."""
    return datetime.now(UTC) + distance


def _give_up(job: Job, arguments: dict[str, Any], error: Exception) -> None:
    if job.gave_up is None:
        return
    with scope():
        job.gave_up(**arguments, error=f"{type(error).__name__}: {error}")
        session.commit()


def run(name: str, *, last_try: bool = False, **arguments: Any) -> None:
    """Runs the job `name` now, in its own transaction; on the last try a failure is written down for people."""
    job = JOBS[name]
    try:
        with scope():
            job.work(**arguments)
            session.commit()
    except NotYet as wait:
        log.info("job waits", job=name, seconds=round(wait.seconds, 1), why=str(wait), **arguments)
        raise
    except Exception as error:
        log.warning("job failed", job=name, last_try=last_try, error=f"{type(error).__name__}: {error}", **arguments)
        if last_try:
            _give_up(job, arguments, error)
        raise


def checkpoint() -> None:
    """Commits what the running job has done so far: before an effect outside that must not be begun a second time."""
    session.commit()
