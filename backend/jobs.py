"""Background work on the same PostgreSQL: a job is deferred in the transaction that changes the rows.

Each job is one function with ids and plain values as arguments, registered by name. It runs in a transaction of
its own: return commits, raise rolls back and the job is tried again with growing waits. Every job may run twice.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import structlog
from procrastinate import App, JobContext, PsycopgConnector, RetryDecision, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Job as StoredJob
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from procrastinate.retry import BaseRetryStrategy
from procrastinate.tasks import configure_task
from sqlalchemy import text

from backend.db import plain_url, scope, session

log = structlog.get_logger(__name__)
Work = TypeVar("Work", bound=Callable[..., None])
ATTEMPTS = 12  # with the waits below: about an hour and a half
_STALLED_SECONDS = 30.0


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

    `once`: if a job with this key is waiting already, none is added. `at`: not before this moment (real time).
    """
    with session.begin_nested() as savepoint:
        connection = session.connection().connection.driver_connection
        task = configure_task(
            name=name,
            job_manager=_manager,
            queueing_lock=once or None,
            schedule_at=at,
            connection=connection,
        )
        try:
            task.defer(**arguments)
        except AlreadyEnqueued:
            savepoint.rollback()


def asked_for(keys: Iterable[str]) -> set[str]:
    """Those of `keys` (see `once`) under which a job waits or is being done."""
    found = text(
        "select distinct queueing_lock from procrastinate_jobs "
        "where status in ('todo', 'doing') and queueing_lock = any(:keys)"
    )
    return set(session.scalars(found, {"keys": list(keys)}))


def worker_lives() -> bool:
    """Whether some worker has shown a sign of life in the last minute."""
    alive = "select exists(select from procrastinate_workers where last_heartbeat > now() - interval '60 s')"
    return bool(session.scalar(text(alive)))


def in_a_moment(distance: timedelta) -> datetime:
    """The moment `distance` from now for `later(at=…)`: in real time, which the queue keeps, whatever `clock` says."""
    return datetime.now(UTC) + distance


class _GrowingWaits(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: StoredJob) -> RetryDecision | None:
        if job.attempts >= ATTEMPTS and not isinstance(exception, NotYet):
            return None
        if isinstance(exception, TryAgainIn):
            seconds = exception.seconds
        else:
            seconds = min(900.0, 1.0 * 2**job.attempts) * random.uniform(0.8, 1.2)
        return RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=seconds))


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


def _register(app: App, name: str) -> None:
    @app.task(name=name, retry=_GrowingWaits(), pass_context=True)
    def task(context: JobContext, /, **arguments: Any) -> None:
        try:
            run(name, last_try=context.job.attempts >= ATTEMPTS, **arguments)
        except Exception as error:
            if _superseded(context.job):
                log.info("job left to its successor", job=name, error=type(error).__name__, **arguments)
                return
            if isinstance(error, NotYet):
                _uncount(context.job)
            raise


def _superseded(job: StoredJob) -> bool:
    """Whether the same was asked for anew meanwhile: two cannot wait under one key, and one is enough."""
    if not job.queueing_lock:
        return False
    with scope():
        waiting = text("select exists(select from procrastinate_jobs where queueing_lock = :key and status = 'todo')")
        return bool(session.execute(waiting, {"key": job.queueing_lock}).scalar_one())


def _uncount(job: StoredJob) -> None:
    """The library counts each try; this one was none."""
    with scope():
        session.execute(text("update procrastinate_jobs set attempts = attempts - 1 where id = :id"), {"id": job.id})
        session.commit()


def checkpoint() -> None:
    """Commits what the running job has done so far: before an effect outside that must not be begun a second time."""
    session.commit()


def worker(url: str, *, periodic: dict[str, str] | None = None, connections: int = 4) -> App:
    """The Procrastinate app that knows every registered job.

    `periodic` maps cron lines (with seconds as a sixth field if wanted) of jobs without arguments to their names.
    """
    app = App(connector=PsycopgConnector(conninfo=plain_url(url), min_size=1, max_size=connections + 2))
    for name in JOBS:
        _register(app, name)

    @app.task(name="jobs.sweep", pass_context=True)
    async def sweep(context: JobContext, timestamp: int = 0) -> None:
        """Takes up the jobs of workers that died; also asked for at each start."""
        for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_SECONDS):
            try:
                await app.job_manager.retry_job(stalled)
            except UniqueViolation:
                # The same was asked for anew meanwhile.
                await app.job_manager.finish_job(stalled, status=Status.ABORTED, delete_job=False)
        await app.job_manager.delete_old_jobs(nb_hours=24)

    app.periodic(cron="* * * * *")(sweep)
    for name, cron in (periodic or {}).items():
        _repeat(app, name, cron)
    return app


def _repeat(app: App, name: str, cron: str) -> None:
    @app.periodic(cron=cron)
    @app.task(name=f"{name}.periodic", queueing_lock=f"{name}.periodic")
    def task(timestamp: int) -> None:
        run(name)


def run_until_quiet(url: str, *, hurry: bool = True, concurrency: int = 1) -> None:
    """Runs all waiting jobs in this process until none is left, for tests and one-off commands.

    `hurry`: jobs that wait for another try are taken at once, so that nothing waits in real time.
    """
    while True:
        if hurry:
            with scope():
                session.connection().exec_driver_sql(
                    "update procrastinate_jobs set scheduled_at = null where status = 'todo'"
                )
                session.connection().exec_driver_sql("update mailbox_paces set paused_until = null")
                session.commit()
        with scope():
            waiting = session.connection().exec_driver_sql(
                "select count(*) from procrastinate_jobs where status = 'todo'"
            )
            if not waiting.scalar_one():
                return
        worker(url).run_worker(wait=False, concurrency=concurrency, install_signal_handlers=False, listen_notify=False)
