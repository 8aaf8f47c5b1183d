"""Products, travel and other expenses of a ticket."""

import uuid
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from backend import files, receipts
from backend.auth import me, requires
from backend.contracts.models import under
from backend.db import session
from backend.errors import Conflict, NotFound
from backend.i18n import _
from backend.tickets.actions import Enclosure, enclosures
from backend.tickets.found import the_ticket
from backend.tickets.models import Ticket
from backend.ui.answers import changed, looked_again
from backend.web import file_response, form_text
from backend.worklog import actions
from backend.worklog.form import read_item, typed_number
from backend.worklog.models import TicketItem, items_visible_to
from backend.worklog.views.door import blueprint, the_item
from backend.worklog.words import ITEMS


def _file() -> Enclosure | None:
    kept = enclosures(request.files.getlist("file")[:1])
    return kept[0] if kept else None


def _form(ticket: Ticket, item: TicketItem | None) -> str:
    contract = under(ticket.contract_id)
    return render_template(
        "worklog/_item_form.html",
        ticket=ticket,
        item=item,
        kinds=list(ITEMS),
        currency=item.currency if item else actions.currency_under(contract),
        travel=contract.travel_flat_rate if contract and not item else None,
        token="" if item else uuid.uuid4().hex,
    )


def _one(item_id: int) -> TicketItem:
    item = session.scalar(items_visible_to(me()).where(TicketItem.id == min(item_id, 2**31 - 1)))
    if item is None:
        raise NotFound(_("This item is no longer there."))
    return item


@blueprint.get("/tickets/<int:number>/items/new")
@requires("time.write")
def new_item(number: int) -> ResponseReturnValue:
    """The form of an item."""
    return _form(the_ticket(number), None)


@blueprint.get("/items/<int:item_id>/edit")
@requires("time.write")
def edit_item(item_id: int) -> ResponseReturnValue:
    """The form of an item that is there."""
    item = _one(item_id)
    return _form(session.get_one(Ticket, item.ticket_id), item)


@blueprint.get("/items/<int:item_id>/file")
@requires("time.read")
def item_file(item_id: int) -> ResponseReturnValue:
    """The file of an item, a receipt say."""
    item = _one(item_id)
    if not item.file_sha256:
        raise NotFound(_("This file is not there."))
    content = files.read(item.file_sha256)
    return file_response(content, name=item.file_name, content_type=item.file_type, inline=True)


@blueprint.post("/tickets/<int:number>/items")
@requires("time.write")
def add_item(number: int) -> ResponseReturnValue:
    """A new item as the form says; the same form sent twice adds one."""
    who, token = me(), form_text(request.form, "token")[:64]
    ticket = the_ticket(number, lock=True)
    source = f"worklog.item.{who.person_id}"
    if token and receipts.earlier(source, token) is not None:
        return looked_again(f"ticket:{ticket.id}")
    written = read_item(request.form)
    if not form_text(request.form, "price"):
        del written["price"]  # so that travel costs what the contract says
    item = actions.add_item(ticket, who, file=_file(), **written)
    if token:
        receipts.keep(source, token, str(item.id))
    return changed(_("Item added"), f"ticket:{ticket.id}", detail=item.name, undo=f"/items/{item.id}/delete")


def _as_typed(item: TicketItem) -> dict[str, str]:
    numbers = {name: typed_number(getattr(item, name)) for name in ("quantity", "price", "discount")}
    return {"kind": item.kind, "name": item.name, "note": item.note, **numbers}


@blueprint.post("/items/<int:item_id>")
@requires("time.write")
def change_item(item_id: int) -> ResponseReturnValue:
    """The item as the form says now; `version` says which one the form showed."""
    item, written, file = the_item(item_id), read_item(request.form), _file()
    if item.deleted_at is not None:
        raise Conflict(_("Somebody has deleted this item meanwhile."))
    version, without = form_text(request.form, "version"), bool(form_text(request.form, "without_file"))
    before, filed = _as_typed(item), file is not None or without
    shown = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    topic = f"ticket:{item.ticket_id}"
    if not actions.change_item(item, me(), version=shown, file=file, without_file=without, **written):
        return looked_again(topic)
    undo: dict[str, Any] = {}
    if not filed:  # a file that was taken away does not come back by a form
        undo = {"undo": f"/items/{item.id}", "undo_fields": {**before, "version": str(item.version)}}
    return changed(_("Item saved"), topic, detail=item.name, **undo)


@blueprint.post("/items/<int:item_id>/delete")
@requires("time.write")
def delete_item(item_id: int) -> ResponseReturnValue:
    """The item goes; it can be brought back."""
    item = the_item(item_id)
    actions.remove_item(item, me())
    topic = f"ticket:{item.ticket_id}"
    return changed(_("Item deleted"), topic, detail=item.name, undo=f"/items/{item.id}/restore")


@blueprint.post("/items/<int:item_id>/restore")
@requires("time.write")
def restore_item(item_id: int) -> ResponseReturnValue:
    """The item is there again."""
    item = the_item(item_id)
    actions.restore_item(item, me())
    return changed(_("Item is there again"), f"ticket:{item.ticket_id}", detail=item.name)
