"""The columns a list of tickets may have, in their order: of properties, and of fields of the installation's own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from backend.auth import Who
from backend.fields.models import Definition, FieldKind
from backend.fields.values import as_text, said
from backend.i18n import N_, _


@dataclass(frozen=True)
class Column:
    """One column. `look` is its class on the page; `sort` what a press on its head orders by; `field`: the own field
    that it shows.
    """

    key: str
    label: str
    look: str = ""
    sort: str = ""
    standard: bool = True
    field: Definition | None = None

    @property
    def head(self) -> str:
        """Its name in the reader's language."""
        return self.field.name if self.field is not None else _(self.label)


COLUMNS = (
    Column("priority", N_("Priority"), "c-prio", "priority"),
    Column("number", N_("No."), "c-no", "number"),
    Column("subject", N_("Title")),
    Column("customer", N_("Customer"), "c-customer", "customer"),
    Column("contact", N_("Contact"), "c-tech", standard=False),
    Column("status", N_("Status"), "c-status"),
    Column("activity", N_("Activity"), "c-act"),
    Column("assignee", N_("Technician"), "c-tech"),
    Column("team", N_("Team"), "c-tech", standard=False),
    Column("type", N_("Type"), "c-count", standard=False),
    Column("impact", N_("Impact"), "c-more", standard=False),
    Column("category", N_("Category"), "c-more", standard=False),
    Column("product_family", N_("Product family"), "c-more", standard=False),
    Column("root_cause", N_("Root cause"), "c-more", standard=False),
    Column("order", N_("Order"), "c-more", standard=False),
    Column("contract", N_("Contract"), "c-more", standard=False),
    Column("source", N_("Came by"), "c-more", standard=False),
    Column("created", N_("Opened"), "c-last", "created", standard=False),
    Column("updated", N_("Last"), "c-last", "updated"),
)
ALWAYS = "subject"
STANDARD = tuple(column.key for column in COLUMNS if column.standard)
OWN = re.compile(r"field-([a-z0-9_]{1,60})")  # the key of a column that shows a field of the installation's own
_OWN_BEFORE = next(place for place, column in enumerate(COLUMNS) if column.key == "created")
_MOST = 60


def with_own(definitions: Iterable[Definition], who: Who) -> tuple[Column, ...]:
    """All columns that `who` may see in their order, with those of these fields."""
    hidden = () if who.may("contracts.read") else ("contract",)
    own = [Column(f"field-{each.key}", each.name, "c-more", standard=False, field=each) for each in definitions]
    every = (*COLUMNS[:_OWN_BEFORE], *own, *COLUMNS[_OWN_BEFORE:])
    return tuple(column for column in every if column.key not in hidden)


def chosen(keys: Iterable[str]) -> tuple[str, ...]:
    """Those of `keys` that are columns, in the order of the list; the title is always there, nothing means the
    standard ones. Whether an own field is still there is not known here.
    """
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return STANDARD
    here = [column.key for column in COLUMNS if column.key in wanted or column.key == ALWAYS]
    return (*here, *[key for key in wanted if OWN.fullmatch(key)][:_MOST])


def shown_among(columns: Iterable[Column], keys: Iterable[str]) -> tuple[str, ...]:
    """Those of the columns that `chosen` says, in their order."""
    wanted = set(chosen(keys))
    return tuple(column.key for column in columns if column.key in wanted)


def own_cell(row: Any, field: Definition) -> str | int | float | date:
    """The same for a spreadsheet, that reckons with it: a number as a number, a day as a day."""
    value = row.fields.get(field.key)
    if field.kind == FieldKind.NUMBER and isinstance(value, int | float):
        return value
    if field.kind == FieldKind.DATE and isinstance(value, str):
        return date.fromisoformat(value)
    return own_value(row, field)


def own_value(row: Any, field: Definition) -> str:
    """What stands in the column of an own field, as people read it."""
    value = row.fields.get(field.key)
    return "" if value is None else said(field.kind, as_text(value))
