"""The columns a list of tickets may have, in their order."""

from collections.abc import Iterable
from dataclasses import dataclass

from backend.i18n import N_


@dataclass(frozen=True)
class Column:
    """One column. `look` is its class on the page; `sort` what a press on its head orders by."""

    key: str
    label: str
    look: str = ""
    sort: str = ""
    standard: bool = True


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
    Column("category", N_("Category"), "c-tech", standard=False),
    Column("product_family", N_("Product family"), "c-tech", standard=False),
    Column("created", N_("Opened"), "c-last", "created", standard=False),
    Column("updated", N_("Last"), "c-last", "updated"),
)
ALWAYS = "subject"
STANDARD = tuple(column.key for column in COLUMNS if column.standard)


def chosen(keys: Iterable[str]) -> tuple[str, ...]:
    """Those of `keys` that are columns, in the order of the list; the title is always there, nothing means the
    standard ones.
    """
    wanted = set(keys)
    return tuple(c.key for c in COLUMNS if c.key in wanted or c.key == ALWAYS) if wanted else STANDARD
