"""What a composer asks for: which modules there are, and one of them filled for its ticket."""

from collections.abc import Callable

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend import config
from backend.auth import me, requires
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.people.models import Customer, Person, contacts_visible_to, customers_visible_to
from backend.textmodules.filling import Filling
from backend.textmodules.gaps import Part, named, shortened, unfilled
from backend.textmodules.models import ModuleKind, TextModule, matching, text_modules_visible_to
from backend.textmodules.views.door import blueprint, the_module
from backend.tickets.models import Ticket, tickets_visible_to
from backend.web import form_text

OFFERED = 30
SHOWN = 130  # characters of each
# What is offered where something of that kind is written: notes are never offered in what customers get.
_FITTING = {
    ModuleKind.REPLY: (ModuleKind.REPLY, ModuleKind.FOLLOW_UP),
    "call": (ModuleKind.NEW_TICKET,),
}


def _number(name: str) -> int:
    """The id of that name in the address; 0 where there is none."""
    number = request.args.get(name, type=int)
    return number if number is not None and 0 <= number < 2**31 else 0


@blueprint.get("/text-modules/find")
@requires("tickets.write")
def find() -> ResponseReturnValue:
    """Modules of the kind that `kind` is written with, by the words of `q`; those in the contact's language first."""
    kind = request.args.get("kind", ModuleKind.REPLY)
    kinds = _FITTING.get(kind, (kind,) if kind in set(ModuleKind) else (ModuleKind.REPLY,))
    query = text_modules_visible_to(me()).where(TextModule.kind.in_(kinds))
    query = matching(query, form_text(request.args, "q")[:200])
    if _number("ticket"):
        spoken = select(Person.language).join(Ticket, Ticket.contact_id == Person.id)
        spoken = spoken.where(Ticket.number == _number("ticket"))
        query = query.order_by((TextModule.language == spoken.scalar_subquery()).desc().nulls_last())
    elif request.args.get("problem"):  # for several readers: in the language of the house
        query = query.order_by((TextModule.language == config.current().language).desc())
    rows = session.scalars(query.order_by(TextModule.name, TextModule.id).limit(OFFERED)).all()
    parts = _filled_here() if rows else None
    found = [(row, shortened(parts(row), SHOWN)) for row in rows] if parts else []
    return render_template("textmodules/_found.html", found=found, asked=form_text(request.args, "q").strip())


def _filled_here() -> Callable[[TextModule], list[Part]]:
    """What becomes of a module where the address says: on `ticket`, on a new one of `customer` and `contact`, or on all
    tickets of a `problem`.
    """
    if request.args.get("problem"):
        return lambda module: named(unfilled(module.text))
    filling = _filling()
    return lambda module: filling.parts(module.text, module.language)


def _filling() -> Filling:
    who = me()
    if request.args.get("ticket"):
        ticket = session.scalar(tickets_visible_to(who).where(Ticket.number == _number("ticket")))
        if ticket is None:
            raise NotFound(_("There is no such ticket."))
        return Filling(who, ticket=ticket)
    contact = session.scalar(contacts_visible_to(who).where(Person.id == _number("contact")))
    customer = session.scalar(customers_visible_to(who).where(Customer.id == _number("customer")))
    return Filling(who, customer=customer, contact=contact)


@blueprint.get("/text-modules/shortcuts")
@requires("tickets.write")
def shortcuts() -> ResponseReturnValue:
    """The id of each module by its shortcut; the own one wins."""
    rows = session.execute(
        text_modules_visible_to(me())
        .with_only_columns(TextModule.shortcut, TextModule.id)
        .where(TextModule.shortcut != "")
        .order_by(TextModule.owner_id.nulls_first())
    )
    return jsonify({row.shortcut: row.id for row in rows})


@blueprint.get("/text-modules/<int:number>/filled")
@requires("tickets.write")
def filled_for(number: int) -> ResponseReturnValue:
    """The module's text in parts, filled for `ticket` (its number), or for a new one of `customer` and `contact`.

    For a `problem`, whose customers are answered together, placeholders stay: each customer gets their own values.
    """
    module = the_module(number)
    of_several = bool(request.args.get("problem"))
    parts = unfilled(module.text) if of_several else _filling().parts(module.text, module.language)
    said = [{"kind": part.kind, "text": part.text} for part in parts]
    return jsonify({"name": module.name, "language": module.language, "parts": said})
