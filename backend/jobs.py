"""Background work on the same PostgreSQL: a job is deferred in the transaction that changes the rows.

Each job is one function with ids and plain values as arguments, registered by name. It runs in a transaction of
its own: return commits, raise rolls back and the job is tried again with growing waits. Every job may run twice.
"""

import asyncio
import random
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import structlog
from procrastinate import App, JobContext, PsycopgConnector, RetryDecision, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import DEFAULT_QUEUE, Status
from procrastinate.jobs import Job as StoredJob
from procrastinate.manager import JobManager
from procrastinate.retry import BaseRetryStrategy
from procrastinate.tasks import configure_task

from backend.db import plain_url, scope, session

log = structlog.get_logger(__name__)
Work = TypeVar("Work", bound=Callable[..., None])
ATTEMPTS = 12  # with the waits below: about an hour and a half
# Jobs of these features have a queue and threads of their own: somebody looks at the screen and waits for a line, and a
# thousand mails, or a mailbox that answers slowly, must not stand before it.
_LIVE, _LIVE_FEATURES, _LIVE_THREADS = "live", ("chat", "mentions"), 2
# Nobody waits for these: they come after all others.
_LAST = ("mail.confirm", "visits.look_busy_of", "visits.read_busy")
_STALLED_SECONDS = 30.0
_SECONDS_TO_LOOK = 1.0  # for jobs whose time has come: of these nobody is told


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
            queue=_queue(name),
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


def _queue(name: str) -> str:
    return _LIVE if name.partition(".")[0] in _LIVE_FEATURES else DEFAULT_QUEUE


def asked_for(keys: Iterable[str]) -> set[str]:
    """Those of `keys` (see `once`) under which a job waits or is being done."""
    found = (
        "select distinct queueing_lock from procrastinate_jobs "
        "where status in ('todo', 'doing') and queueing_lock = any(%s)"
    )
    return {row[0] for row in session.connection().exec_driver_sql(found, (list(keys),))}


def worker_lives() -> bool:
    """Whether some worker has shown a sign of life in the last minute."""
    alive = "select exists(select from procrastinate_workers where last_heartbeat > now() - interval '60 s')"
    return bool(session.connection().exec_driver_sql(alive).scalar_one())


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
            # Waiting again beside one with the same key is not possible: the job would be held as running for ever.
            if _another_waits(context.job.queueing_lock):
                return
            if isinstance(error, NotYet):
                _uncount(context.job)
            raise


def _uncount(job: StoredJob) -> None:
    """The library counts each try; this one was none."""
    with scope():
        session.connection().exec_driver_sql(
            "update procrastinate_jobs set attempts = attempts - 1 where id = %s", (job.id,)
        )
        session.commit()


def _another_waits(once: str | None) -> bool:
    """Whether a job with this key is waiting, which does the same."""
    if once is None:
        return False
    with scope():
        waiting = "select count(*) from procrastinate_jobs where status = 'todo' and queueing_lock = %s"
        return bool(session.connection().exec_driver_sql(waiting, (once,)).scalar_one())


async def _take_up(app: App, stalled: StoredJob) -> None:
    """The job of a worker that died waits again, unless one with the same key waits already: that one does it all."""
    try:
        await app.job_manager.retry_job(stalled)
    except UniqueViolation:
        await app.job_manager.finish_job(stalled, status=Status.ABORTED, delete_job=False)


def checkpoint() -> None:
    """Commits what the running job has done so far: before an effect outside that must not be begun a second time."""
    session.commit()


def worker(url: str, *, periodic: dict[str, str] | None = None, connections: int = 4) -> App:
    """The Procrastinate app that knows every registered job.

    `periodic` maps cron lines (with seconds as a sixth field if wanted) of jobs without arguments to their names.
    """
    pool = PsycopgConnector(conninfo=plain_url(url), min_size=1, max_size=connections + _LIVE_THREADS + 2)
    app = App(connector=pool)
    for name in JOBS:
        _register(app, name)

    @app.task(name="jobs.sweep", pass_context=True)
    async def sweep(context: JobContext, timestamp: int = 0) -> None:
        """Takes up the jobs of workers that died; also asked for at each start."""
        for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_SECONDS):
            await _take_up(app, stalled)
        await app.job_manager.delete_old_jobs(nb_hours=24)

    app.periodic(cron="* * * * *")(sweep)
    for name, cron in (periodic or {}).items():
        _repeat(app, name, cron)
    return app


async def _both_queues(app: App, concurrency: int, seconds_to_finish: float) -> None:
    loop, asked_to_end = asyncio.get_running_loop(), asyncio.Event()
    # The loop's own pool of threads is as large as the machine has processors, and four.
    loop.set_default_executor(ThreadPoolExecutor(threads(concurrency), "job"))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked_to_end.set)
    async with app.open_async():
        workers = [
            asyncio.create_task(
                app.run_worker_async(
                    queues=[queue],
                    concurrency=together,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=seconds_to_finish,
                    fetch_job_polling_interval=_SECONDS_TO_LOOK,
                )
            )
            for queue, together in ((DEFAULT_QUEUE, concurrency), (_LIVE, _LIVE_THREADS))
        ]
        # One that breaks ends the other too, and with it the process: whoever started it starts it again.
        await asyncio.wait([*workers, asyncio.create_task(asked_to_end.wait())], return_when=asyncio.FIRST_COMPLETED)
        for one in workers:
            one.cancel()
        ended = await asyncio.gather(*workers, return_exceptions=True)
    broken = [result for result in ended if isinstance(result, Exception)]
    if broken:
        raise broken[0]


def work(app: App, *, concurrency: int, seconds_to_finish: float) -> None:
    """Does the jobs of `app` until SIGTERM, `concurrency` at the same time beside those somebody waits for.

    Running ones may take `seconds_to_finish` then. Raises what keeps the queue from being read.
    """
    asyncio.run(_both_queues(app, concurrency, seconds_to_finish))


def threads(concurrency: int) -> int:
    """How many jobs run at the same time in a worker of this `concurrency`: each needs a connection."""
    return concurrency + _LIVE_THREADS


def _repeat(app: App, name: str, cron: str) -> None:
    @app.periodic(cron=cron)
    @app.task(name=f"{name}.periodic", queueing_lock=f"{name}.periodic", queue=_queue(name))
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
