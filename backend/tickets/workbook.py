"""An XLSX workbook with one sheet, sent while it is written: never whole in memory, and never waited for.

Only what a table needs of ECMA-376: texts stand in their cells, moments are numbers with a format, and nothing is a
formula.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from xml.sax.saxutils import escape

Cell = str | int | float | datetime | date
_CHUNK = 1 << 16
_MOST = 32_000  # letters in a cell; Excel takes 32,767
_ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0
_BEGIN = datetime(1899, 12, 30)  # day 0 of Excel's calendar
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    # Format 22 is a date with its time, 14 a date, as the reader's Excel writes it.
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill '
    'patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border>'
    '<left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" '
    'fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" '
    'xfId="0"/><xf numFmtId="22" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="0" '
    'fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="14" fontId="0" fillId="0" borderId="0" '
    'xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


class _Sink:
    """What the archive has written and nobody has taken yet."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        """Takes `part` in."""
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """There is nothing behind this."""

    def close(self) -> None:
        """Nor anything to close."""

    def take(self) -> bytes:
        """All of it, once."""
        whole = b"".join(self._parts)
        self._parts.clear()
        return whole


def _cell(cell: Cell, style: int = 0) -> str:
    if isinstance(cell, datetime):
        return f'<c s="1"><v>{(cell - _BEGIN).total_seconds() / 86_400:.8f}</v></c>'
    if isinstance(cell, date):
        return f'<c s="3"><v>{(cell - _BEGIN.date()).days}</v></c>'
    if isinstance(cell, int | float):
        return f"<c><v>{cell}</v></c>"
    look = f' s="{style}"' if style else ""
    text = escape(_ILLEGAL.sub("", cell)[:_MOST])
    return f'<c{look} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>' if text else "<c/>"


def _sheet(heads: list[str], rows: Iterable[list[Cell]]) -> Iterator[str]:
    yield (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
        'topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<cols><col min="1" max="{len(heads)}" width="24" customWidth="1"/></cols><sheetData>'
    )
    yield f"<row>{''.join(_cell(head, 2) for head in heads)}</row>"
    for row in rows:
        yield f"<row>{''.join(map(_cell, row))}</row>"
    yield "</sheetData></worksheet>"


def workbook(name: str, heads: list[str], rows: Iterable[list[Cell]]) -> Iterator[bytes]:
    """The file, piece by piece. `name` is the sheet's; moments are wall time without a zone."""
    sink = _Sink()
    title = escape(name[:31], {'"': "&quot;"})
    book = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, part in {**_PARTS, "xl/workbook.xml": book}.items():
            archive.writestr(path, _HEAD + part)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            waiting: list[str] = []
            size = 0
            for text in _sheet(heads, rows):
                waiting.append(text)
                size += len(text)
                if size > _CHUNK:
                    sheet.write("".join(waiting).encode())
                    waiting.clear()
                    size = 0
                    yield sink.take()
            sheet.write("".join(waiting).encode())
    yield sink.take()
