"""The items of a checklist: ticked singly, added, worded anew, moved, removed."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from backend.auth import me, requires
from backend.checklists.actions import MAX_ITEMS, add_item, change_item, move_item, remove_item, tick
from backend.checklists.views.door import blueprint, the_item, the_locked, the_locked_item
from backend.i18n import _
from backend.ui.answers import changed, looked_again
from backend.web import form_text


@blueprint.post("/checklists/<int:number>/items")
@requires("tickets.write")
def add(number: int) -> ResponseReturnValue:
    """Adds an item at the end, or at `position`; several lines are several items."""
    ticket, checklist = the_locked(number)
    given = form_text(request.form, "position")
    position = int(given[:4]) if given.isascii() and given.isdigit() else 0
    lines = [line for line in form_text(request.form, "text").split("\n") if line.strip()]
    for line in lines[: MAX_ITEMS + 1] or [""]:
        add_item(ticket, me(), checklist, line, position=position)
    return looked_again(f"ticket:{ticket.id}")


@blueprint.post("/checklist-items/<int:number>/tick")
@requires("tickets.write")
def set_tick(number: int) -> ResponseReturnValue:
    """Ticks one item (`done`), or takes its tick off."""
    ticket, checklist, item = the_locked_item(number)
    tick(ticket, me(), checklist, item, done=bool(request.form.get("done")))
    return looked_again(f"ticket:{ticket.id}")


@blueprint.get("/checklist-items/<int:number>/form")
@requires("tickets.write")
def form(number: int) -> ResponseReturnValue:
    """What can be done with one item."""
    return render_template("checklists/_item_form.html", item=the_item(number))


@blueprint.post("/checklist-items/<int:number>")
@requires("tickets.write")
def change(number: int) -> ResponseReturnValue:
    """Words an item anew; `seen` is how it read before."""
    ticket, checklist, item = the_locked_item(number)
    before, seen = item.text, form_text(request.form, "seen")
    if not change_item(ticket, me(), checklist, item, form_text(request.form, "text"), seen=seen or None):
        return looked_again(f"ticket:{ticket.id}")
    undo = {"text": before, "seen": item.text}
    return changed(
        _("Item changed"), f"ticket:{ticket.id}", detail=item.text, undo=f"/checklist-items/{number}", undo_fields=undo
    )


@blueprint.post("/checklist-items/<int:number>/move")
@requires("tickets.write")
def move(number: int) -> ResponseReturnValue:
    """Moves an item up or down by one place."""
    ticket, checklist, item = the_locked_item(number)
    move_item(ticket, me(), checklist, item, by=-1 if request.form.get("to") == "up" else 1)
    return looked_again(f"ticket:{ticket.id}")


@blueprint.post("/checklist-items/<int:number>/remove")
@requires("tickets.write")
def remove(number: int) -> ResponseReturnValue:
    """Takes an item off the list; the toast puts it back where it was."""
    ticket, checklist, item = the_locked_item(number)
    position = remove_item(ticket, me(), checklist, item)
    return changed(
        _("Item removed"),
        f"ticket:{ticket.id}",
        detail=item.text,
        undo=f"/checklists/{checklist.id}/items",
        undo_fields={"text": item.text, "position": str(position)},
    )
