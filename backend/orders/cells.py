"""What a table is made of, whatever file it came in: rows of cells that are text, numbers or dates."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Cell = str | Decimal | date  # an empty cell is ""
MAX_BYTES = 20_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]+")


class TableError(Exception):
    """A file that cannot be read as a table. The message is a sentence that says why and what to do."""


@dataclass(frozen=True)
class Row:
    """One row that is not empty; `number` counts from 1 as a spreadsheet does."""

    number: int
    cells: tuple[Cell, ...]

    def cell(self, column: int) -> Cell:
        """The cell in `column` (from 0); "" beyond the last one."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True)
class Table:
    """The rows of one sheet. `form`: how the file was understood, such as `csv ; utf-8` or `xlsx`."""

    rows: list[Row]
    form: str
    sheet: str = ""
    sheets: tuple[str, ...] = ()


def clean(text: str) -> str:
    """`text` on one line, without control characters and space around it."""
    return " ".join(_CONTROL.sub(" ", text).split())


def shown(cell: Cell) -> str:
    """`cell` as it is repeated in a sentence, cut where it is long."""
    text = f"{cell.normalize():f}" if isinstance(cell, Decimal) else str(cell)
    return text if len(text) <= 60 else text[:59] + "…"
