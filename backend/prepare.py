"""Makes the database of a trial installation ready: its tables, and at the first start the demo company."""

import sys

from backend import config, db, log, migrate
from backend.demo.load import load


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
        loaded = load()
    if loaded:
        print("The demo company has moved in.", flush=True)


if __name__ == "__main__":
    main(empty="--empty" in sys.argv[1:])
