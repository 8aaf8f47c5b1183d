"""The demo's rows, made with their ids first and then written at once, table by table."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import TextClause, text

from backend.db import Base, session

_AT_ONCE = 1_000
_OF_TABLE = text("select nextval(pg_get_serial_sequence(:name, 'id')) from generate_series(1, :count)")
_OF_SEQUENCE = text("select nextval(cast(:name as regclass)) from generate_series(1, :count)")


class Rows:
    """Rows that are still to be written, and the ids they get, which PostgreSQL gives by the thousand."""

    def __init__(self) -> None:
        self._numbers: dict[str, Iterator[int]] = {}
        self._waiting: dict[str, list[Base]] = {}

    def id(self, table: type[Base]) -> int:
        """The id of the next row of `table`."""
        return self._next(table.__tablename__, _OF_TABLE)

    def number(self, sequence: str) -> int:
        """The next value of `sequence`."""
        return self._next(sequence, _OF_SEQUENCE)

    def add(self, row: Base) -> None:
        """Keeps `row` until `write`."""
        self._waiting.setdefault(row.__tablename__, []).append(row)

    def write(self) -> None:
        """Writes all rows, those that others refer to first."""
        for table in Base.metadata.sorted_tables:
            session.bulk_save_objects(self._waiting.pop(table.name, ()))

    def _next(self, name: str, statement: TextClause) -> int:
        known: Any = self._numbers.get(name, iter(()))
        found = next(known, None)
        if found is None:
            self._numbers[name] = iter(session.scalars(statement, {"name": name, "count": _AT_ONCE}).all())
            found = next(self._numbers[name])
        return int(found)
