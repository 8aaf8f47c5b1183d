"""Deleting a ticket from its page, and bringing it back."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from backend.auth import me, requires
from backend.deletion.actions import delete, restore
from backend.deletion.missing import missing
from backend.deletion.models import tombstone
from backend.tickets.found import the_ticket
from backend.ui.answers import go_to
from backend.web import form_text

blueprint = Blueprint("deletion", __name__, template_folder="templates")


@blueprint.post("/tickets/<int:number>/delete")
@requires("tickets.delete")
def delete_ticket(number: int) -> ResponseReturnValue:
    """Deletes the ticket; its page says so from now on and can bring it back. `unbilled`: also work not billed yet."""
    if tombstone(number, me()) is None:
        delete(the_ticket(number).id, me(), unbilled_too=bool(form_text(request.form, "unbilled")))
    return go_to(f"/tickets/{number}")


@blueprint.post("/tickets/<int:number>/restore")
@requires("tickets.delete")
def restore_ticket(number: int) -> ResponseReturnValue:
    """Brings a deleted ticket back."""
    if tombstone(number, me()) is None:
        raise missing(number, me())
    restore(number, me())
    return go_to(f"/tickets/{number}")
