"""Checklists of a ticket: added from a template or empty, named, removed."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from backend.auth import me, requires
from backend.checklists.actions import (
    add_checklist,
    add_from_template,
    change_checklist,
    remove_checklist,
    restore_checklist,
)
from backend.checklists.models import ChecklistTemplate, templates
from backend.checklists.views.door import blueprint, the_checklist, the_locked
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.tickets.found import the_ticket
from backend.ui.answers import changed, looked_again
from backend.web import form_text


@blueprint.get("/tickets/<int:number>/checklists/new")
@requires("tickets.write")
def offered(number: int) -> ResponseReturnValue:
    """What a new checklist can begin with."""
    return render_template("checklists/_new.html", ticket=the_ticket(number), templates=templates())


@blueprint.post("/tickets/<int:number>/checklists")
@requires("tickets.write")
def add_list(number: int) -> ResponseReturnValue:
    """Adds a checklist: of `template` (its id), or an empty one with a `name`."""
    ticket, chosen = the_ticket(number, lock=True), form_text(request.form, "template")
    if chosen:
        template = session.get(ChecklistTemplate, int(chosen[:9])) if chosen.isdecimal() and chosen.isascii() else None
        if template is None:
            raise NotFound(_("This template is no longer there."))
        made = add_from_template(ticket, me(), template)
    else:
        made = add_checklist(ticket, me(), form_text(request.form, "name"), items=[])
    return changed(
        _("Checklist added: %(name)s", name=made.name), f"ticket:{ticket.id}", undo=f"/checklists/{made.id}/remove"
    )


@blueprint.get("/checklists/<int:number>/form")
@requires("tickets.write")
def list_form(number: int) -> ResponseReturnValue:
    """The list's name and order, to be changed, and the way to remove it."""
    return render_template("checklists/_list_form.html", checklist=the_checklist(number))


@blueprint.post("/checklists/<int:number>")
@requires("tickets.write")
def change_list(number: int) -> ResponseReturnValue:
    """Names the list anew; `in_order`: its items are ticked one after the other."""
    ticket, checklist = the_locked(number)
    before = {"name": checklist.name, "in_order": "1" if checklist.in_order else ""}
    name, in_order = form_text(request.form, "name"), bool(request.form.get("in_order"))
    if not change_checklist(ticket, me(), checklist, name=name, in_order=in_order):
        return looked_again(f"ticket:{ticket.id}")
    return changed(
        _("Checklist changed"),
        f"ticket:{ticket.id}",
        detail=checklist.name,
        undo=f"/checklists/{number}",
        undo_fields=before,
    )


@blueprint.post("/checklists/<int:number>/remove")
@requires("tickets.write")
def remove_list(number: int) -> ResponseReturnValue:
    """Takes the list off the ticket; the toast brings it back."""
    ticket, checklist = the_locked(number)
    remove_checklist(ticket, me(), checklist)
    undo = f"/checklists/{number}/restore"
    return changed(_("Checklist removed"), f"ticket:{ticket.id}", detail=checklist.name, undo=undo)


@blueprint.post("/checklists/<int:number>/restore")
@requires("tickets.write")
def restore_list(number: int) -> ResponseReturnValue:
    """Brings a removed list back as it was."""
    ticket, checklist = the_locked(number)
    restore_checklist(ticket, me(), checklist)
    return looked_again(f"ticket:{ticket.id}")
