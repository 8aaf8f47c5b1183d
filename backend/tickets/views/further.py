"""Filters of a list beyond its chips, as conditions: properties, ranges of days, the installation's own fields."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy import text as sql
from sqlalchemy.sql.elements import ColumnElement

from backend import config
from backend.auth import Who
from backend.contracts.models import Contract, contracts_visible_to
from backend.orders.models import Order
from backend.tickets.models import Channel, Impact, Ticket

OWN = re.compile(r"[fc]-[a-z0-9_]{1,60}")  # a field of the installation's own: f- is exactly that, c- contains it
_DAYS = {
    "created_from": (Ticket.created_at, False),
    "created_to": (Ticket.created_at, True),
    "updated_from": (Ticket.updated_at, False),
    "updated_to": (Ticket.updated_at, True),
}
_CHOICES: dict[str, Any] = {"impact": Impact, "source": Channel}
FURTHER = (*_CHOICES, "product_family", "root_cause", "contract", "order", *_DAYS)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,3})?")


def day_named(value: str) -> date | None:
    """A day as a form says it; None for what is none, or is beyond what a calendar of ours holds."""
    try:
        found = date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except ValueError:
        return None
    return found if found is not None and 1900 < found.year < 2200 else None


def understood(name: str, value: str) -> bool:
    """Whether `value` can be the filter `name` of FURTHER."""
    if name in _CHOICES:
        return value in set(_CHOICES[name])
    if name in _DAYS:
        return day_named(value) is not None
    if name == "root_cause":
        return value.isascii() and value.isdigit() and len(value) < 10
    return True


def _holds(words: str) -> str:
    escaped = words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _contract(words: str, who: Who) -> ColumnElement[bool]:
    named = or_(func.lower(Contract.number).like(_holds(words)), func.lower(Contract.name).like(_holds(words)))
    return Ticket.contract_id.in_(contracts_visible_to(who).with_only_columns(Contract.id).where(named))


_CONDITIONS: dict[str, Callable[[str], ColumnElement[bool]]] = {
    "impact": lambda value: Ticket.impact == value,
    "source": lambda value: Ticket.source == value,
    "product_family": lambda value: Ticket.product_family == value,
    "root_cause": lambda value: Ticket.root_cause_id == int(value),
    "order": lambda value: Ticket.order_id.in_(select(Order.id).where(func.lower(Order.number) == value.lower())),
}


def _own(name: str, value: str) -> ColumnElement[bool]:
    """What the field holds is not known here: a text, a number, or yes and no are all looked for by one index."""
    key = name[2:]
    if name.startswith("c-"):
        return func.lower(Ticket.fields[key].astext).like(_holds(value))
    meant: list[Any] = [value]
    if value in ("yes", "no"):
        meant.append(value == "yes")
    number = value.replace(" ", "").replace(",", ".")
    if _NUMBER.fullmatch(number):
        exact = Decimal(number)
        meant.append(int(exact) if exact == exact.to_integral_value() else float(exact))
    return or_(*(Ticket.fields.contains({key: one}) for one in meant))


def conditions_of(given: Mapping[str, str], who: Who) -> list[ColumnElement[bool]]:
    """The conditions on `Ticket` of those of the given filters that are no chip of their own; days are those of the
    zone of `who`, the last one included.
    """
    zone = ZoneInfo(who.timezone or config.current().timezone)
    found: list[ColumnElement[bool]] = []
    for name, value in given.items():
        if name in _CONDITIONS:
            found.append(_CONDITIONS[name](value))
        elif name == "contract":
            found.append(_contract(value, who))
        elif name in _DAYS and (day := day_named(value)) is not None:
            column, until = _DAYS[name]
            moment = datetime.combine(day + timedelta(days=until), time.min, zone)
            found.append(column < moment if until else column >= moment)
        elif OWN.fullmatch(name):
            # Written as in the index `ix_tickets_fields`.
            found += [Ticket.fields != sql("'{}'"), _own(name, value)]
    return found
