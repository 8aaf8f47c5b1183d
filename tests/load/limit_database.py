"""How the limit app asks PostgreSQL: no ORM, no pool that does more than keep connections."""

import contextlib
from typing import Any

import psycopg
from flask import g
from psycopg.rows import namedtuple_row

from backend import config, db


class Connections:
    """Connections that wait for the next request."""

    def __init__(self) -> None:
        self._free: list[psycopg.Connection[Any]] = []

    def take(self) -> psycopg.Connection[Any]:
        """A free connection, else a new one."""
        with contextlib.suppress(IndexError):
            return self._free.pop()
        url = db.plain_url(config.current().database_url)
        options = "-c timezone=utc -c jit=off"
        return psycopg.connect(url, autocommit=True, row_factory=namedtuple_row, options=options)

    def give_back(self, connection: psycopg.Connection[Any]) -> None:
        """Keeps it for the next request."""
        self._free.append(connection)


connections = Connections()


def rows(query: str, **values: Any) -> list[Any]:
    """All rows of `query`."""
    return g.connection.execute(query, values).fetchall()  # type: ignore[no-any-return]


def row(query: str, **values: Any) -> Any:
    """The first row of `query`, or None."""
    return g.connection.execute(query, values).fetchone()
