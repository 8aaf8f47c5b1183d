"""What a person has typed into the forms of time entries and items, as values; each mistake is said at its field."""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal

from backend import i18n
from backend.errors import Invalid
from backend.i18n import _
from backend.orders import values
from backend.orders.cells import clean
from backend.orders.values import Unreadable
from backend.worklog.models import LONGEST, BillableKind, ItemKind

_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?::\d{2})?", re.ASCII)
_SPAN = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_HOURS = re.compile(
    r"(\d{1,2}(?:[.,]\d{1,2})?)\s*(?:h|std\.?)(?:\s*(\d{1,2})\s*(?:m|min\.?)?)?", re.ASCII | re.IGNORECASE
)
_MINUTES = re.compile(r"(\d{1,4})\s*(?:m|min\.?)?", re.ASCII | re.IGNORECASE)


def typed_number(value: Decimal | None) -> str:
    """`value` as it is typed into a field in the reader's language: no thousands, no needless zeros."""
    return "" if value is None else str(format_decimal(value, "0.####", locale=i18n.language()))


def minutes_of(text: str) -> int:
    """A length as people type it: 90, 90 min, 1:30, 1,5 h, 1h30. Raises Unreadable."""
    if found := _SPAN.fullmatch(text):
        return int(found[1]) * 60 + int(found[2])
    if found := _MINUTES.fullmatch(text):
        return int(found[1])
    if found := _HOURS.fullmatch(text):
        return int(Decimal(found[1].replace(",", ".")) * 60) + int(found[2] or 0)
    raise Unreadable(_("Minutes such as 90 or 1:30, please."))


def _time_of(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise Unreadable(_("A time such as 9:30, please."))
    return time(int(found[1]), int(found[2]))


class Typed:
    """Reads fields one after the other and gathers what is wrong with them."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self.form, self.wrong = form, dict[str, str]()
        self._decimal = "." if i18n.language() == "en" else ","

    def take(self, name: str, read: Callable[[str], Any], *, empty: Any = None, missing: str = "") -> Any:
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

    def number(self, name: str, places: int, *, empty: Any = None, missing: str = "") -> Any:
        """A number rounded to so many places."""

        def read(text: str) -> Decimal:
            found = values.number(text, self._decimal)
            if abs(found) >= 10**10:
                raise Unreadable(_("“%(value)s” is not a number.", value=text[:20]))
            return found.quantize(Decimal(1).scaleb(-places))

        return self.take(name, read, empty=empty, missing=missing)

    def day(self, name: str) -> date:
        """A date as browsers send it, or as people write it."""
        order = "mdy" if i18n.language() == "en" else "dmy"
        missing = _("The date is missing.")
        found: date = self.take(name, lambda text: values.day(text, order), empty=date.min, missing=missing)
        return found

    def choice(self, name: str, kind: Callable[[str], Any], otherwise: str) -> Any:
        """One of the values of an enumeration."""
        try:
            return kind(clean(self.form.get(name, "")) or otherwise)
        except ValueError:
            self.wrong[name] = _("Choose one of the values offered.")
            return kind(otherwise)

    def text(self, name: str) -> str:
        """Several lines as they were written."""
        return self.form.get(name, "").replace("\r\n", "\n").replace("\x00", "").strip()

    def done(self) -> None:
        """Raises Invalid when anything was wrong."""
        if self.wrong:
            raise Invalid(_("Please correct the marked fields."), fields=self.wrong)


def read_time(form: Mapping[str, str]) -> dict[str, Any]:
    """A time entry as typed; with both ends given, they say the minutes. Raises Invalid naming the fields."""
    typed = Typed(form)
    start, until = typed.take("start", _time_of), typed.take("until", _time_of)
    if start is not None and until is not None:
        minutes = (until.hour * 60 + until.minute - start.hour * 60 - start.minute) % LONGEST
        if not minutes:
            typed.wrong["until"] = _("This is when it began.")
    else:
        if until is not None:
            typed.wrong["start"] = _("Say when it began, or only how long it took.")
        minutes = typed.take("minutes", minutes_of, empty=0, missing=_("Say how long it took."))
    read = {
        "worked_on": typed.day("worked_on"),
        "start": start,
        "minutes": minutes,
        "kind": typed.choice("kind", BillableKind, BillableKind.BILLABLE).value,
        "rate": typed.number("rate", 2),
        "text": typed.text("text"),
    }
    typed.done()
    return read


def read_item(form: Mapping[str, str]) -> dict[str, Any]:
    """An item as typed. Raises Invalid naming the fields."""
    typed = Typed(form)
    read = {
        "kind": typed.choice("kind", ItemKind, ItemKind.PRODUCT).value,
        "name": clean(form.get("name", "")),
        "quantity": typed.number("quantity", 3, empty=Decimal(0), missing=_("The quantity is missing.")),
        "price": typed.number("price", 4, empty=Decimal(0)),
        "discount": typed.number("discount", 2, empty=Decimal(0)),
        "note": typed.text("note"),
    }
    typed.done()
    return read
