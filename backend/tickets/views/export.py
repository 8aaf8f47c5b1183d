"""A list of tickets as a file: what it shows, with its filters, order and columns, all its pages."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Response, stream_with_context
from flask.typing import ResponseReturnValue

from backend import clock, config
from backend.auth import Who, me, requires
from backend.db import scope
from backend.errors import NotFound
from backend.i18n import _, decimal
from backend.statuses.words import source_name
from backend.tickets import words
from backend.tickets.columns import Column, own_cell
from backend.tickets.models import Status, statuses
from backend.tickets.views.door import blueprint
from backend.tickets.views.filters import conditions
from backend.tickets.views.listing import shown_list
from backend.tickets.views.rows import ids_of, rows_of
from backend.tickets.workbook import Cell, workbook

MOST = 50_000
_BATCH = 1_000
_CHUNK = 1 << 16
_KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Rows:
    """The rows of a file, fetched in batches; each batch in a transaction of its own that ends at once."""

    def __init__(self, who: Who, columns: list[Column], ids: list[int], all_statuses: list[Status]) -> None:
        self._columns = columns
        self._ids = ids
        self._zone = ZoneInfo(who.timezone or config.current().timezone)
        self._statuses = {one.id: words.status_name(one.key, one.name) for one in all_statuses}

    @property
    def heads(self) -> list[str]:
        """The names of the columns."""
        return [column.head for column in self._columns]

    def _cell(self, row: Any, column: Column) -> Cell:
        if column.field is not None:
            return own_cell(row, column.field)
        key = column.key
        moment = {"updated": "updated_at", "created": "created_at"}.get(key)
        if moment:
            return cast(datetime, getattr(row, moment)).astimezone(self._zone).replace(tzinfo=None, microsecond=0)
        if key == "number":
            return int(row.number)
        if key == "status":
            return self._statuses.get(row.status_id, "")
        if key == "activity":
            return words.turn_said(row.activity_status, row.pending_until)
        said = {"type": (words.type_name, "type"), "priority": (words.priority_name, "priority"),
                "impact": (words.impact_name, "impact"), "source": (source_name, "source")}.get(key)  # fmt: skip
        return said[0](getattr(row, said[1])) if said else str(getattr(row, key) or "")

    def __iter__(self) -> Iterator[list[Cell]]:
        keys = [column.key for column in self._columns]
        for start in range(0, len(self._ids), _BATCH):
            with scope():
                rows = rows_of(self._ids[start : start + _BATCH], keys)
            for row in rows:
                yield [self._cell(row, column) for column in self._columns]


def _inert(cell: Cell) -> Cell:
    """`cell` as text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return decimal(cell)
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _csv(rows: _Rows) -> Iterator[bytes]:
    """CSV as Excel opens it by a double click."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    yield b"\xef\xbb\xbf"
    writer.writerow(rows.heads)
    for row in rows:
        writer.writerow([_inert(cell) for cell in row])
        if out.tell() > _CHUNK:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


@blueprint.get("/tickets/export.<form>")
@requires("tickets.read")
def export(form: str) -> ResponseReturnValue:
    """The list of the address as CSV or XLSX."""
    if form not in _KINDS:
        raise NotFound(_("There is nothing here. It may have been moved, or the address is incomplete."))
    who = me()
    shown = shown_list(who)
    # Which tickets it is decided now, by one look: none is missed or comes twice because it changes meanwhile.
    ids = ids_of(conditions(shown.filters, who), shown.order, MOST)
    rows = _Rows(who, [column for column in shown.all_columns if column.key in shown.columns], ids, statuses())
    content = _csv(rows) if form == "csv" else workbook(_("Tickets"), rows.heads, rows)
    response = Response(stream_with_context(content), content_type=_KINDS[form])
    day = clock.now().astimezone(ZoneInfo(who.timezone or config.current().timezone)).date()
    response.headers["Content-Disposition"] = f'attachment; filename="tickets-{day.isoformat()}.{form}"'
    response.headers["Cache-Control"] = "no-store"
    return response
