"""Values of fields: read from a form or from JSON, checked, and said."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from backend.fields.models import Definition, FieldKind
from backend.i18n import _, quantity
from backend.i18n import date as said_date

MAX_TEXT = 1000
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,3})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Wrong(Exception):
    """A value that a field does not take; the message is a sentence."""


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if _DAY.fullmatch(text) else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> str:
    raise Wrong(_("A date such as 2026-11-24 is needed."))


def _number(text: str) -> int | float:
    text = text.replace(" ", "")
    text = text if "." in text else text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        raise Wrong(_("A number is needed."))
    exact = Decimal(text)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Wrong(_("At most %(max)s characters are possible.", max=MAX_TEXT))
    return text


def _choice(definition: Definition, text: str) -> str:
    if text not in definition.options:
        raise Wrong(_("Choose one of %(list)s.", list=", ".join(definition.options)))
    return text


def from_text(definition: Definition, text: str) -> Any:
    """What a form says as a value; None for nothing. Raises Wrong."""
    text = " ".join(text.replace("\x00", "").split())
    if not text:
        return None
    if definition.kind == FieldKind.NUMBER:
        return _number(text)
    if definition.kind == FieldKind.DATE:
        return _day(text)
    if definition.kind == FieldKind.CHOICE:
        return _choice(definition, text)
    if definition.kind == FieldKind.YES_NO:
        if text not in ("yes", "no"):
            raise Wrong(_("Choose one of %(list)s.", list="yes, no"))
        return text == "yes"
    return _text(text)


def from_json(definition: Definition, value: Any) -> Any:
    """What JSON says as a value; None for null and the empty text. Raises Wrong."""
    if value is None:
        return None
    if definition.kind == FieldKind.YES_NO:
        if not isinstance(value, bool):
            raise Wrong(_("Either true or false is needed."))
        return value
    if definition.kind == FieldKind.NUMBER:
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= 10**12:
            raise Wrong(_("A number is needed."))
        return _number(f"{Decimal(str(value)):f}")
    if not isinstance(value, str):
        raise Wrong(_("A text is needed."))
    return from_text(definition, value)


def as_text(value: Any) -> str:
    """`value` as a form posts it and the log keeps it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def said(kind: str, text: str) -> str:
    """What `as_text` gave, as a person reads it."""
    if kind == FieldKind.YES_NO and text in ("yes", "no"):
        return _("yes") if text == "yes" else _("no")
    if kind == FieldKind.NUMBER and _NUMBER.fullmatch(text):
        return quantity(Decimal(text))
    if kind == FieldKind.DATE and _DAY.fullmatch(text):
        return said_date(date.fromisoformat(text))
    return text
