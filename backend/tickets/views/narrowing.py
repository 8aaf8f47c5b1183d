"""The menu of further filters of a list, and how those in force are said above it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import String, bindparam, column, select
from sqlalchemy import text as sql

from backend.auth import me, requires
from backend.db import session
from backend.fields.models import Definition, FieldKind, definitions
from backend.fields.rows import offered
from backend.fields.values import said
from backend.i18n import N_, _
from backend.i18n import date as said_date
from backend.statuses.models import RootCause
from backend.statuses.words import source_name
from backend.tickets import words
from backend.tickets.models import Channel, Impact, Ticket, visible
from backend.tickets.views.door import blueprint
from backend.tickets.views.filters import Filters
from backend.tickets.views.further import FURTHER, OWN, day_named

_MOST_OFFERED = 300
_LABELS = {
    "impact": N_("Impact"),
    "source": N_("Came by"),
    "product_family": N_("Product family"),
    "root_cause": N_("Root cause"),
    "contract": N_("Contract"),
    "order": N_("Order"),
    "created_from": N_("Opened from"),
    "created_to": N_("Opened until"),
    "updated_from": N_("Changed from"),
    "updated_to": N_("Changed until"),
}
# Every family that a ticket has, each by one step in the index and not by reading all tickets.
_FAMILIES = sql("""
with recursive known as (
    (select product_family from tickets where product_family <> '' order by product_family limit 1)
    union all
    select (select t.product_family from tickets t where t.product_family <> ''
            and t.product_family > known.product_family order by t.product_family limit 1)
    from known where known.product_family is not null)
select product_family from known where product_family is not null limit :most
""").bindparams(bindparam("most", _MOST_OFFERED))


@dataclass(frozen=True)
class InForce:
    """A further filter that narrows the list, and where the list without it is."""

    label: str
    said: str
    href: str


def _day(value: str) -> str:
    return said_date(day_named(value))


_SAID: dict[str, Callable[[str], str]] = {
    "impact": words.impact_name,
    "source": source_name,
    **dict.fromkeys(("created_from", "created_to", "updated_from", "updated_to"), _day),
}


def in_force(filters: Filters, defined: Iterable[Definition], root_cause: str) -> list[InForce]:
    """The further filters of a list; `root_cause`: the name of the one that is asked for."""
    fields, found = {each.key: each for each in defined}, []
    for name, value in filters.given.items():
        if OWN.fullmatch(name):
            field = fields.get(name[2:])
            label, shown = (field.name, said(field.kind, value)) if field else (name[2:], value)
        elif name in FURTHER:
            label, shown = _(_LABELS[name]), root_cause if name == "root_cause" else _SAID.get(name, str)(value)
        else:
            continue
        found.append(InForce(label, shown, filters.address(**{name: ""})))
    return found


def _families() -> list[str]:
    """The product families of the tickets that the reader sees."""
    known = _FAMILIES.columns(column("product_family", String)).subquery()
    there = select(Ticket.id).where(Ticket.product_family == known.c.product_family, visible(me())).exists()
    return list(session.scalars(select(known.c.product_family).where(there).order_by(known.c.product_family)))


def _choices(filters: Filters) -> dict[str, list[tuple[str, str]]]:
    """What is offered for the filters that are chosen and not typed."""
    families = _families()
    if filters.product_family and filters.product_family not in families:
        families.append(filters.product_family)
    causes = session.execute(select(RootCause.id, RootCause.name).order_by(RootCause.position)).all()
    return {
        "impact": [(one.value, words.impact_name(one)) for one in Impact],
        "source": [(one.value, source_name(one)) for one in Channel],
        "product_family": [(name, name) for name in families],
        "root_cause": [(str(cause.id), cause.name) for cause in causes],
    }


def _own_fields(filters: Filters) -> list[dict[str, Any]]:
    """The installation's own fields as the form asks for them."""
    return [
        {
            "name": f"{'c' if each.kind == FieldKind.TEXT else 'f'}-{each.key}",
            "label": each.name,
            "kind": each.kind,
            "offered": offered(each),
        }
        for each in definitions(me())
    ]


@blueprint.get("/tickets/filters")
@requires("tickets.read")
def further_filters() -> ResponseReturnValue:
    """The menu of further filters for the list of this address; `go`: leads to that list, whatever was left empty."""
    filters = Filters.read(request.args)
    if "go" in request.args:
        return redirect(filters.address(), 303)
    fields = _own_fields(filters)
    own = {field["name"] for field in fields}
    return render_template(
        "tickets/_filters.html",
        filters=filters,
        kept={name: value for name, value in filters.given.items() if name not in FURTHER and name not in own},
        labels={name: _(label) for name, label in _LABELS.items()},
        choices={name: [("", _("any")), *some] for name, some in _choices(filters).items()},
        fields=fields,
    )
