"""A worker process: takes the jobs that wait and does them, what died before among them, until it is told to end."""

import asyncio
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import structlog
from procrastinate import App, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import DEFAULT_QUEUE, Status
from procrastinate.jobs import Job as StoredJob
from procrastinate.retry import BaseRetryStrategy
from procrastinate.worker import Worker

from backend.db import plain_url, scope, session, watchful
from backend.jobs import JOBS, LIVE, NotYet, TryAgainIn, queue_of, run

log = structlog.get_logger(__name__)
ATTEMPTS = 12  # with the waits below: about an hour and a half
_LIVE_THREADS = 2
_STALLED_SECONDS = 30.0
_SECONDS_FOR_A_LINE = 10.0  # to the database
_SECONDS_BETWEEN = 1.0  # one try to reach the database and the next
_SECONDS_TO_LOOK = 1.0  # for jobs whose time has come: of these nobody is told


class _GrowingWaits(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: StoredJob) -> RetryDecision | None:
        if job.attempts >= ATTEMPTS and not isinstance(exception, NotYet):
            return None
        if isinstance(exception, TryAgainIn):
            seconds = exception.seconds
        else:
            seconds = min(900.0, 1.0 * 2**job.attempts) * random.uniform(0.8, 1.2)
        return RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=seconds))


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


async def _take_up_all(app: App) -> None:
    """The jobs of workers that died, or that are not known any more, wait again."""
    for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_SECONDS):
        await _take_up(app, stalled)


def queues(
    url: str, *, periodic: dict[str, str] | None = None, connections: int = 6, patience: float = _SECONDS_FOR_A_LINE
) -> App:
    """The Procrastinate app that knows every registered job; a connection is waited for as long as its `patience`.

    `periodic` maps cron lines (with seconds as a sixth field if wanted) of jobs without arguments to their names.
    """
    pool = _Lines(
        conninfo=plain_url(url),
        kwargs=watchful(url) | {"application_name": "deskside queue"},
        timeout=patience,
        min_size=1,
        max_size=connections + 2,
    )
    app = App(connector=pool)
    for name in JOBS:
        _register(app, name)

    @app.task(name="jobs.sweep", pass_context=True)
    async def sweep(context: JobContext, timestamp: int = 0) -> None:
        """Takes up the jobs of workers that died; also asked for at each start."""
        await _take_up_all(app)
        await app.job_manager.delete_old_jobs(nb_hours=24)

    app.periodic(cron="* * * * *")(sweep)
    for name, cron in (periodic or {}).items():
        _repeat(app, name, cron)
    return app


class _Lines(PsycopgConnector):
    """The worker's connections."""

    async def open_async(self, pool: Any = None) -> None:
        """Opens them once one can be opened: the pool alone would look for the database ever more seldom."""
        where, how = self._pool_args["conninfo"], self._pool_args["kwargs"]
        await (await psycopg.AsyncConnection.connect(where, **how)).close()
        await super().open_async(pool)


class _Queue(Worker):
    """Reads one queue until it is stopped, or until it cannot keep account of its jobs any more."""

    async def _persist_job_status(self, *given: Any, **named: Any) -> None:
        try:
            await super()._persist_job_status(*given, **named)
        except Exception:
            # As long as this one lives, its job would be held as running.
            self.stop()  # type: ignore[no-untyped-call]
            raise


class _Patient:
    """Reads both queues for as long as nobody asks for the end, whatever becomes of the database meanwhile."""

    def __init__(self, app: App, concurrency: int, seconds_to_finish: float) -> None:
        self._app, self._concurrency, self._seconds_to_finish = app, concurrency, seconds_to_finish
        self._asked_to_end = asyncio.Event()
        self._left: list[int] = []  # what we were known as when the database went away

    async def run(self) -> None:
        """Raises what is neither the database's absence nor the wish to end."""
        loop = asyncio.get_running_loop()
        # The loop's own pool of threads is as large as the machine has processors, and four.
        loop.set_default_executor(ThreadPoolExecutor(threads(self._concurrency), "job"))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_end.set)
        while not self._asked_to_end.is_set():
            try:
                await self._until_it_breaks()
            except Exception as error:
                if not _away(error):
                    raise
                log.warning("the database is away; trying again", error=type(error.__cause__ or error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked_to_end.wait(), _SECONDS_BETWEEN)

    async def _until_it_breaks(self) -> None:
        try:
            await self._app.open_async()
            for known_as in self._left:
                await self._app.job_manager.unregister_worker(known_as)
            self._left.clear()
            # Whether what we were doing was done when the line broke nobody knows: it is done again.
            await _take_up_all(self._app)
            await self._both()
        finally:
            await self._app.close_async()

    async def _both(self) -> None:
        queues = [
            _Queue(
                self._app,
                queues=[queue],
                concurrency=together,
                install_signal_handlers=False,
                shutdown_graceful_timeout=self._seconds_to_finish,
                fetch_job_polling_interval=_SECONDS_TO_LOOK,
            )
            for queue, together in ((DEFAULT_QUEUE, self._concurrency), (LIVE, _LIVE_THREADS))
        ]
        running = [asyncio.create_task(queue.run()) for queue in queues]  # type: ignore[no-untyped-call]
        # One that breaks ends the other too: both begin anew.
        asked = asyncio.create_task(self._asked_to_end.wait())
        await asyncio.wait([*running, asked], return_when=asyncio.FIRST_COMPLETED)
        for one in (*running, asked):
            one.cancel()
        ended = await asyncio.gather(*running, return_exceptions=True)
        self._left += [queue.worker_id for queue in queues if queue.worker_id is not None]
        broken = [result for result in ended if isinstance(result, Exception)]
        if broken:
            raise next((error for error in broken if not _away(error)), broken[0])


def _away(error: BaseException) -> bool:
    """Whether the database could not be reached, or the line to it broke."""
    return isinstance(error.__cause__ or error, psycopg.OperationalError | psycopg.InterfaceError)


def work(app: App, *, concurrency: int, seconds_to_finish: float) -> None:
    """Does the jobs of `app` until SIGTERM, `concurrency` at the same time beside those somebody waits for.

    Running ones may take `seconds_to_finish` then. While the database is away it waits. Raises what else keeps the
    queue from being read.
    """
    asyncio.run(_Patient(app, concurrency, seconds_to_finish).run())


def threads(concurrency: int) -> int:
    """How many jobs run at the same time in a worker of this `concurrency`: each needs a connection."""
    return concurrency + _LIVE_THREADS


def _repeat(app: App, name: str, cron: str) -> None:
    @app.periodic(cron=cron)
    @app.task(name=f"{name}.periodic", queueing_lock=f"{name}.periodic", queue=queue_of(name))
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
        queues(url, connections=concurrency).run_worker(
            wait=False, concurrency=concurrency, install_signal_handlers=False, listen_notify=False
        )
