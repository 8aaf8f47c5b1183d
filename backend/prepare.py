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
    with db.scope() as session:
        known = session.execute(text("select exists (select from customers)")).scalar_one()
    if not known:
        importlib.import_module("backend.demo").load()


if __name__ == "__main__":
    main(empty="--empty" in sys.argv[1:])
