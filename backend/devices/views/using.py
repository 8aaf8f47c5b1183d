"""Devices of a contact: entered and changed from a ticket or the contact's page, connected to from a ticket."""

import json
from typing import Any

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend.auth import me, requires
from backend.db import session
from backend.devices.actions import connect, put_device, remove_device
from backend.devices.models import ConnectLink, Device, devices_of, devices_visible_to
from backend.devices.views.door import blueprint
from backend.errors import NotFound
from backend.i18n import _
from backend.people.models import Person, contacts_visible_to
from backend.tickets.found import the_ticket
from backend.tickets.models import Ticket
from backend.ui.answers import changed
from backend.web import form_text

_HIGHEST = 2**31 - 1
FIELDS = ("name", "kind", "serial", "remote_id")


def _the_contact(number: int) -> Person:
    query = contacts_visible_to(me()) if not me().is_staff else select(Person)
    found = session.scalar(query.where(Person.id == min(number, _HIGHEST)))
    if found is None:
        raise NotFound(_("There is no such contact."))
    return found


def _the_device(number: int, *, removed: bool = False) -> Device:
    query = devices_visible_to(me(), removed=removed).where(Device.id == min(number, _HIGHEST))
    found = session.scalar(query.with_for_update() if request.method == "POST" else query)
    if found is None:
        raise NotFound(_("This device is no longer there."))
    return found


def _here() -> Ticket | None:
    """The ticket from whose page this was done; it stands in the form. Locked before the device, as everybody does."""
    number = form_text(request.values, "ticket")
    if not (number.isascii() and number.isdigit()):
        return None
    return the_ticket(int(number[:10]), lock=request.method == "POST")


def _of_its_contact(ticket: Ticket | None, contact_id: int) -> None:
    """Raises NotFound on the page of a ticket of somebody else."""
    if ticket is not None and ticket.contact_id != contact_id:
        raise NotFound(_("This device is no longer there."))


@blueprint.get("/contacts/<int:number>/devices")
@requires("people.read")
def device_list(number: int) -> ResponseReturnValue:
    """The devices of a contact, for their page."""
    contact = _the_contact(number)
    return render_template("devices/_contact.html", contact_id=contact.id, devices=devices_of(me(), contact.id))


@blueprint.get("/contacts/<int:number>/devices/new")
@requires("people.write")
def new_device(number: int) -> ResponseReturnValue:
    """The form for a new device of that contact."""
    contact, ticket = _the_contact(number), _here()
    return render_template("devices/_form.html", contact_id=contact.id, device=None, ticket=ticket)


@blueprint.get("/devices/<int:number>/form")
@requires("people.write")
def device_form(number: int) -> ResponseReturnValue:
    """The form of one device."""
    ticket, device = _here(), _the_device(number)
    _of_its_contact(ticket, device.contact_id)
    return render_template("devices/_form.html", contact_id=device.contact_id, device=device, ticket=ticket)


def _topics(device: Device, ticket: Ticket | None) -> list[str]:
    return [f"devices:{device.contact_id}", *([f"ticket:{ticket.id}"] if ticket is not None else [])]


@blueprint.post("/contacts/<int:number>/devices")
@requires("people.write")
def add_device(number: int) -> ResponseReturnValue:
    """Enters a device of that contact."""
    given: dict[str, Any] = {name: form_text(request.form, name) for name in FIELDS}
    ticket, contact = _here(), _the_contact(number)
    _of_its_contact(ticket, contact.id)
    device = put_device(me(), None, contact=contact, ticket=ticket, **given)
    undo = f"/devices/{device.id}/remove"
    told = {"ticket": str(ticket.number)} if ticket is not None else {}
    return changed(_("Device added"), *_topics(device, ticket), detail=device.name, undo=undo, undo_fields=told)


@blueprint.post("/devices/<int:number>")
@requires("people.write")
def save_device(number: int) -> ResponseReturnValue:
    """Changes a device; `version` is the one its writer began with."""
    ticket, device = _here(), _the_device(number)
    _of_its_contact(ticket, device.contact_id)
    given, seen = {name: form_text(request.form, name) for name in FIELDS}, form_text(request.form, "version")
    before = {name: getattr(device, name) for name in FIELDS}
    put_device(
        me(),
        device,
        contact=_the_contact(device.contact_id),
        ticket=ticket,
        seen=int(seen[:9]) if seen.isascii() and seen.isdigit() else None,
        **given,
    )
    undo = {**before, "version": str(device.version), **({"ticket": str(ticket.number)} if ticket is not None else {})}
    return changed(
        _("Device changed"),
        *_topics(device, ticket),
        detail=device.name,
        undo=f"/devices/{number}" if {name: getattr(device, name) for name in FIELDS} != before else "",
        undo_fields=undo,
    )


@blueprint.post("/devices/<int:number>/remove")
@requires("people.write")
def drop_device(number: int) -> ResponseReturnValue:
    """Takes a device off its contact; the toast brings it back."""
    ticket, device = _here(), _the_device(number)
    _of_its_contact(ticket, device.contact_id)
    remove_device(me(), device, ticket=ticket)
    return changed(
        _("Device removed"),
        *_topics(device, ticket),
        detail=device.name,
        undo=f"/devices/{number}/restore",
        undo_fields={"ticket": str(ticket.number)} if ticket is not None else {},
    )


@blueprint.post("/devices/<int:number>/restore")
@requires("people.write")
def restore_device(number: int) -> ResponseReturnValue:
    """Brings a removed device back."""
    ticket, device = _here(), _the_device(number, removed=True)
    _of_its_contact(ticket, device.contact_id)
    remove_device(me(), device, ticket=ticket, removed=False)
    return changed(_("Device brought back"), *_topics(device, ticket), detail=device.name)


@blueprint.post("/tickets/<int:number>/devices/<int:device_id>/connect")
@requires("tickets.write")
def connect_to(number: int, device_id: int) -> ResponseReturnValue:
    """Logs that the person connects with the tool `link`, and tells the page the address to open."""
    ticket, device, chosen = the_ticket(number, lock=True), _the_device(device_id), form_text(request.form, "link")
    link = session.get(ConnectLink, int(chosen[:9])) if chosen.isascii() and chosen.isdigit() else None
    if link is None:
        raise NotFound(_("This link is no longer there."))
    _of_its_contact(ticket, device.contact_id)
    contact = session.get_one(Person, device.contact_id)
    address = connect(ticket, me(), device, link, contact.name)
    response = make_response(render_template("devices/_connected.html", device=device, link=link, address=address))
    topics = f"ticket:{ticket.id}"
    response.headers["HX-Trigger"] = json.dumps(
        {"look": {"topic": topics, "target": "body"}, "connect": {"address": address, "target": "body"}}
    )
    return response
