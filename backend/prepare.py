"""Makes the database of a trial installation ready: its tables, and at the first start the demo company."""

import importlib
import sys

from sqlalchemy import text

from backend import config, db, log, migrate


def main(*, empty: bool) -> None:
    """Migrates, and loads the demo company unless `empty` or there are customers already.

    Raises what migrations and the demo company raise.
    """
    installation = config.current()
    log.configure(installation)
    migrate.upgrade(installation.database_url)
    if empty:
        return
    db.configure(installation.database_url, pool=2)
    with db.scope() as session, session.begin():
        if session.execute(text("select exists (select from customers)")).scalar_one():
            return
        # Loaded only now: what writes the company's documents is large, and needed once.
        importlib.import_module("backend.demo.load").load()
        print("The demo company is moving in.", flush=True)


if __name__ == "__main__":
    main(empty="--empty" in sys.argv[1:])
