"""Tables in the shapes in which people and ERP systems hand them over."""

import contextlib
import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from backend.orders import cells, spreadsheet
from backend.orders.drafts import read_orders, recognised
from backend.orders.table import Cell, TableError, read
from tests.orders.conftest import workbook

pytestmark = pytest.mark.slow

HEADINGS = ("Größe", "Preis")


def lines(content: bytes, sheet: str = "") -> list[tuple[Cell, ...]]:
    return [row.cells for row in read(content, sheet).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separator_characters_and_line_ends_are_found(encoding: str, separator: str, end: str) -> None:
    text = end.join(separator.join(row) for row in [HEADINGS, ("groß €", "12"), ("klein", "3")]) + end
    assert lines(text.encode(encoding)) == [HEADINGS, ("groß €", "12"), ("klein", "3")]


def test_decimal_commas_do_not_pass_for_separators() -> None:
    text = "Nr;Menge;Preis;Text\n1;1,5;2,50;ja, gern, doch\n2;1,5;2,50;nein, nie, nicht\n3;1,5;2,50;\n"
    table = read(text.encode())
    assert table.form == "csv ; utf-8"
    assert table.rows[1].cells == ("1", "1,5", "2,50", "ja, gern, doch")


def test_quoted_cells_hold_separators_quotes_and_line_breaks() -> None:
    content = b'No;Text\r\n1;"27"" Monitor; black\r\nwith foot"\r\n\r\n2;27" Monitor\r\n'
    table = read(content)
    assert [row.cells for row in table.rows] == [
        ("No", "Text"),
        ("1", '27" Monitor; black with foot'),
        ("2", '27" Monitor'),
    ]
    assert [row.number for row in table.rows] == [1, 2, 4], "rows are counted as a spreadsheet shows them"


def test_excels_own_hint_is_obeyed() -> None:
    table = read(b"sep=|\r\na;x|b\r\n1|2\r\n")
    assert [(row.number, row.cells) for row in table.rows] == [(2, ("a;x", "b")), (3, ("1", "2"))]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n ;;\n", "empty"),
        (b"%PDF-1.7", "not a table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old or a protected"),
        (b"a;b\n1;\x002\x00", "not a table"),
        (b"a;b\n\x81\x8d;2", "characters"),
        (b'a;b\n1;2\n"3;4\n', "Row 3"),
        (b"PK\x03\x04nothing", "damaged"),
        (b";".join([b"x"] * 201), "200 columns"),
        (b"x" * 20_000_001, "too large"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(content: bytes, said: str) -> None:
    with pytest.raises(TableError, match=said) as raised:
        read(content)
    assert str(raised.value).endswith(".")


@pytest.mark.slow
def test_too_many_rows_are_refused() -> None:
    content = b"a;b\n" + b"1;2\n" * cells.MAX_ROWS
    assert len(read(content).rows) == cells.MAX_ROWS + 1
    with pytest.raises(TableError, match="200000 rows"):
        read(content + b"1;2\n")


def test_a_workbook_keeps_numbers_and_dates() -> None:
    content = workbook(
        ["No", "Price", "On", "Text", "Yes"], [4711, 1049.5, datetime(2026, 11, 12, 8, 30), " a\nb ", True]
    )
    assert lines(content) == [
        ("No", "Price", "On", "Text", "Yes"),
        (Decimal(4711), Decimal("1049.5"), date(2026, 11, 12), "a b", "TRUE"),
    ]


def test_empty_rows_and_cells_of_a_workbook_are_passed_over() -> None:
    table = read(workbook([None, None], ["a", None, "c", None], [], [1, None, None]))
    assert [(row.number, row.cells) for row in table.rows] == [(2, ("a", "", "c")), (4, (Decimal(1),))]


def test_a_formula_is_never_computed() -> None:
    content = workbook(["No", "Sum"], ["A", "=1+1"])
    assert lines(content)[1] == ("A", "=1+1"), "nobody has computed it yet, so it is shown as it is written"
    assert lines(b"No;Sum\nA;=1+1\n")[1] == ("A", "=1+1")


def test_the_sheets_of_a_workbook() -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "Cover"
    first.append(["Hello"])
    second, hidden = book.create_sheet("Orders"), book.create_sheet("Secret")
    second.append(["No", "Date"])
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    table = read(out.getvalue())
    assert (table.sheet, table.sheets) == ("Cover", ("Cover", "Orders"))
    assert lines(out.getvalue(), "Orders") == [("No", "Date")]
    for name in ("Secret", "None"):
        with pytest.raises(TableError, match="no sheet named"):
            read(out.getvalue(), name)


def packed(content: bytes, name: str, member: bytes) -> bytes:
    """The workbook with another member in it."""
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, member)
    return out.getvalue()


def test_a_zip_bomb_is_not_opened() -> None:
    bomb = packed(workbook(["a"]), "xl/media/picture.bin", b"\x00" * (spreadsheet.MAX_UNPACKED + 1))
    assert len(bomb) < 1_000_000
    with pytest.raises(TableError, match="too large"):
        read(bomb)


@pytest.mark.parametrize("member", [b'<!DOCTYPE x [<!ENTITY a "aaa">]><x>&a;</x>', "<x/>".encode("utf-16")])
def test_entities_that_multiply_are_not_read(member: bytes) -> None:
    with pytest.raises(TableError, match="unusual"):
        read(packed(workbook(["a"]), "xl/more.xml", member))


@pytest.mark.slow
def test_a_row_far_down_does_not_keep_the_reader_busy() -> None:
    content = workbook(["No", "Date"])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.namelist():
            raw = old.read(member)
            if member.endswith("sheet1.xml"):
                raw = raw.replace(
                    b"</sheetData>", b'<row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData>'
                )
            new.writestr(member, raw)
    assert lines(out.getvalue())[0] == ("No", "Date")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=300).map(str.encode))
def test_no_bytes_raise_anything_but_the_named_error(content: bytes) -> None:
    with contextlib.suppress(TableError):
        table = read(content)
        read_orders(table, recognised(table))
        assert all(row.cells for row in table.rows)


_BOOK = workbook(["No", "Customer", "Date"], ["A-1", "K1", 5])


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(_BOOK) - 1), st.binary(min_size=1, max_size=8))
def test_no_damaged_workbook_raises_anything_but_the_named_error(place: int, noise: bytes) -> None:
    with contextlib.suppress(TableError):
        assert read(_BOOK[:place] + noise + _BOOK[place + len(noise) :]).rows
