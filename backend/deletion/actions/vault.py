"""Rows put away as they are, with everything that hangs on them, and put back.

What hangs on what is read from the database itself: a table that is added later, and whose rows go with their ticket,
is put away with it. What is put away stands in no other table, so that no list, count or search can show it.
"""

from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any

from sqlalchemy import text

from backend.db import session

ROOT = "tickets"
# Besides what names the ticket, of rows that stay: put back with it.
_ALSO_KEPT = {"inbound_mails": ("outcome",)}
_EDGES = text(
    "select child.relname, a.attname, parent.relname, c.confdeltype = 'c' from pg_constraint c "
    "join pg_class child on child.oid = c.conrelid join pg_class parent on parent.oid = c.confrelid "
    "join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1] "
    "where c.contype = 'f' and c.connamespace = 'public'::regnamespace and cardinality(c.conkey) = 1 "
    "and c.confdeltype in ('c', 'n') order by 1, 2"
)
_COLUMNS = text(
    "select column_name::text from information_schema.columns where table_schema = 'public' and table_name = :t "
    "intersect select jsonb_object_keys(row) from deleted_rows where number = :n and table_name = :t "
    "and named_only = :named order by 1"
)


@dataclass(frozen=True)
class Edge:
    """A column of `child` that names a row of `parent`: with it the row goes (`cascades`), or only its name."""

    child: str
    column: str
    parent: str
    cascades: bool


@dataclass
class Shape:
    """How the tables hang on the ticket."""

    edges: list[Edge]
    tables: list[str] = field(default_factory=list)  # parents before their children

    @classmethod
    def read(cls) -> "Shape":
        """As the database says it now."""
        shape = cls([Edge(*row) for row in session.execute(_EDGES)])
        reached, before = {ROOT}, 0
        while len(reached) > before:
            before = len(reached)
            reached |= {edge.child for edge in shape.edges if edge.cascades and edge.parent in reached}
        order = TopologicalSorter[str]({table: set() for table in reached})
        for edge in shape.edges:
            if edge.child in reached and edge.parent in reached and edge.child != edge.parent:
                order.add(edge.child, edge.parent)
        shape.tables = list(order.static_order())
        return shape

    def naming(self, child: str, *, cascades: bool | None = None) -> list[Edge]:
        """The columns by which `child` hangs on other tables."""
        return [edge for edge in self.edges if edge.child == child and cascades in (None, edge.cascades)]


def put_away(number: int, ticket_ids: list[int]) -> None:
    """Puts these tickets away under `number`, with every row that goes with them, and deletes them."""
    shape, taken = Shape.read(), {ROOT: ticket_ids}
    _keep(number, ROOT, "x.id = any(:ids)", ids=ticket_ids)
    for table in shape.tables:
        if table != ROOT:
            taken[table] = _keep_hanging(number, table, shape, taken)
    for child in sorted({edge.child for edge in shape.edges if not edge.cascades}):
        _keep_names(number, child, shape, taken)
    session.execute(text("delete from tickets where id = any(:ids)"), {"ids": ticket_ids})
    session.expire_all()


def _keep(number: int, table: str, condition: str, **values: Any) -> list[int]:
    """Keeps the rows of `table` under `condition`; their ids."""
    rows = session.execute(
        text(
            "insert into deleted_rows (number, table_name, row, named_only) "
            f'select :number, :table, to_jsonb(x), false from "{table}" x where {condition} '
            "returning (row ->> 'id')::bigint"
        ),
        {"number": number, "table": table, **values},
    )
    return [row[0] for row in rows if row[0] is not None]


def _keep_hanging(number: int, table: str, shape: Shape, taken: dict[str, list[int]]) -> list[int]:
    edges = [edge for edge in shape.naming(table, cascades=True) if edge.parent != table and taken.get(edge.parent)]
    if not edges:
        return []
    named = " or ".join(f'x."{edge.column}" = any(:p{place})' for place, edge in enumerate(edges))
    values = {f"p{place}": taken[edge.parent] for place, edge in enumerate(edges)}
    found = _keep(number, table, f"({named})", **values)
    own = [edge for edge in shape.naming(table, cascades=True) if edge.parent == table]
    fresh = found
    while own and fresh:
        below = " or ".join(f'x."{edge.column}" = any(:fresh)' for edge in own)
        fresh = _keep(number, table, f"({below}) and x.id <> all(:found)", fresh=fresh, found=found)
        found = [*found, *fresh]
    return found


def _keep_names(number: int, child: str, shape: Shape, taken: dict[str, list[int]]) -> None:
    """What rows that stay say of the ticket's rows, which they cannot say once these are gone."""
    edges = [edge for edge in shape.naming(child, cascades=False) if taken.get(edge.parent)]
    if not edges:
        return
    conditions = [f'x."{edge.column}" = any(:p{place})' for place, edge in enumerate(edges)]
    of_edges = zip(edges, conditions, strict=True)
    pairs = ", ".join(
        [
            *(f"'{edge.column}', case when {met} then x.\"{edge.column}\" end" for edge, met in of_edges),
            *(f"'{column}', x.\"{column}\"" for column in _ALSO_KEPT.get(child, ())),
        ]
    )
    named = " or ".join(conditions)
    values: dict[str, Any] = {f"p{place}": taken[edge.parent] for place, edge in enumerate(edges)}
    session.execute(
        text(
            "insert into deleted_rows (number, table_name, row, named_only) "
            f"select :number, :child, jsonb_build_object('id', x.id, {pairs}), true from \"{child}\" x "
            f"where ({named}) and x.id <> all(:there)"
        ),
        {"number": number, "child": child, "there": taken.get(child, []), **values},
    )


def put_back(number: int) -> None:
    """Puts everything back that was put away under `number`; what it named and is gone since is no longer named."""
    shape = Shape.read()
    for table in shape.tables:
        columns = _columns(number, table, named=False)
        if columns:
            wanted = ", ".join(_value(column, table, shape) for column in columns)
            session.execute(
                text(
                    f'insert into "{table}" ({_listed(columns)}) select {wanted} from deleted_rows d, '
                    f'jsonb_populate_record(null::"{table}", d.row) p '
                    "where d.number = :number and d.table_name = :table and not d.named_only order by d.id"
                ),
                {"number": number, "table": table},
            )
    for child in sorted({edge.child for edge in shape.edges if not edge.cascades}):
        columns = [column for column in _columns(number, child, named=True) if column != "id"]
        if columns:
            changed = ", ".join(f'"{column}" = {_named(column, child, shape)}' for column in columns)
            session.execute(
                text(
                    f'update "{child}" x set {changed} from deleted_rows d, '
                    f'jsonb_populate_record(null::"{child}", d.row) p '
                    "where d.number = :number and d.table_name = :table and d.named_only and x.id = p.id"
                ),
                {"number": number, "table": child},
            )
    session.expire_all()


def _columns(number: int, table: str, *, named: bool) -> list[str]:
    return list(session.scalars(_COLUMNS, {"n": number, "t": table, "named": named}))


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _named(column: str, table: str, shape: Shape) -> str:
    """The same for a row that has stayed: what it has come to name since it goes on naming."""
    value = _value(column, table, shape)
    return value if column in _ALSO_KEPT.get(table, ()) else f'coalesce(x."{column}", {value})'


def _value(column: str, table: str, shape: Shape) -> str:
    """The column of the kept row, or nothing where it names a row that may be gone and is."""
    for edge in shape.naming(table, cascades=False):
        if edge.column == column and edge.parent != table:
            return f'(select o.id from "{edge.parent}" o where o.id = p."{column}")'
    return f'p."{column}"'
