"""The database: one engine per process, one session per request or job."""

import contextvars
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Engine, MetaData, create_engine
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session, sessionmaker

_engine: Engine | None = None
_scopes = itertools.count(1)
_scope: contextvars.ContextVar[int] = contextvars.ContextVar("database_scope", default=0)


class Base(DeclarativeBase):
    """All tables. Times are stored in UTC, dictionaries and lists as jsonb."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        list[str]: JSONB,
    }


_factory = sessionmaker[Session](expire_on_commit=False)
session: scoped_session[Session] = scoped_session(_factory, scopefunc=_scope.get)


def driver_url(url: str) -> str:
    """`url` (postgresql://…) as SQLAlchemy wants it for psycopg 3."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme != "postgresql+psycopg" else url


def plain_url(url: str) -> str:
    """`url` as libpq wants it."""
    return "postgresql://" + url.partition("://")[2]


def configure(url: str, *, pool: int = 8, seconds: int = 0) -> Engine:
    """Binds this process to the database at `url` with up to `pool` kept connections (as many again at peaks).

    A statement that takes longer than `seconds` is given up; 0: none is.
    """
    global _engine
    if _engine is not None:
        _engine.dispose()
    _engine = create_engine(
        driver_url(url),
        pool_size=pool,
        max_overflow=pool,
        pool_pre_ping=True,
        # A failed statement is logged; what people wrote, and the hashes of cookies, are not.
        hide_parameters=True,
        connect_args={
            "options": f"-c timezone=utc -c jit=off -c statement_timeout={seconds * 1000}",
            "application_name": "deskside",
        },
    )
    _factory.configure(bind=_engine)
    return _engine


def engine() -> Engine:
    """This process's engine. Raises RuntimeError before `configure`."""
    if _engine is None:
        raise RuntimeError("the database has not been configured")
    return _engine


@contextmanager
def scope() -> Iterator[scoped_session[Session]]:
    """Gives the code inside a session of its own; leaves without commit, so what was not committed is undone."""
    token = _scope.set(next(_scopes))
    try:
        yield session
    finally:
        session.remove()
        _scope.reset(token)
