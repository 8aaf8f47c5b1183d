"""Jobs that fail or die while another of their kind waits already."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from backend import jobs, worker
from tests.world import World

pytestmark = pytest.mark.slow
NAME = "tests.once"
ADD = """insert into procrastinate_jobs (queue_name, task_name, priority, queueing_lock, args, status, scheduled_at)
         values ('default', %s, 0, %s, '{}', %s, now() + %s * interval '1 hour') returning id"""


@pytest.fixture
def calls() -> Iterator[list[int]]:
    """How often the job `tests.once` ran; it does nothing else."""
    made: list[int] = []
    jobs.job(NAME)(lambda: made.append(1))
    yield made
    del jobs.JOBS[NAME]


@pytest.fixture
def queue(world: World) -> Iterator[psycopg.Connection]:
    with psycopg.connect(world.settings.database_url, autocommit=True) as connection:
        yield connection


def work_off(world: World) -> None:
    """Does what is due, and ends. In a thread of its own: a browser test's driver has an event loop in this one."""
    app = worker.queues(world.settings.database_url)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(app.run_worker, wait=False, install_signal_handlers=False).result()


def states(queue: psycopg.Connection) -> set[str]:
    rows = queue.execute("select status from procrastinate_jobs where task_name = %s", (NAME,)).fetchall()
    return {str(status) for (status,) in rows}


def test_a_job_that_fails_leaves_the_work_to_the_one_that_waits(
    world: World, calls: list[int], queue: psycopg.Connection
) -> None:
    def work() -> None:
        calls.append(1)
        if len(calls) == 1:
            queue.execute(ADD, (NAME, "key", "todo", 0))
            raise ValueError("not this time")

    jobs.JOBS[NAME] = jobs.Job(NAME, work, None)
    queue.execute(ADD, (NAME, "key", "todo", 0))
    world.work()
    assert (len(calls), states(queue)) == (2, {"succeeded"})


def test_a_dead_workers_job_whose_kind_waits_does_not_keep_the_others_from_being_taken_up(
    world: World, calls: list[int], queue: psycopg.Connection
) -> None:
    queue.execute(ADD, (NAME, "key", "todo", 1))
    queue.execute(ADD, (NAME, "key", "doing", 0))
    queue.execute(ADD, (NAME, None, "doing", 0))
    queue.execute(ADD, ("jobs.sweep", None, "todo", 0))
    for _round in range(2):
        work_off(world)
    assert (len(calls), states(queue)) == (1, {"succeeded", "aborted", "todo"})


def test_what_asks_for_a_job_that_waits_already_is_seen_by_it(
    world: World, calls: list[int], queue: psycopg.Connection
) -> None:
    """A worker that takes the waiting job before this transaction ends would not see what was done in it."""
    queue.execute(ADD, (NAME, "key", "todo", 0))
    with world.rows():
        jobs.later(NAME, once="key")
        work_off(world)
        assert calls == [], "it waits for this transaction"
    world.work()
    assert len(calls) == 1


def test_what_somebody_waits_for_does_not_queue_behind_a_thousand_mails(world: World) -> None:
    with world.rows():
        for name in ("mail.confirm", "mail.take_in", "chat.post", "mentions.tell"):
            jobs.later(name)
    with psycopg.connect(world.settings.database_url) as connection:
        rows = connection.execute("select task_name, queue_name, priority from procrastinate_jobs").fetchall()
    assert set(rows) == {
        ("mail.confirm", "default", -1),
        ("mail.take_in", "default", 0),
        ("chat.post", "live", 0),
        ("mentions.tell", "live", 0),
    }


# A worker whose only job cuts, the first time, all its lines to the database and lets no new ones in.
CUT_OFF = """
import os, signal, sys
import psycopg
from backend import db, jobs, worker

url, name = sys.argv[1:]
done = []

def work():
    done.append(1)
    print("done", len(done), flush=True)
    if len(done) == 1:
        with psycopg.connect(url, dbname="postgres", autocommit=True) as admin:
            admin.execute(f'alter database "{name}" allow_connections false')
            lines = "datname = %s and application_name like 'deskside%%'"
            admin.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where {lines}", (name,))
    else:
        os.kill(os.getpid(), signal.SIGTERM)

jobs.job("tests.once")(work)
db.configure(url, pool=2)
worker.work(worker.queues(url, patience=1.0), concurrency=1, seconds_to_finish=5.0)
"""


def test_a_worker_that_loses_its_database_waits_for_it_and_does_again_what_it_was_at(
    world: World, queue: psycopg.Connection
) -> None:
    url, name = world.settings.database_url, queue.info.dbname
    queue.execute(ADD, (NAME, None, "todo", 0))
    command = [sys.executable, "-u", "-c", CUT_OFF, url, name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        said = []
        with psycopg.connect(url, dbname="postgres", autocommit=True) as admin:
            try:
                for line in process.stdout:
                    said.append(line)
                    if "the database is away" in line:
                        admin.execute(f'alter database "{name}" allow_connections true')
                process.wait(60)
            finally:
                process.kill()
                admin.execute(f'alter database "{name}" allow_connections true')
    assert ("done 2\n" in said, process.returncode) == (True, 0), "".join(said)[-3_000:]
    assert states(queue) == {"succeeded"}
