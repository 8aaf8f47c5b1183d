"""Whether an installation's data is whole: database and files, read only, in a few passes over everything.

`deskside doctor --data` is for the morning after a restore, and for whoever wants to know. It reads one moment of the
database; files are listed after that moment, since a file is always written before the row that names it.
"""

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from backend import config, db, files
from backend.config import ConfigError
from backend.data_rules import FILES, RULES, Rule
from backend.errors import NotFound

_SHOWN = 10  # ids of each finding
_BATCH = 2_000
_MANY = 1_000  # files from which on the terminal hears how far it is
_FOREIGN_KEYS = """
select conrelid::regclass::text, a.attname, confrelid::regclass::text, fa.attname
from pg_constraint c
join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
join pg_attribute fa on fa.attrelid = c.confrelid and fa.attnum = c.confkey[1]
where contype = 'f' and connamespace = 'public'::regnamespace and cardinality(conkey) = 1 order by 1, 2
"""
_KEYS = """
select array_agg(a.attname order by a.attnum) from pg_index i
join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
where i.indrelid = %s::regclass and i.indisprimary
"""
Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Result:
    """What one look has found: `ids` are the first of the `wrong` ones among `looked_at`."""

    says: str
    looked_at: int
    wrong: int = 0
    ids: tuple[str, ...] = ()
    do: str = ""
    hint: bool = False

    @property
    def fails(self) -> bool:
        """Whether something is wrong, not only worth a look."""
        return bool(self.wrong) and not self.hint

    def __str__(self) -> str:
        if not self.wrong:
            return f"ok    {self.says} ({self.looked_at:,})"
        more = ", …" if self.wrong > len(self.ids) else ""
        mark = "hint " if self.hint else "WRONG"
        lead = f"{mark} Not so for {self.wrong:,} of {self.looked_at:,}: {self.says}"
        return f"{lead}\n        {', '.join(self.ids)}{more}\n        {self.do}"


def _found(connection: Connection, query: sql.Composable) -> tuple[int, tuple[str, ...]]:
    """How many rows `query` gives, and the first of them."""
    whole = sql.SQL(
        "with wrong as materialized ({query}) select (select count(*) from wrong), "
        "array(select w::text from (select * from wrong limit {shown}) as x (w))"
    ).format(query=query, shown=_SHOWN)
    number, ids = connection.execute(whole).fetchall()[0]
    return int(number), tuple(ids)


def _count(connection: Connection, table: str) -> int:
    return int(connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table))).fetchall()[0][0])


def _by_rule(connection: Connection, rule: Rule, counts: dict[str, int]) -> Result:
    if rule.table not in counts:
        counts[rule.table] = _count(connection, rule.table)
    wrong, ids = _found(connection, sql.SQL(rule.wrong))
    return Result(rule.says, counts[rule.table], wrong, ids, rule.do, rule.hint)


def _halves(connection: Connection) -> Iterator[Result]:
    """Rows that name another row which is not there, for every foreign key; a table in one sentence."""
    keys: dict[str, list[tuple[str, str, str]]] = {}
    for child, column, parent, target in connection.execute(_FOREIGN_KEYS).fetchall():
        keys.setdefault(child, []).append((column, parent, target))
    for child, named in keys.items():
        primary = connection.execute(_KEYS, [child]).fetchall()[0][0] or [named[0][0]]
        shown = sql.SQL(" || '/' || ").join(sql.SQL("c.{}::text").format(sql.Identifier(one)) for one in primary)
        queries = [
            sql.SQL(
                "select {shown} || {said} from {child} c where c.{column} is not null "
                "and not exists (select from {parent} p where p.{target} = c.{column})"
            ).format(
                shown=shown, said=sql.Literal(f" ({column})"), child=sql.Identifier(child),
                column=sql.Identifier(column), parent=sql.Identifier(parent), target=sql.Identifier(target),
            )
            for column, parent, target in named
        ]  # fmt: skip
        wrong, ids = _found(connection, sql.SQL(" union all ").join(queries))
        parents = ", ".join(sorted({parent for _column, parent, _target in named}))
        yield Result(
            f"All {child} have their {parents}.", _count(connection, child), wrong, ids,
            "The other half is missing; restore the last good backup, or take these rows away.",
        )  # fmt: skip


def _progress(done: int, of: int) -> None:
    if of >= _MANY and sys.stderr.isatty():
        print(f"\r      {done:,} of {of:,} files", end="" if done < of else "\n", file=sys.stderr, flush=True)


def _named(connection: Connection) -> Iterator[tuple[str, str, int | None]]:
    """(first row that names it, SHA-256, size) of every file, in the order of the names."""
    query = f"select min(w), sha, max(size) from ({FILES}) as named (w, sha, size) group by sha order by sha"
    with connection.cursor(name="files") as cursor:
        cursor.itersize = _BATCH
        cursor.execute(query)
        yield from cursor


def _amiss(sha256: str, size: int | None, there: int | None, *, quick: bool) -> str:
    """What is wrong with one file; empty when nothing is."""
    if there is None:
        return "missing"
    if size is not None and size != there:
        return f"{there} bytes instead of {size}"
    if quick:
        return ""
    try:
        content = files.read(sha256)
    except NotFound:
        return "missing"
    return "" if hashlib.sha256(content).hexdigest() == sha256 else "other content"


def _files(connection: Connection, *, quick: bool) -> Result:
    """Every file that a row names is in the store, whole."""
    named = list(_named(connection))
    sizes = dict(files.stored())
    ids: list[str] = []
    wrong = 0
    for number, (row, sha256, size) in enumerate(named, 1):
        reason = _amiss(sha256, size, sizes.get(sha256), quick=quick)
        if reason:
            wrong += 1
            ids += [f"{row}: {sha256} ({reason})"] if len(ids) < _SHOWN else []
        if number % 100 == 0 or number == len(named):
            _progress(number, len(named))
    says = "Every file that a row names is there." if quick else "Every file that a row names is there, unchanged."
    return Result(
        says, len(named), wrong, tuple(ids), "Copy these files from a backup of the files into the same folders."
    )


def looks(connection: Connection, *, quick: bool = False) -> Iterator[Result]:
    """All looks, one after the other. Changes nothing.

    `quick` asks only whether files are there and as long as they should be.
    """
    counts: dict[str, int] = {}
    yield from _halves(connection)
    for rule in RULES:
        yield _by_rule(connection, rule, counts)
    yield _files(connection, quick=quick)


def results(database_url: str, *, quick: bool = False) -> Iterator[Result]:
    """All looks at one moment of the database. Raises psycopg.Error where there is none."""
    with psycopg.connect(db.plain_url(database_url), options="-c timezone=utc -c jit=off") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield from looks(connection, quick=quick)


def main(*, quick: bool = False) -> None:
    """Prints what was looked at. Ends with status 1 when something is wrong."""
    try:
        installation = config.current()
    except ConfigError as error:
        sys.exit(str(error))
    whole, looks = True, 0
    try:
        for result in results(installation.database_url, quick=quick):
            print(result, flush=True)
            whole, looks = whole and not result.fails, looks + 1
    except psycopg.Error as error:
        sys.exit(f"The database cannot be read ({str(error).splitlines()[0]}). `deskside doctor` says more.")
    print(f"{looks} looks: the data is whole." if whole else f"{looks} looks: see what is marked WRONG.")
    sys.exit(0 if whole else 1)
