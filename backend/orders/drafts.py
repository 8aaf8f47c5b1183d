"""The orders that a table holds, before anybody has looked whether they can be: several rows make one order.

Every cell that cannot be used is a Problem with its row and column; its order is marked as wrong and left out.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from backend.i18n import _
from backend.orders import values
from backend.orders.cells import Cell, Row, Table, shown
from backend.orders.columns import LINE_FIELDS, ORDER_FIELDS, Choices, find_heading, recognise
from backend.orders.values import Unreadable

MAX_LINES = 1000
MAX_TEXT = 200
MAX_WORD = 100
MAX_PRICE = Decimal("9999999.9999")
MAX_QUANTITY = Decimal("9999999.999")
MAX_TOTAL = Decimal("999999999.99")
_NUMBER = re.compile(r"[A-Za-z0-9À-ɏ_#][A-Za-z0-9À-ɏ ._:@#+&()/,=~*!$'-]{0,99}")
_MAIL = re.compile(r"[^@\s,;<>\"()\\]{1,64}@[^@\s,;<>\"()\\]{1,189}\.[^@\s,;<>\"()\\]{2,63}")
_RESERVED = frozenset({"new", "import"})  # what stands after /orders/ in addresses of pages
_AMOUNTS = {
    "quantity": (3, MAX_QUANTITY),
    "delivered": (3, MAX_QUANTITY),
    "price": (4, MAX_PRICE),
    "total": (2, MAX_TOTAL),
}


@dataclass(frozen=True)
class Problem:
    """Why something in a row cannot be used. `column`: the heading, "" where it is the whole row."""

    row: int
    column: str
    sentence: str
    number: str = ""


@dataclass
class LineDraft:
    """One position as the table has it; only the fields whose columns are there."""

    row: int
    position: int
    values: dict[str, Any]


@dataclass
class OrderDraft:
    """One order as the table has it. `lines`: None where no column speaks of lines; `currencies`: beside amounts."""

    number: str
    row: int
    rows: list[int] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    lines: list[LineDraft] | None = None
    currencies: dict[str, int] = field(default_factory=dict)
    wrong: bool = False


@dataclass
class Sheet:
    """What was read: the orders in the order of their first rows, and all problems."""

    headings: tuple[str, ...]
    choices: Choices
    drafts: list[OrderDraft]
    problems: list[Problem]


def checked_number(text: str) -> str:
    """`text` as an order's number. Raises Unreadable."""
    parts = f"/{text}/"
    if not _NUMBER.fullmatch(text) or any(bad in parts for bad in ("//", "/./", "/../")):
        raise Unreadable(
            _("An order number begins with a letter or digit, then come at most 99 letters, digits or signs (A-10/2).")
        )
    if text in _RESERVED or text.endswith("/edit"):
        raise Unreadable(_("“%(value)s” cannot be an order number.", value=text))
    return text


def checked_text(text: str, most: int = MAX_TEXT) -> str:
    """`text` if it is short enough. Raises Unreadable."""
    if len(text) > most:
        raise Unreadable(_("This is too long; at most %(max)s signs are kept.", max=most))
    return text


def checked_amount(name: str, amount: Decimal) -> Decimal:
    """`amount` of the field `name`, rounded as it is kept. Raises Unreadable where it is too large or must not be."""
    places, most = _AMOUNTS[name]
    if abs(amount) > most or (amount < 0 and name in ("quantity", "delivered")):
        low = Decimal(0) if name in ("quantity", "delivered") else -most
        raise Unreadable(_("%(value)s is not between %(low)s and %(high)s.", value=shown(amount), low=low, high=most))
    return amount.quantize(Decimal(1).scaleb(-places))


def _text(cell: Cell, most: int = MAX_TEXT) -> str:
    return checked_text(f"{cell.normalize():f}" if isinstance(cell, Decimal) else str(cell), most)


def _position(cell: Cell, decimal: str) -> int:
    found = values.number(cell, decimal)
    if found != found.to_integral_value() or not 1 <= found <= 1_000_000:
        raise Unreadable(_("A position is a whole number from 1 to 1,000,000."))
    return int(found)


def _currency(cell: Cell) -> str:
    code = {"€": "EUR", "$": "USD", "£": "GBP"}.get(str(cell), str(cell).upper())
    if not re.fullmatch("[A-Z]{3}", code):
        raise Unreadable(_("“%(value)s” is not a currency such as EUR.", value=shown(cell)))
    return code


def _mail(cell: Cell) -> str:
    if not _MAIL.fullmatch(str(cell)):
        raise Unreadable(_("“%(value)s” is not an e-mail address.", value=shown(cell)))
    return str(cell).lower()


def _readers(choices: Choices) -> dict[str, Callable[[Cell], Any]]:
    """How the cell of each field is read; each function raises Unreadable."""

    def amount(name: str) -> Callable[[Cell], Decimal]:
        return lambda cell: checked_amount(name, values.number(cell, choices.decimal))

    def day(cell: Cell) -> date:
        return values.day(cell, choices.dates)

    def word(cell: Cell) -> str:
        return _text(cell, MAX_WORD)

    return {
        "number": lambda cell: checked_number(_text(cell)), "customer": word, "customer_name": _text,
        "ordered_on": day, "status": values.status, "currency": _currency, "title": _text, "contact": _mail,
        "site": _text, "total": amount("total"), "position": lambda cell: _position(cell, choices.decimal),
        "sku": word, "description": _text, "quantity": amount("quantity"), "unit": word, "price": amount("price"),
        "delivered": amount("delivered"), "due_on": day,
    }  # fmt: skip


class _Reading:
    """Goes through the rows once and gathers orders and problems."""

    def __init__(self, headings: tuple[str, ...], choices: Choices) -> None:
        self.headings, self.choices = headings, choices
        self.readers = _readers(choices)
        self.columns = choices.columns
        self.line_fields = [name for name in LINE_FIELDS if name in self.columns]
        self.order_fields = [name for name in ORDER_FIELDS if name in self.columns]
        self.drafts: dict[str, OrderDraft] = {}
        self.problems: list[Problem] = []

    def _wrong(self, draft: OrderDraft, row: int, name: str, sentence: str) -> None:
        draft.wrong = True
        self.problems.append(Problem(row, self._heading(name), sentence, draft.number))

    def _heading(self, name: str) -> str:
        place = self.columns.get(name)
        return self.headings[place] if place is not None and place < len(self.headings) else ""

    def _draft(self, row: Row) -> OrderDraft | None:
        cell = row.cell(self.columns["number"])
        if cell == "":
            self.problems.append(Problem(row.number, self._heading("number"), _("The order number is missing.")))
            return None
        try:
            number = self.readers["number"](cell)
        except Unreadable as error:
            self.problems.append(Problem(row.number, self._heading("number"), str(error), shown(cell)))
            return None
        draft = self.drafts.get(number)
        if draft is None:
            draft = self.drafts[number] = OrderDraft(number, row.number)
            draft.lines = [] if self.line_fields else None
        draft.rows.append(row.number)
        return draft

    def _read(self, draft: OrderDraft, row: Row, names: list[str]) -> dict[str, Any]:
        """The cells that are not empty, by field."""
        found: dict[str, Any] = {}
        for name in names:
            cell = row.cell(self.columns[name])
            if cell == "":
                continue
            try:
                found[name] = self.readers[name](cell)
            except Unreadable as error:
                self._wrong(draft, row.number, name, str(error))
                continue
            if name in ("price", "total") and (currency := values.currency_of(cell)):
                draft.currencies.setdefault(currency, row.number)
        return found

    def _line(self, draft: OrderDraft, row: Row) -> None:
        found = self._read(draft, row, self.line_fields)
        if not any(row.cell(self.columns[name]) != "" for name in self.line_fields) or draft.lines is None:
            return
        position = found.pop("position", None)
        if position is None and "position" in self.columns:
            if row.cell(self.columns["position"]) == "":
                self._wrong(draft, row.number, "position", _("The position is missing."))
            return
        position = position or len(draft.lines) + 1
        if any(line.position == position for line in draft.lines[-MAX_LINES:]):
            self._wrong(draft, row.number, "position", _("Position %(position)s stands twice.", position=position))
        elif len(draft.lines) == MAX_LINES:
            self._wrong(draft, row.number, "", _("An order has at most %(max)s lines.", max=MAX_LINES))
        else:
            # An empty cell of a column that is there says so; a column that is not there says nothing.
            empty = {name: _EMPTY[name] for name in self.line_fields if name in _EMPTY}
            draft.lines.append(LineDraft(row.number, position, empty | found))

    def take(self, row: Row) -> None:
        """Reads one row."""
        draft = self._draft(row)
        if draft is None:
            return
        for name, value in self._read(draft, row, self.order_fields).items():
            have = draft.values.setdefault(name, value)
            if have != value:
                sentence = _("Another value stands in row %(row)s of the same order.", row=draft.row)
                self._wrong(draft, row.number, name, sentence)
        self._line(draft, row)


_EMPTY: Mapping[str, Any] = {
    "sku": "", "description": "", "unit": "", "price": Decimal(0), "delivered": Decimal(0), "due_on": None,
}  # fmt: skip
_NUMERIC = ("total", "quantity", "price", "delivered", "position")
_DATED = ("ordered_on", "due_on")


def _cells(table: Table, choices: Choices, names: tuple[str, ...]) -> list[Cell]:
    columns = [choices.columns[name] for name in names if name in choices.columns]
    return [row.cell(column) for row in table.rows[choices.heading + 1 :] for column in columns]


def recognised(table: Table, sheet: str = "") -> Choices:
    """How this table can be read as far as it tells by itself."""
    heading = find_heading(table.rows)
    found = Choices(heading=heading, columns=recognise(table.rows[heading].cells), sheet=sheet)
    return completed(table, found)


def completed(table: Table, choices: Choices) -> Choices:
    """`choices` with decimal sign and order of dates as the chosen columns show them, where nobody has chosen."""
    return replace(
        choices,
        decimal=choices.decimal or values.decimal_sign(_cells(table, choices, _NUMERIC)),
        dates=choices.dates or values.date_order(_cells(table, choices, _DATED)),
    )


def read_orders(table: Table, choices: Choices) -> Sheet:
    """The orders of `table`, read as `choices` say. Nothing is raised: what is wrong is among the problems."""
    heading = min(choices.heading, len(table.rows) - 1)
    headings = tuple(shown(cell) for cell in table.rows[heading].cells)
    reading = _Reading(headings, choices)
    if "number" in choices.columns:
        for row in table.rows[heading + 1 :]:
            reading.take(row)
    elif len(table.rows) > heading:
        first = table.rows[heading].number
        reading.problems.append(Problem(first, "", _("No column is chosen for the order number.")))
    return Sheet(headings, choices, list(reading.drafts.values()), reading.problems)
