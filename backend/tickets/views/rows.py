"""The rows of a list of tickets, as columns and in one query: a page of them, or all for a file."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from backend.contracts.models import Contract
from backend.db import session
from backend.orders.models import Order as OrderOfCustomer
from backend.people.models import Customer, Group, Person, Team
from backend.statuses.models import RootCause
from backend.tickets.columns import OWN
from backend.tickets.models import Ticket
from backend.tickets.sorting import Order

PAGE = 50
_Assignee, _Contact = aliased(Person), aliased(Person)
_ROW: Any = select(
    Ticket.id,
    Ticket.number,
    Ticket.subject,
    Ticket.priority,
    Ticket.activity_status,
    Ticket.updated_at,
    Ticket.status_id,
    Ticket.closed,
    Ticket.pending_until,
    Ticket.customer_id,
    Ticket.assignee_id,
)
# Beyond those of the standard list, asked only where they are shown or ordered by.
_MORE: dict[str, tuple[Any, ...]] = {
    "contact": (Ticket.contact_id,),
    "team": (Ticket.team_id, Ticket.group_id),
    "type": (Ticket.type,),
    "impact": (Ticket.impact,),
    "source": (Ticket.source,),
    "root_cause": (Ticket.root_cause_id,),
    "order": (Ticket.order_id,),
    "contract": (Ticket.contract_id,),
    "category": (Ticket.category,),
    "product_family": (Ticket.product_family,),
    "created": (Ticket.created_at,),
}
# And what they are called.
_NAMED: dict[str, tuple[Any, Any]] = {
    "root_cause": (RootCause, RootCause.name),
    "order": (OrderOfCustomer, OrderOfCustomer.number),
    "contract": (Contract, Contract.name),
}


# Who stands beside a ticket: its number, and what each order compares.
_BESIDE: Any = select(Ticket.number, Ticket.id, Ticket.updated_at)


def _wanted(columns: Collection[str]) -> Any:
    more = [column for key, some in _MORE.items() if key in columns for column in some]
    if any(OWN.fullmatch(key) for key in columns):
        more.append(Ticket.fields)
    return _ROW.add_columns(*more) if more else _ROW


def _with_names(some: Any, columns: Collection[str]) -> Select[Any]:
    """The tickets of `some`, with the names of the people and firms behind the ids."""
    query = (
        select(some, Customer.name.label("customer"), _Assignee.name.label("assignee"))
        .outerjoin(Customer, Customer.id == some.c.customer_id)
        .outerjoin(_Assignee, _Assignee.id == some.c.assignee_id)
    )
    if "contact" in columns:
        query = query.add_columns(_Contact.name.label("contact"))
        query = query.outerjoin(_Contact, _Contact.id == some.c.contact_id)
    if "team" in columns:
        query = query.add_columns(func.coalesce(Team.name, Group.name).label("team"))
        query = query.outerjoin(Team, Team.id == some.c.team_id).outerjoin(Group, Group.id == some.c.group_id)
    for key, (named, name) in _NAMED.items():
        if key in columns:
            query = query.add_columns(name.label(key)).outerjoin(named, named.id == some.c[f"{key}_id"])
    return query


def page_of(
    where: Sequence[ColumnElement[bool]], order: Order, columns: Collection[str], after: str, before: str
) -> tuple[list[Any], str, str]:
    """One page of rows, with where to go on and where to go back (empty: nowhere)."""
    cut = order.read(after or before) if after or before else None
    backwards = bool(before and not after and cut)
    query = _wanted({*columns, order.key}).where(*where)
    some = order.first(query, PAGE + 1, cut, backwards=backwards)
    rows = list(session.execute(_with_names(some, columns).order_by(*order.by(some.c))))
    more = len(rows) > PAGE
    if backwards:
        rows = rows[1:] if more else rows
        return rows, order.position(rows[-1]) if rows else "", order.position(rows[0]) if more else ""
    rows = rows[:PAGE]
    return rows, order.position(rows[-1]) if more else "", order.position(rows[0]) if cut and rows else ""


def ids_of(where: Sequence[ColumnElement[bool]], order: Order, most: int) -> list[int]:
    """The ids of all tickets of a list in their order, at most so many."""
    some = order.first(_wanted({order.key}).where(*where), most)
    return list(session.scalars(select(some.c.id).order_by(*order.by(some.c))))


def rows_of(ids: Sequence[int], columns: Collection[str]) -> list[Any]:
    """The rows of these tickets, in the order of the ids; those that are gone are left out."""
    some = _wanted(columns).where(Ticket.id.in_(ids)).subquery()
    found = {row.id: row for row in session.execute(_with_names(some, columns))}
    return [found[number] for number in ids if number in found]


def neighbours(facts: Any, where: Sequence[ColumnElement[bool]], order: Order) -> tuple[int | None, int | None]:
    """Numbers of the tickets before and after this one in the list."""
    here = order.values_of(facts)

    def next_one(*, backwards: bool) -> Any:
        some = order.first(_BESIDE.where(*where), 1, here, backwards=backwards)
        return select(some.c.number).scalar_subquery()

    row = session.execute(select(next_one(backwards=True), next_one(backwards=False))).one()
    return row[0], row[1]
