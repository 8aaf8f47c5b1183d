"""Numbers, dates and states as people write them in tables, in German, English and their neighbours.

A value that can be read in two ways (1.234, 03/04/2026) is only read once it is known which way this table writes:
from another value that has one reading alone, or because a person said so.
"""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from babel.dates import get_month_names

from backend.config import LANGUAGES
from backend.i18n import _
from backend.orders.cells import Cell, shown
from backend.orders.models import OrderStatus

DECIMALS = (",", ".")
DATES = ("dmy", "mdy")
YEARS = range(1980, 2100)
_CURRENCY = r"(?:€|\$|£|[A-Za-z]{3}|zł|Kč|Fr\.)"
_AMOUNT = re.compile(rf"{_CURRENCY}?\s*([-+−–]?)\s*{_CURRENCY}?\s*([\d.,' ’]+?)\s*([-−]?)\s*{_CURRENCY}?")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:[ '’]\d{3})+(?:[.,]\d*)?")
_FORMS = {
    ",": re.compile(r"(?=.*\d)([1-9]\d{0,2}(?:\.\d{3})+|\d*)(?:,(\d*))?"),
    ".": re.compile(r"(?=.*\d)([1-9]\d{0,2}(?:,\d{3})+|\d*)(?:\.(\d*))?"),
}
_TIME = r"(?:[T ]+\d{1,2}:\d{2}.*)?"
_ISO = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}")
_PLAIN = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_DOTTED = re.compile(rf"(\d{{1,2}})\.\s*(\d{{1,2}})\.\s*(\d{{4}}|\d{{2}}){_TIME}")
_SLASHED = re.compile(rf"(\d{{1,2}})[/-](\d{{1,2}})[/-](\d{{4}}|\d{{2}}){_TIME}")
_DAY_FIRST = re.compile(r"(\d{1,2})\.?(?:\s+de)?[\s-]*([^\W\d]{3,})\.?,?(?:\s+de)?[\s-]*(\d{4}|\d{2})")
_MONTH_FIRST = re.compile(r"([^\W\d]{3,})\.?[\s-]*(\d{1,2})(?:st|nd|rd|th)?,?[\s-]+(\d{4}|\d{2})")
_STATUS_WORDS = {
    OrderStatus.OPEN: "open|offen|ordered|bestellt|beauftragt|new|neu|in bearbeitung|in progress|processing|confirmed|"
    "bestätigt|pending|released|freigegeben|abierto|pedido|confirmado|pendiente|nuevo|ouvert|ouverte|commandé|commandée|"
    "confirmé|confirmée|en cours|nouveau|aperto|ordinato|confermato|in corso|nuovo",
    OrderStatus.PARTIAL: "partially-delivered|partially delivered|partly delivered|partial|teilgeliefert|teillieferung|"
    "teilweise geliefert|entregado parcialmente|parcialmente entregado|parcial|partiellement livré|livré partiellement|"
    "partiel|parzialmente consegnato|consegnato parzialmente|parziale",
    OrderStatus.DELIVERED: "delivered|geliefert|ausgeliefert|vollständig geliefert|completed|complete|erledigt|"
    "abgeschlossen|shipped|versendet|entregado|livré|livrée|consegnato|evaso",
    OrderStatus.INVOICED: "invoiced|billed|berechnet|fakturiert|abgerechnet|in rechnung gestellt|facturado|facturé|"
    "facturée|fatturato",
    OrderStatus.CANCELLED: "cancelled|canceled|storniert|annulliert|abgebrochen|cancelado|anulado|annulé|annulée|"
    "annullato|rejected|abgelehnt",
}
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "zł": "PLN", "Kč": "CZK", "Fr.": "CHF"}


class Unreadable(Exception):
    """A cell that is not what its column says. The message is a sentence."""


@lru_cache(maxsize=20_000)
def _readings(text: str) -> dict[str, Decimal]:
    """What the digits of `text` mean by each decimal sign, where they mean anything; signs and currency are apart."""
    found = _AMOUNT.fullmatch(text)
    if found is None or (found[1] and found[3]) or len(found[2]) > 40:
        return {}
    digits, minus = found[2].strip(), "-" if (found[1] or found[3]) in ("-", "−", "–") else ""
    if re.search(r"[ '’]", digits):
        if not _GROUPED.fullmatch(digits):
            return {}
        value = Decimal(minus + re.sub(r"[ '’]", "", digits).replace(",", "."))  # the thousands are marked already
        return dict.fromkeys(DECIMALS, value)
    readings = {}
    for sign, form in _FORMS.items():
        parts = form.fullmatch(digits)
        if parts:
            whole = re.sub(r"[.,]", "", parts[1]) or "0"
            readings[sign] = Decimal(f"{minus}{whole}.{parts[2] or '0'}")
    return readings


def number(cell: Cell, decimal: str) -> Decimal:
    """The number in `cell`; `decimal` (",", "." or "" for unknown) decides where there are two readings.

    Raises Unreadable.
    """
    if isinstance(cell, Decimal):
        return cell
    readings = _readings(str(cell)) if isinstance(cell, str) else {}
    if not readings:
        raise Unreadable(_("“%(value)s” is not a number.", value=shown(cell)))
    values = set(readings.values())
    if len(values) == 1:
        return values.pop()
    if decimal not in readings:
        raise Unreadable(_("“%(value)s” can be read in two ways. Please choose the decimal sign.", value=shown(cell)))
    return readings[decimal]


def currency_of(cell: Cell) -> str:
    """The currency written beside an amount, as ISO 4217 code; "" where there is none."""
    found = re.search(r"[€$£]|zł|Kč|Fr\.|[A-Za-z]{3}", cell) if isinstance(cell, str) else None
    return _SYMBOLS.get(found[0], found[0].upper()) if found else ""


def decimal_sign(cells: Iterable[Cell]) -> str:
    """The decimal sign that the cells with one reading alone show; "" where they show none or both."""
    shown_signs: set[str] = set()
    for cell in cells:
        readings = _readings(cell) if isinstance(cell, str) and ("," in cell or "." in cell) else {}
        if len(readings) == 1:
            shown_signs.update(readings)
        if len(shown_signs) == 2:
            return ""
    return shown_signs.pop() if shown_signs else ""


@cache
def _months() -> dict[str, int]:
    """Names of months in our languages, long and short, without marks."""
    return {
        name.casefold().rstrip("."): place
        for code in LANGUAGES
        for width in ("wide", "abbreviated")
        for place, name in get_month_names(width, locale=code).items()
    }


def _day(year: str, month: int, day: int, cell: Cell) -> date:
    whole = int(year) if len(year) == 4 else 2000 + int(year)
    try:
        if whole in YEARS:
            return date(whole, month, day)
    except ValueError:
        pass
    raise Unreadable(_("“%(value)s” is a day that does not exist.", value=shown(cell)))


def _slashed(found: re.Match[str], cell: str, order: str) -> date:
    first, second = int(found[1]), int(found[2])
    if first > 12 or first == second:
        return _day(found[3], second, first, cell)
    if second > 12:
        return _day(found[3], first, second, cell)
    if order not in DATES:
        raise Unreadable(
            _("“%(value)s” can be read in two ways. Please choose whether the day or the month comes first.",
              value=shown(cell))
        )  # fmt: skip
    return _day(found[3], *((second, first) if order == "dmy" else (first, second)), cell)


def day(cell: Cell, order: str) -> date:
    """The day in `cell`; `order` ("dmy", "mdy" or "" for unknown) decides where there are two readings.

    Raises Unreadable.
    """
    if isinstance(cell, date):
        return _day(f"{cell.year:04}", cell.month, cell.day, cell)
    if isinstance(cell, str):
        return _written_day(cell, order)
    raise Unreadable(_("“%(value)s” is not a date.", value=shown(cell)))


@lru_cache(maxsize=20_000)
def _written_day(text: str, order: str) -> date:
    if found := _ISO.fullmatch(text) or _PLAIN.fullmatch(text):
        return _day(found[1], int(found[2]), int(found[3]), text)
    if found := _DOTTED.fullmatch(text):
        return _day(found[3], int(found[2]), int(found[1]), text)
    if found := _SLASHED.fullmatch(text):
        return _slashed(found, text, order)
    named = _DAY_FIRST.fullmatch(text) or _MONTH_FIRST.fullmatch(text)
    if named:
        word, number = (named[2], named[1]) if named[1].isdigit() else (named[1], named[2])
        month = _months().get(word.casefold())
        if month:
            return _day(named[3], month, int(number), text)
    raise Unreadable(_("“%(value)s” is not a date.", value=shown(text)))


def date_order(cells: Iterable[Cell]) -> str:
    """Which comes first, as the dates with one reading alone show; "" where they show none or both."""
    seen = set()
    for cell in cells:
        found = _SLASHED.fullmatch(cell) if isinstance(cell, str) else None
        if found and (int(found[1]) > 12) != (int(found[2]) > 12):
            seen.add("dmy" if int(found[1]) > 12 else "mdy")
    return seen.pop() if len(seen) == 1 else ""


@cache
def _statuses() -> dict[str, OrderStatus]:
    return {word: status for status, words in _STATUS_WORDS.items() for word in words.split("|")}


def status(cell: Cell) -> OrderStatus:
    """The state that a word means. Raises Unreadable."""
    found = _statuses().get(str(cell).casefold().replace("_", " ").strip(" ."))
    if found is None:
        known = ", ".join(_STATUS_WORDS)
        raise Unreadable(_("“%(value)s” is no state of an order. Known are: %(list)s.", value=shown(cell), list=known))
    return found
