"""A worker process: takes the jobs that wait and does them, what died before among them, until it is told to end."""

import asyncio
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from procrastinate import App, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import DEFAULT_QUEUE, Status
from procrastinate.jobs import Job as StoredJob
from procrastinate.retry import BaseRetryStrategy

from backend.db import plain_url, scope, session
from backend.jobs import JOBS, LIVE, NotYet, TryAgainIn, queue_of, run

ATTEMPTS = 12  # with the waits below: about an hour and a half
_LIVE_THREADS = 2
_STALLED_SECONDS = 30.0
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


def queues(url: str, *, periodic: dict[str, str] | None = None, connections: int = 4) -> App:
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
            for queue, together in ((DEFAULT_QUEUE, concurrency), (LIVE, _LIVE_THREADS))
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
        queues(url).run_worker(wait=False, concurrency=concurrency, install_signal_handlers=False, listen_notify=False)
