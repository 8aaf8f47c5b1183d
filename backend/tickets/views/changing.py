"""Changing a ticket's properties in place, each with a way back."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from backend.auth import me, requires
from backend.db import session
from backend.errors import Invalid, NotFound
from backend.i18n import _
from backend.orders.models import Order, orders_visible_to
from backend.people.models import (
    Customer,
    Group,
    Person,
    Team,
    contacts_visible_to,
    customers_visible_to,
    technicians,
)
from backend.tickets import words
from backend.tickets.actions import change, see
from backend.tickets.models import Status, Ticket
from backend.tickets.views.assigning import team_or_group
from backend.tickets.views.closing import close_anyway, left_behind
from backend.tickets.views.door import blueprint, the_ticket
from backend.tickets.views.talking import status_named
from backend.ui.answers import changed, looked_again
from backend.web import form_text

_PLAIN = ("priority", "impact", "type", "category", "product_family", "subject")
_LINKED = ("customer", "contact", "assignee", "team", "order")


def _there_is_none(name: str) -> Invalid:
    return Invalid(_("Please correct the marked fields."), fields={name: _("It is not there any more.")})


def linked(name: str, value: str) -> Customer | Person | Team | Order | None:
    """The object behind a posted id; None for the empty one. Raises Invalid when the person may not choose it."""
    if not value:
        return None
    if not value.isdecimal() or len(value) > 9:
        raise _there_is_none(name)
    number, who = int(value), me()
    found: Any
    if name == "customer":
        found = session.scalar(customers_visible_to(who).where(Customer.id == number))
    elif name == "contact":
        found = session.scalar(contacts_visible_to(who).where(Person.id == number, Person.active))
    elif name == "assignee":
        found = session.scalar(technicians().where(Person.id == number))
    else:
        found = session.scalar(orders_visible_to(who).where(Order.id == number))
    if found is None:
        raise _there_is_none(name)
    return found  # type: ignore[no-any-return]


def _before(ticket: Ticket, name: str) -> str:
    """The value as it stands, as the form would post it."""
    if name == "status":
        return session.get_one(Status, ticket.status_id).key
    if name in _PLAIN:
        return str(getattr(ticket, name))
    if name == "team" and ticket.group_id:
        return f"g{ticket.group_id}"
    return str(getattr(ticket, f"{name}_id") or "")


def _said(name: str, value: Any) -> str:
    if isinstance(value, Status):
        return words.status_name(value.key, value.name)
    if isinstance(value, Order):
        return value.number
    if isinstance(value, Customer | Person | Team | Group):
        return value.name
    return words.value_name(name, value or "")


def _properties(name: str, value: Any) -> dict[str, Any]:
    """What to change: one field says team and group."""
    if name == "team":
        return {"group": value} if isinstance(value, Group) else {"team": value, "group": None}
    return {name: value}


@blueprint.post("/tickets/<int:number>/<name>")
@requires("tickets.write")
def set_property(number: int, name: str) -> ResponseReturnValue:
    """Sets one property; answers with a toast that can take it back."""
    if name not in ("status", *_PLAIN, *_LINKED):
        raise NotFound(_("There is nothing here. It may have been moved, or the address is incomplete."))
    ticket, posted = the_ticket(number, lock=True), form_text(request.form, "value")
    before = _before(ticket, name)
    value: Any
    if name == "status":
        value = status_named(posted)
        if value is None:
            raise Invalid(_("Please correct the marked fields."), fields={"status": _("Choose a status.")})
        if children := left_behind(ticket, value):
            return close_anyway(ticket, value, children)
    elif name in _PLAIN:
        value = posted
    elif name == "team":
        value = team_or_group(posted)
    else:
        value = linked(name, posted)
    change(ticket, me(), **_properties(name, value))
    after = _before(ticket, name)
    if after == before:
        return looked_again(f"ticket:{ticket.id}")
    return changed(
        _("%(property)s: %(value)s", property=words.property_name(name), value=_said(name, value)),
        f"ticket:{ticket.id}",
        detail=f"#{ticket.number}",
        undo=f"/tickets/{ticket.number}/{name}",
        undo_fields={"value": before},
    )


@blueprint.post("/tickets/<int:number>/seen")
@requires("tickets.read")
def seen(number: int) -> ResponseReturnValue:
    """The person has the ticket before their eyes: what was unread is read."""
    see(the_ticket(number, lock=True), me())
    return looked_again()


@blueprint.get("/tickets/<int:number>/choices/<name>")
@requires("tickets.read")
def choices(number: int, name: str) -> ResponseReturnValue:
    """The values of a property that are too many for every page: the customer's orders."""
    if name != "order":
        raise NotFound(_("There is nothing here. It may have been moved, or the address is incomplete."))
    ticket = the_ticket(number)
    orders = orders_visible_to(me()).with_only_columns(Order.id, Order.number, Order.title)
    orders = orders.where(Order.customer_id == (ticket.customer_id or 0)).order_by(Order.ordered_on.desc())
    offered = [(str(row.id), row.number, row.title) for row in session.execute(orders.limit(20))]
    return render_template(
        "tickets/_choices.html", ticket=ticket, name=name, offered=offered, chosen=_before(ticket, name)
    )
