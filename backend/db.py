"""The database: one engine per process, one session per request or job."""

import contextvars
import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Engine, MetaData, create_engine
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session, sessionmaker

_AUTHORITY = re.compile(r"([^/?]*)(/[^?]*)?(?:\?(.*))?$", re.DOTALL)
_SERVER = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(.*))?$")
_WATCHFUL = {
    "connect_timeout": 5,  # of each server that the address names
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
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
    """`url` (postgresql://…) as SQLAlchemy wants it for psycopg 3, which knows several servers by another spelling."""
    rest = url.partition("://")[2]
    where, path, query = _AUTHORITY.match(rest).groups("")  # type: ignore[union-attr]
    user, at, servers = where.rpartition("@")
    if "," in servers:
        hosts, ports = zip(*(_SERVER.match(one).groups("") for one in servers.split(",")), strict=True)  # type: ignore[union-attr]
        named = f"host={','.join(host.strip('[]') for host in hosts)}&port={','.join(port or '5432' for port in ports)}"
        where, query = user + at, f"{named}&{query}" if query else named
    return f"postgresql+psycopg://{where}{path}" + (f"?{query}" if query else "")


def plain_url(url: str) -> str:
    """`url` as libpq wants it."""
    return "postgresql://" + url.partition("://")[2]


def watchful(url: str) -> dict[str, Any]:
    """What a connection to `url` is opened with, so that a server whose machine is gone is given up within seconds.

    The network alone would wait a quarter of an hour for it. What `url` says itself is left out.
    """
    return {name: value for name, value in _WATCHFUL.items() if f"{name}=" not in url.partition("?")[2]}


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
            **watchful(url),
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
