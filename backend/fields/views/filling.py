"""Filling in a field on a ticket, with a way back."""

from flask import request
from flask.typing import ResponseReturnValue

from backend.auth import me, requires
from backend.fields.actions import read_values, set_values
from backend.fields.values import as_text, from_text, said
from backend.fields.views.door import blueprint
from backend.i18n import _
from backend.tickets.found import the_ticket
from backend.ui.answers import changed, looked_again
from backend.web import form_text


@blueprint.post("/tickets/<int:number>/fields/<key>")
@requires("tickets.write")
def fill_in(number: int, key: str) -> ResponseReturnValue:
    """Sets one field to `value`; nothing empties it."""
    ticket = the_ticket(number, lock=True)
    before = as_text(ticket.fields.get(key))
    given = {key: form_text(request.form, "value")}
    values = read_values(me(), ticket.type, given, from_text, prefix="field-")
    if not set_values(ticket, me(), values):
        return looked_again(f"ticket:{ticket.id}")
    definition, value = values[0]
    shown = said(definition.kind, as_text(value)) or "–"
    return changed(
        _("%(property)s: %(value)s", property=definition.name, value=shown),
        f"ticket:{ticket.id}",
        detail=f"#{ticket.number}",
        undo=f"/tickets/{number}/fields/{key}",
        undo_fields={"value": before},
    )
