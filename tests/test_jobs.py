"""Jobs that fail or die while another of their kind waits already."""

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
