"""Alembic's entry: migrations run against the database named by `backend.migrate`."""

from alembic import context
from sqlalchemy import NullPool, create_engine

from backend.db import Base, driver_url
from backend.migrate import load_models

load_models()


def _ours(name: str | None, kind: str, parents: object) -> bool:
    return not (kind == "table" and (name or "").startswith("procrastinate"))


url = context.config.attributes["url"]
with create_engine(driver_url(url), poolclass=NullPool).connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=_ours,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
