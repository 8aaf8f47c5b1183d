"""Own messages: changed, deleted, brought back, and taken back before they are sent."""

import json

from flask import render_template, request
from flask.typing import ResponseReturnValue

from backend.auth import me, requires
from backend.errors import Refused
from backend.i18n import _
from backend.ui.answers import changed
from backend.web import form_text
from backend.writing.actions import change_own, delete_own, restore_own, take_back_reply
from backend.writing.views.door import blueprint, number_of, the_message


@blueprint.get("/messages/<int:message_id>/edit")
@requires("tickets.write")
def edit_form(message_id: int) -> ResponseReturnValue:
    """The form in which the author changes a message."""
    message = the_message(message_id)
    if message.author_id != me().person_id:
        raise Refused(_("Only who wrote a message can change it."))
    return render_template("writing/_edit.html", message=message)


@blueprint.post("/messages/<int:message_id>/edit")
@requires("tickets.write")
def edit(message_id: int) -> ResponseReturnValue:
    """Changes the text of an own message; `seen` is the text over which it was written."""
    the_message(message_id)
    seen = form_text(request.form, "seen") if "seen" in request.form else None
    message, before = change_own(message_id, me(), form_text(request.form, "text"), seen=seen)
    return changed(
        _("Message changed."),
        f"ticket:{message.ticket_id}",
        detail=f"#{number_of(message)}",
        undo=f"/messages/{message.id}/edit" if before != message.text else "",
        undo_fields={"text": before, "seen": message.text},
    )


@blueprint.post("/messages/<int:message_id>/delete")
@requires("tickets.write")
def delete(message_id: int) -> ResponseReturnValue:
    """Deletes an own message; a reply that still waits is taken back instead."""
    the_message(message_id)
    message = delete_own(message_id, me())
    return changed(
        _("Message deleted."),
        f"ticket:{message.ticket_id}",
        detail=f"#{number_of(message)}",
        undo=f"/messages/{message.id}/restore",
    )


@blueprint.post("/messages/<int:message_id>/restore")
@requires("tickets.write")
def restore(message_id: int) -> ResponseReturnValue:
    """Brings a deleted message back."""
    the_message(message_id)
    message = restore_own(message_id, me())
    return changed(_("Message brought back."), f"ticket:{message.ticket_id}", detail=f"#{number_of(message)}")


@blueprint.post("/messages/<int:message_id>/unsend")
@requires("tickets.write")
def unsend(message_id: int) -> ResponseReturnValue:
    """Takes back an own reply that still waits; the composer of its ticket takes up the draft it has become."""
    ticket = take_back_reply(min(message_id, 2**62), me())
    response = changed(
        _("Taken back. Nothing was sent; your text is in the composer."),
        f"ticket:{ticket.id}",
        detail=f"#{ticket.number}",
    )
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    events["takenback"] = {"draft": f"ticket:{ticket.number}", "target": "body"}
    response.headers["HX-Trigger"] = json.dumps(events)
    return response
