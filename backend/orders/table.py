"""Tables as people and ERP systems export them: CSV in its many forms, and XLSX, as rows of cells.

CSV has no standard that anybody keeps (RFC 4180 says so itself): separator, character set and line ends are found by
looking, and what was found is part of the answer, so that it can be shown.
"""

import codecs
import contextlib
import csv
import importlib
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from backend.i18n import _
from backend.orders.cells import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, Cell, Row, Table, TableError, clean, shown

__all__ = ["MAX_BYTES", "MAX_COLUMNS", "MAX_ROWS", "Cell", "Row", "Table", "TableError", "read", "shown"]
SEPARATORS = (";", ",", "\t", "|")
_SAMPLE_ROWS = 60  # enough to tell separators apart
_SAMPLE_LETTERS = 200_000
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "xls",
    b"%PDF": "pdf",
    b"\x1f\x8b": "gz",
}


def _refuse_others(content: bytes) -> None:
    kind = next((kind for start, kind in _OTHERS.items() if content.startswith(start)), "")
    if kind == "xls":
        raise TableError(_("This is an old or a protected Excel file. Please save it as .xlsx without a password."))
    if kind:
        raise TableError(_("This is not a table. CSV and XLSX files can be imported."))


def _decoded(content: bytes) -> tuple[str, str]:
    """The text and the name of its character set."""
    encoding = next((encoding for bom, encoding in _BOMS if content.startswith(bom)), "")
    if not encoding:
        head = content[:2000]
        odd, even = head[1::2].count(0), head[::2].count(0)
        if max(odd, even) * 4 > len(head) and min(odd, even) * 4 < max(odd, even):
            encoding = "utf-16-le" if odd > even else "utf-16-be"
        else:
            encoding = "utf-8"
    try:
        return content.decode(encoding), encoding.removesuffix("-sig")
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise TableError(_("The characters of this file cannot be read. Please save it as UTF-8.")) from error
    try:
        return content.decode("windows-1252"), "windows-1252"
    except UnicodeDecodeError as error:
        raise TableError(_("The characters of this file cannot be read. Please save it as UTF-8.")) from error


def _workbook(content: bytes, sheet: str) -> Table:
    """The library for workbooks is large, so it is loaded by the process that has one to read."""
    read: Table = importlib.import_module("backend.orders.spreadsheet").read_workbook(content, sheet)
    return read


def _records(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _weight(text: str, separator: str) -> int:
    """How many separators stand in those of the first rows that have the commonest number of columns."""
    counts: Counter[int] = Counter()
    with contextlib.suppress(csv.Error):  # the sample may end inside a quotation
        for row in islice(_records(text[:_SAMPLE_LETTERS], separator), _SAMPLE_ROWS):
            counts[len(row) - 1] += 1
    return max((width * times for width, times in counts.items()), default=0)


def _separator(text: str) -> str:
    """The separator that divides most evenly; decimal commas and commas in texts are fewer than columns."""
    return max(SEPARATORS, key=lambda each: (_weight(text, each), -SEPARATORS.index(each)))


def _read_csv(content: bytes) -> Table:
    text, encoding = _decoded(content)
    if "\x00" in text:
        raise TableError(_("This is not a table. CSV and XLSX files can be imported."))
    first, _line_end, rest = text.partition("\n")
    hint = first.strip().lower()
    skipped = 0
    if (hint.startswith("sep=") and len(hint) == 5) or first.rstrip("\r").lower() == "sep=\t":
        separator, text, skipped = first.strip("\r\n ")[4:5] or "\t", rest, 1  # Excel's own hint
    else:
        separator = _separator(text)
    rows: list[Row] = []
    number = skipped
    try:
        for number, record in enumerate(_records(text, separator), start=1 + skipped):
            cells = [clean(cell) for cell in record]
            while cells and not cells[-1]:
                cells.pop()
            if not cells:
                continue
            if len(cells) > MAX_COLUMNS:
                raise TableError(_("This table has more than %(max)s columns.", max=MAX_COLUMNS))
            if len(rows) > MAX_ROWS:
                raise TableError(_("This table has more than %(max)s rows. Please divide it.", max=MAX_ROWS))
            rows.append(Row(number, tuple(cells)))
    except csv.Error as error:
        raise TableError(
            _("Row %(row)s cannot be read: a quotation mark is missing or stands in a wrong place.", row=number + 1)
        ) from error
    return Table(rows, f"csv {separator} {encoding}")


def read(content: bytes, sheet: str = "") -> Table:
    """The rows of a CSV or XLSX file (`sheet`: which one of a workbook). Raises TableError, and nothing else."""
    if len(content) > MAX_BYTES:
        raise TableError(_("This file is too large. At most %(max)s MB can be imported.", max=MAX_BYTES // 1_000_000))
    _refuse_others(content)
    table = _workbook(content, sheet) if content.startswith(b"PK") else _read_csv(content)
    if not table.rows:
        raise TableError(_("This file is empty."))
    return table
