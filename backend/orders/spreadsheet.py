"""XLSX files as rows, by openpyxl: values only. Formulas are never computed: what Excel had last computed counts.

A workbook is a ZIP of XML files, so it is looked at before it is opened: how large it becomes, and that its XML brings
no document type (openpyxl's own documentation says that it does not guard against entities that multiply).
"""

import datetime as dates
import io
import itertools
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook

from backend.i18n import _
from backend.orders.cells import MAX_COLUMNS, MAX_ROWS, Cell, Row, Table, TableError, clean

MAX_UNPACKED = 300_000_000
MAX_MEMBERS = 5_000
_CHUNK = 1 << 20
_LAST_ROW = 1_048_576  # of Excel itself; files name rows far below the last one that holds anything
_XML = (".xml", ".rels", ".vml")


def _too_large() -> TableError:
    return TableError(
        _("This workbook becomes too large when it is unpacked. Please save only the sheet with the orders.")
    )


def _inspected(content: bytes) -> bool:
    """Refuses what must not be opened; returns whether any sheet holds formulas."""
    formulas = False
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        # Python never unpacks more of a member than its entry says, so the entries can be believed.
        if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
            raise _too_large()
        for member in members:
            if not member.filename.lower().endswith(_XML):
                continue
            with archive.open(member) as stream:
                before = b""
                while chunk := stream.read(_CHUNK):
                    if not before and (chunk[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in chunk[:4]):
                        raise TableError(_("This workbook is written in an unusual way. Please save it anew as .xlsx."))
                    if b"<!DOCTYPE" in before + chunk or b"<!ENTITY" in before + chunk:
                        raise TableError(_("This workbook is written in an unusual way. Please save it anew as .xlsx."))
                    formulas = formulas or b"<f>" in before + chunk or b"<f " in before + chunk
                    before = chunk[-16:]
    return formulas


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        number = Decimal(str(value))
        return number if number.is_finite() else str(value)
    if isinstance(value, dates.datetime):
        return value.date()
    if isinstance(value, dates.date):
        return value
    return clean(str(value))


def _values(content: bytes, sheet: str, *, computed: bool) -> Iterator[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=computed, keep_links=False)
    try:
        page = book[sheet]
        page.reset_dimensions()  # what a file says of its own size is often wrong
        yield from page.iter_rows(max_row=_LAST_ROW, max_col=MAX_COLUMNS + 1, values_only=True)
    finally:
        book.close()


def _sheets(content: bytes) -> tuple[str, ...]:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        return tuple(page.title for page in book.worksheets if page.sheet_state == "visible")
    finally:
        book.close()


def _row(values: tuple[Any, ...], formulas: tuple[Any, ...] | None) -> tuple[Cell, ...]:
    """The cells without empty ones at the end; a formula that nobody has computed yet is shown as it is written."""
    cells = [_cell(value) for value in values]
    if formulas is not None:
        for place, formula in enumerate(formulas[: len(cells)]):
            if cells[place] == "" and formula is not None:
                cells[place] = clean(formula if isinstance(formula, str) else f"={getattr(formula, 'text', '')}")
    while cells and cells[-1] == "":
        cells.pop()
    return tuple(cells)


def _read(content: bytes, wanted: str) -> Table:
    has_formulas = _inspected(content)
    names = _sheets(content)
    if not names:
        raise TableError(_("This workbook has no visible sheet."))
    if wanted and wanted not in names:
        raise TableError(_("This workbook has no sheet named %(name)s.", name=wanted))
    sheet = wanted or names[0]
    computed = _values(content, sheet, computed=True)
    formulas: Iterator[tuple[Any, ...] | None] = itertools.repeat(None)
    if has_formulas:
        formulas = _values(content, sheet, computed=False)
    rows: list[Row] = []
    for number, (values, written) in enumerate(zip(computed, formulas, strict=False), start=1):
        if values.count(None) == len(values) and (written is None or written.count(None) == len(written)):
            continue
        cells = _row(values, written)
        if len(cells) > MAX_COLUMNS:
            raise TableError(_("This table has more than %(max)s columns.", max=MAX_COLUMNS))
        if len(rows) > MAX_ROWS:
            raise TableError(_("This table has more than %(max)s rows. Please divide it.", max=MAX_ROWS))
        if cells:
            rows.append(Row(number, cells))
    return Table(rows, "xlsx", sheet, names)


def read_workbook(content: bytes, sheet: str = "") -> Table:
    """The rows of the named sheet, else of the first visible one. Raises TableError, and nothing else."""
    try:
        return _read(content, sheet)
    except TableError:
        raise
    except Exception as error:  # openpyxl raises whatever the broken file made it stumble over
        raise TableError(_("This workbook is damaged or protected and cannot be read. Please save it anew.")) from error
