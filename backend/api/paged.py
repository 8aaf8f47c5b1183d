"""A page of a list that is short enough to be read whole."""

from collections.abc import Sequence

from pydantic import BaseModel

from backend.api import cursor
from backend.api.operation import Listed
from backend.api.shapes.values import PageQuery


def paged(purpose: str, found: Sequence[BaseModel], query: PageQuery) -> Listed:
    """Those of `found` that `query` asks for, and where the list `purpose` goes on. Raises Invalid (cursor)."""
    begin = int(cursor.unseal(purpose, query.cursor)[0]) if query.cursor else 0
    end = begin + query.limit
    return Listed(found[begin:end], cursor.seal(purpose, end) if end < len(found) else "")
