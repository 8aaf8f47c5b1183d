"""One change of many tickets that were selected in the list."""

import json
from collections.abc import Callable
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend.auth import me, requires
from backend.db import session
from backend.errors import Invalid, NotFound, Refused
from backend.i18n import _, n_
from backend.merging.standing import going_on
from backend.people.models import Group, Person, Team, technicians
from backend.tickets.actions import change
from backend.tickets.actions.closing import nothing_left_behind
from backend.tickets.models import Ticket
from backend.tickets.selected import ids_of, left_out
from backend.tickets.views.changing import properties_of, said_value, value_before
from backend.tickets.views.door import blueprint
from backend.tickets.views.filters import GROUP, Filters
from backend.ui.answers import changed
from backend.web import form_text

_SETTABLE = ("status", "priority", "assignee", "team")


def _unreadable() -> Invalid:
    return Invalid(_("This request could not be read. Please reload the page and try again."))


def _properties(name: str, posted: str) -> dict[str, Any]:
    if name not in _SETTABLE or (name == "status" and not posted):
        raise _unreadable()
    return properties_of(name, posted)


def _selected(numbers: list[str]) -> list[Ticket]:
    """The tickets of these numbers that the person may see, locked, in an order that is the same for everybody."""
    ids = ids_of(numbers, me())
    return list(session.scalars(select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id).with_for_update()))


def _each(tickets: list[Ticket], set_one: Callable[[Ticket], bool]) -> tuple[list[Ticket], dict[int, str]]:
    """(changed tickets, why the others could not be changed); what one refuses does not hold up the rest."""
    done, refused = [], {}
    for ticket in tickets:
        try:
            with session.begin_nested():
                if set_one(ticket):
                    done.append(ticket)
        except Refused as error:
            refused[ticket.number] = next(iter(error.fields.values()), error.message)
    return done, refused


@blueprint.post("/tickets/bulk")
@requires("tickets.write")
def set_many() -> ResponseReturnValue:
    """Sets one property of the selected tickets; the toast says how many, and takes it back."""
    who = me()
    name, _colon, posted = form_text(request.form, "set").partition(":")
    properties = _properties(name, posted)
    value = properties[name] if name in properties else next(iter(properties.values()))
    before: dict[int, str] = {}

    def set_one(ticket: Ticket) -> bool:
        stood = value_before(ticket, name)
        nothing_left_behind(going_on(ticket), who, properties.get("status"))
        change(going_on(ticket), who, **properties)
        if value_before(ticket, name) == stood:
            return False
        before[ticket.number] = stood
        return True

    tickets = _selected(request.form.getlist("number"))
    tickets.sort(key=lambda one: one.parent_id is None)  # what is closed with its sub-tickets leaves none behind
    done, refused = _each(tickets, set_one)
    said = n_("%(num)s ticket: %(value)s", "%(num)s tickets: %(value)s", len(done), value=said_value(name, value))
    return changed(
        said if done else _("Nothing was changed."),
        "tickets",
        detail=left_out(refused),
        undo="/tickets/bulk/back" if done else "",
        undo_fields={"name": name, "after": posted, "before": json.dumps(before)},
    )


@blueprint.post("/tickets/bulk/back")
@requires("tickets.write")
def take_many_back() -> ResponseReturnValue:
    """Takes a change of many back, where nobody has changed the same since."""
    who, name, after = me(), form_text(request.form, "name"), form_text(request.form, "after")
    try:
        before = {str(number): str(value) for number, value in json.loads(form_text(request.form, "before")).items()}
        known = all(str(int(number)) == number for number in before)
    except (ValueError, AttributeError, RecursionError) as error:
        raise _unreadable() from error
    if not known:  # written by hand: ours are as numbers are written
        raise _unreadable()
    values = {value: _properties(name, value) for value in set(before.values())}

    def set_one(ticket: Ticket) -> bool:
        if value_before(ticket, name) != after:
            raise Refused(_("changed by somebody else meanwhile"))
        change(going_on(ticket), who, **values[before[str(ticket.number)]])
        return True

    done, refused = _each(_selected(list(before)), set_one)
    said = n_("%(num)s ticket is as before", "%(num)s tickets are as before", len(done))
    return changed(said, "tickets", detail=left_out(refused))


@blueprint.get("/tickets/menu/<name>")
@requires("tickets.read")
def menu(name: str) -> ResponseReturnValue:
    """Teams and groups, or technicians, for a menu of the list; `for=filter`: as links that narrow it, else to set."""
    rows: list[Any]
    if name == "team":
        rows = [(str(row.id), row.name) for row in session.execute(select(Team.id, Team.name).order_by(Team.name))]
        groups = session.execute(select(Group.id, Group.name).order_by(Group.name))
        rows += [(f"{GROUP}{row.id}", row.name) for row in groups]
    elif name == "assignee":
        people = session.execute(technicians().with_only_columns(Person.id, Person.name))
        rows = [(str(row.id), row.name) for row in people]
    else:
        raise NotFound(_("There is nothing here. It may have been moved, or the address is incomplete."))
    narrows = request.args.get("for") == "filter"
    return render_template(
        "tickets/_menu.html", name=name, rows=rows, filters=Filters.read(request.args), narrows=narrows
    )
