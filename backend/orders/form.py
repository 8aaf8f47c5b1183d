"""What a person has typed into the form of an order, as values; each mistake is said at its field."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal

from backend import i18n
from backend.errors import Invalid
from backend.i18n import _
from backend.orders import values
from backend.orders.cells import clean
from backend.orders.drafts import MAX_LINES, MAX_TEXT, MAX_TOTAL, MAX_WORD, checked_amount, checked_number, checked_text
from backend.orders.models import OrderStatus
from backend.orders.values import Unreadable

_LINE_FIELD = re.compile(r"lines\.(\d{1,5})\.(\w+)")
LINE_INPUTS = ("position", "sku", "description", "quantity", "unit", "price", "delivered", "due_on")


@dataclass
class OrderForm:
    """The fields of an order that are no links to other things, and its lines."""

    number: str = ""
    ordered_on: date | None = None
    status: str = OrderStatus.OPEN
    currency: str = "EUR"
    title: str = ""
    total: Decimal | None = None
    lines: list[dict[str, Any]] = field(default_factory=list)


def amount(value: Decimal | None) -> str:
    """`value` as it is typed into a field in the reader's language: no thousands, no needless zeros."""
    return "" if value is None else str(format_decimal(value, "0.####", locale=i18n.language()))


class _Typed:
    """Reads fields one after the other and gathers what is wrong with them."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self.form, self.wrong = form, dict[str, str]()
        self.decimal = "." if i18n.language() == "en" else ","

    def take(self, name: str, read: Callable[[str], Any], *, empty: Any = "", missing: str = "") -> Any:
        """The field's value; `empty` where nothing is typed, which is a mistake when `missing` says so."""
        text = clean(self.form.get(name, ""))
        if not text:
            if missing:
                self.wrong[name] = missing
            return empty
        try:
            return read(text)
        except Unreadable as error:
            self.wrong[name] = str(error)
            return empty

    def amount(self, name: str, kind: str, *, missing: str = "") -> Decimal:
        """A number of that kind."""
        zero = Decimal(0)
        read = self.take(
            name, lambda text: checked_amount(kind, values.number(text, self.decimal)), empty=zero, missing=missing
        )
        return Decimal(read)

    def text(self, name: str, most: int = MAX_TEXT) -> str:
        """One line of text."""
        return str(self.take(name, lambda text: checked_text(text, most)))

    def day(self, name: str, *, missing: str = "") -> date | None:
        """A date as browsers send it, or as people write it."""
        order = "mdy" if i18n.language() == "en" else "dmy"
        found: date | None = self.take(name, lambda text: values.day(text, order), empty=None, missing=missing)
        return found


def _position(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= 1_000_000 or len(text) > 7:
        raise Unreadable(_("A position is a whole number from 1 to 1,000,000."))
    return int(text)


def _currency(text: str) -> str:
    if not re.fullmatch("[A-Za-z]{3}", text):
        raise Unreadable(_("“%(value)s” is not a currency such as EUR.", value=text[:20]))
    return text.upper()


def _status(text: str) -> str:
    if text not in set(OrderStatus):
        raise Unreadable(_("There is no such status."))
    return text


def _line(typed: _Typed, at: str) -> dict[str, Any]:
    description, sku = typed.text(f"{at}.description"), typed.text(f"{at}.sku", MAX_WORD)
    if not description and not sku and f"{at}.description" not in typed.wrong:
        typed.wrong[f"{at}.description"] = _("The description is missing.")
    return {
        "position": typed.take(f"{at}.position", _position, empty=0),
        "sku": sku,
        "description": description,
        "quantity": typed.amount(f"{at}.quantity", "quantity", missing=_("The quantity is missing.")),
        "unit": typed.text(f"{at}.unit", MAX_WORD),
        "price": typed.amount(f"{at}.price", "price"),
        "delivered": typed.amount(f"{at}.delivered", "delivered"),
        "due_on": typed.day(f"{at}.due_on"),
    }


def _lines(typed: _Typed) -> list[dict[str, Any]]:
    """The lines of which anything but the position is filled in; those without a position come last."""
    written: dict[int, set[str]] = {}
    for name, text in typed.form.items():
        found = _LINE_FIELD.fullmatch(name)
        if found and clean(text):
            written.setdefault(int(found[1]), set()).add(found[2])
    lines, seen = [], dict[int, str]()
    for place in sorted(place for place, names in written.items() if names - {"position"}):
        line = _line(typed, f"lines.{place}")
        if line["position"] in seen:
            sentence = _("Position %(position)s stands twice.", position=line["position"])
            typed.wrong[f"lines.{place}.position"] = sentence
        elif line["position"]:
            seen[line["position"]] = ""
        lines.append(line)
    following = max(seen, default=0)
    for line in lines:
        if not line["position"]:
            following += 1
            line["position"] = following
    return sorted(lines, key=lambda line: int(line["position"]))


def read_form(form: Mapping[str, str], *, number: str | None = None, also: Mapping[str, str]) -> OrderForm:
    """What was typed. `number`: of the order that is edited; `also`: what is wrong with other fields already.

    Raises Invalid that names all fields that are wrong.
    """
    typed = _Typed(form)
    made = OrderForm(
        number=number or typed.take("number", checked_number, missing=_("The order number is missing.")),
        ordered_on=typed.day("ordered_on", missing=_("The date is missing.")),
        status=typed.take("status", _status, empty=OrderStatus.OPEN),
        currency=typed.take("currency", _currency, empty="EUR"),
        title=typed.text("title"),
        lines=_lines(typed),
    )
    if clean(form.get("total", "")):
        made.total = typed.amount("total", "total")
    if len(made.lines) > MAX_LINES:
        typed.wrong["total"] = _("An order has at most %(max)s lines.", max=MAX_LINES)
    elif abs(sum((line["quantity"] * line["price"] for line in made.lines), Decimal(0))) > MAX_TOTAL:
        typed.wrong["total"] = _("The sum of the lines is too large.")
    wrong = {**typed.wrong, **also}
    if wrong:
        raise Invalid(_("Please correct the marked fields."), fields=wrong)
    return made
