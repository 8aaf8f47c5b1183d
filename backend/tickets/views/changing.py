"""Changing a ticket's properties in place, each with a way back."""

from datetime import datetime
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from backend import clock, config
from backend.auth import me, requires
from backend.contracts.models import Contract, contracts_visible_to
from backend.contracts.models import offered as contracts_offered
from backend.db import session
from backend.errors import Invalid, NotAllowed, NotFound
from backend.fields.rights import may_set
from backend.i18n import _, exact
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
from backend.statuses import pending
from backend.statuses.models import RootCause, offered_causes
from backend.tickets import words
from backend.tickets.actions import change, see
from backend.tickets.models import Status, Ticket
from backend.tickets.views.assigning import team_or_group
from backend.tickets.views.door import blueprint, the_ticket
from backend.tickets.views.overtaken import check_still_so
from backend.tickets.views.talking import status_named
from backend.tickets.warned import close_anyway, left_behind
from backend.ui.answers import changed, looked_again
from backend.web import form_text

_PLAIN = ("priority", "impact", "type", "category", "product_family", "subject")
_LINKED = ("customer", "contact", "assignee", "team", "order", "contract", "root_cause")
_MENUS = ("order", "contract", "root_cause")


def _there_is_none(name: str) -> Invalid:
    return Invalid(_("Please correct the marked fields."), fields={name: _("It is not there any more.")})


def linked(name: str, value: str) -> Customer | Person | Team | Order | Contract | RootCause | None:
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
    elif name == "contract":
        found = session.scalar(contracts_visible_to(who).where(Contract.id == number))
    elif name == "root_cause":
        found = session.get(RootCause, number)
    else:
        found = session.scalar(orders_visible_to(who).where(Order.id == number))
    if found is None:
        raise _there_is_none(name)
    return found  # type: ignore[no-any-return]


def value_before(ticket: Ticket, name: str) -> str:
    """The value as it stands, as the form would post it."""
    if name == "status":
        key, until = session.get_one(Status, ticket.status_id).key, ticket.pending_until
        return f"{key}@{until.isoformat()}" if until is not None else key
    if name == "pending_until":
        return ticket.pending_until.isoformat() if ticket.pending_until is not None else ""
    if name in _PLAIN:
        return str(getattr(ticket, name))
    if name == "team" and ticket.group_id:
        return f"g{ticket.group_id}"
    return str(getattr(ticket, f"{name}_id") or "")


def said_value(name: str, value: Any) -> str:
    """`value` of a property as a person reads it."""
    if isinstance(value, Status):
        return words.status_name(value.key, value.name)
    if isinstance(value, Order):
        return value.number
    if isinstance(value, Customer | Person | Team | Contract | RootCause | Group):
        return value.name
    if isinstance(value, datetime):
        return exact(value)
    return words.value_name(name, value or "")


def properties_of(name: str, posted: str) -> dict[str, Any]:
    """What is to be changed. Raises Invalid."""
    if name == "status":
        properties = status_named(posted)
        if not properties:
            raise Invalid(_("Please correct the marked fields."), fields={"status": _("Choose a status.")})
        return properties
    if name == "pending_until":
        zone = me().timezone or config.current().timezone
        return {name: pending.read(posted, clock.now(), zone)}
    if name == "team":
        value = team_or_group(posted)  # one field says team and group
        return {"group": value} if isinstance(value, Group) else {"team": value, "group": None}
    return {name: posted if name in _PLAIN else linked(name, posted)}


@blueprint.post("/tickets/<int:number>/<name>")
@requires("tickets.write")
def set_property(number: int, name: str) -> ResponseReturnValue:
    """Sets one property; answers with a toast that can take it back."""
    if name not in ("status", "pending_until", *_PLAIN, *_LINKED):
        raise NotFound(_("There is nothing here. It may have been moved, or the address is incomplete."))
    if not may_set(me(), name):
        raise NotAllowed(_("You may not do this. If you should, ask an administrator for the right."))
    ticket, posted = the_ticket(number, lock=True), form_text(request.form, "value")
    before = value_before(ticket, name)
    if posted != before:
        check_still_so(ticket, name, before)
    properties = properties_of(name, posted)
    if "status" in properties and (children := left_behind(ticket, properties["status"])):
        return close_anyway(ticket, properties["status"], children)
    value = properties[name] if name in properties else next(iter(properties.values()))
    change(ticket, me(), closing_reason=form_text(request.form, "closing_reason"), **properties)
    after = value_before(ticket, name)
    if after == before:
        return looked_again(f"ticket:{ticket.id}")
    return changed(
        _("%(property)s: %(value)s", property=words.property_name(name), value=said_value(name, value)),
        f"ticket:{ticket.id}",
        detail=f"#{ticket.number}" + (f", {exact(ticket.pending_until)}" if ticket.pending_until else ""),
        undo=f"/tickets/{ticket.number}/{name}",
        undo_fields={"value": before, "before": after},
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
    """The values of a property that are too many for every page: the customer's orders and contracts, root causes."""
    if name not in _MENUS:
        raise NotFound(_("There is nothing here. It may have been moved, or the address is incomplete."))
    ticket = the_ticket(number)
    offered: list[Any]
    if name == "contract":
        day = clock.local(clock.now(), me().timezone or config.current().timezone).date()
        contracts = contracts_offered(me(), ticket.customer_id, day, ticket.contract_id)
        offered = [(str(row.id), row.name, row.number) for row in contracts]
    elif name == "root_cause":
        offered = [(str(one.id), one.name, "") for one in offered_causes(ticket.type, ticket.source)]
    else:
        orders = orders_visible_to(me()).with_only_columns(Order.id, Order.number, Order.title)
        orders = orders.where(Order.customer_id == (ticket.customer_id or 0)).order_by(Order.ordered_on.desc())
        offered = [(str(row.id), row.number, row.title) for row in session.execute(orders.limit(20))]
    return render_template(
        "tickets/_choices.html", ticket=ticket, name=name, offered=offered, chosen=value_before(ticket, name)
    )
