"""The contents of files that a destroyed ticket had: they go too, unless something else names the same content."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, Select, String, bindparam, func, select, text, union
from sqlalchemy.dialects.postgresql import array

from backend import files
from backend.data_rules import FILES
from backend.db import session
from backend.deletion.models import DeletedRow
from backend.jobs import later
from backend.mail.models import InboundMail

_AT_ONCE = 500
_COLUMNS = ("sha256", "file_sha256", "original")  # under which a row names a content
_NAMED = text(
    f"select distinct sha from ({FILES}) as named (w, sha, size) where sha = any(:some) union "
    "select distinct named from deleted_rows, unnest(array[row ->> 'sha256', row ->> 'file_sha256', "
    "row ->> 'original']) as named where named = any(:some)"
).bindparams(bindparam("some", type_=ARRAY(String)))


def leave_contents(numbers: list[int], mails: Select[Any]) -> None:
    """Has the contents looked at that are about to lose a name: by rows of these deleted tickets, which are destroyed,
    and by these mails, whose originals are.
    """
    named = func.unnest(array([DeletedRow.row[column].astext for column in _COLUMNS])).label("sha")
    rows = select(named).where(DeletedRow.number.in_(numbers)).subquery()
    originals = select(InboundMail.original.label("sha")).where(InboundMail.id.in_(mails))
    asked = union(select(rows.c.sha), originals).subquery()
    found = sorted(session.scalars(select(asked.c.sha).where(asked.c.sha.regexp_match("^[0-9a-f]{64}$"))))
    for start in range(0, len(found), _AT_ONCE):
        later("deletion.forget", contents=found[start : start + _AT_ONCE])


def forget(contents: Iterable[str]) -> int:
    """Removes those of these contents that nothing names any more; how many they were.

    One that somebody keeps again this moment is passed over: they name it as soon as they are done.
    """
    free = [one for one in contents if files.nobody_keeps(one)]
    named = set(session.scalars(_NAMED, {"some": free}))
    gone = [one for one in free if one not in named]
    for one in gone:
        files.remove(one)
    return len(gone)
