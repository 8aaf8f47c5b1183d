"""The rows of a table that were not imported, as a table again: to be put right and imported."""

import csv
import io
from collections.abc import Iterable

from backend.i18n import _
from backend.orders.cells import Cell, Table
from backend.orders.drafts import Problem, Sheet


def _inert(cell: Cell) -> str:
    """`cell` as text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    text = f"{cell.normalize():f}" if not isinstance(cell, str) and hasattr(cell, "normalize") else str(cell)
    return f"'{text}" if isinstance(cell, str) and text[:1] in ("=", "+", "-", "@", "\t") else text


def refused_rows(table: Table, sheet: Sheet, problems: Iterable[Problem]) -> bytes:
    """CSV for Excel: every row of each refused order, what is wrong with it, and the row as it was."""
    said: dict[int, list[str]] = {}
    numbers = set()
    for problem in problems:
        where = f"{problem.column}: " if problem.column else ""
        said.setdefault(problem.row, []).append(where + problem.sentence)
        numbers.add(problem.number)
    rows = said.keys() | {row for draft in sheet.drafts if draft.number in numbers for row in draft.rows}
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_("Row"), _("What is wrong"), *(_inert(heading) for heading in sheet.headings)])
    for row in table.rows:
        if row.number in rows:
            writer.writerow([row.number, _inert(" ".join(said.get(row.number, ()))), *map(_inert, row.cells)])
    return out.getvalue().encode("utf-8-sig")
