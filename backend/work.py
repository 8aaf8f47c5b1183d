"""Starts a worker: background jobs and everything that repeats, until SIGTERM."""

import sys

from backend import config, db, jobs, log, schedule, worker
from backend.config import ConfigError

_SECONDS_TO_FINISH = 5.0
schedule.load()


def main() -> None:
    """Works until SIGTERM, then lets running jobs finish for a moment; what is cut off is taken up again later.

    Ends with status 1 and all wrong settings when there are any.
    """
    try:
        installation = config.current()
    except ConfigError as error:
        sys.exit(str(error))
    log.configure(installation)
    db.configure(installation.database_url, pool=worker.threads(installation.work_concurrency) + 2)
    url, concurrency = installation.database_url, installation.work_concurrency
    app = worker.queues(url, periodic=schedule.PERIODIC, connections=worker.threads(concurrency))
    for name in schedule.AT_START:
        jobs.run(name)
    worker.work(app, concurrency=concurrency, seconds_to_finish=_SECONDS_TO_FINISH)


if __name__ == "__main__":
    main()
