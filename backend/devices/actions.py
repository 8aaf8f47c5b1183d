"""Devices of contacts: entered, changed, connected to; and the tools that connect, which administrators name."""

from sqlalchemy import func, select

from backend import live
from backend.auth import Who
from backend.db import session
from backend.devices.addresses import PLACES, SCHEMES, filled, needs_id, safe, unknown_places
from backend.devices.models import ConnectLink, Device
from backend.errors import Conflict, Invalid, Refused
from backend.i18n import _
from backend.people.models import Person
from backend.settings.actions import log_change
from backend.tickets.actions import record
from backend.tickets.models import Ticket

MAX_DEVICES = 200  # of one contact
MAX_LINKS = 30
MAX_URL = 500


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(_("Please correct the marked fields."), fields={field: sentence})


def _line(text: str, field: str, most: int = 100) -> str:
    text = " ".join(text.replace("\x00", "").split())
    if len(text) > most:
        raise _wrong(field, _("At most %(max)s characters are possible.", max=most))
    return text


def _told(device: Device) -> str:
    parts = [device.name, device.kind, device.serial, device.remote_id]
    return ", ".join(part for part in parts if part)


def _tell(device: Device) -> None:
    live.tell(f"devices:{device.contact_id}")


def put_device(
    actor: Who,
    device: Device | None,
    *,
    contact: Person,
    ticket: Ticket | None = None,
    name: str,
    kind: str = "",
    serial: str = "",
    remote_id: str = "",
    seen: int | None = None,
) -> Device:
    """Enters a device of `contact`, or changes `device`; logged on `ticket` where it was done there.

    `seen`: the version its writer began with. Raises Invalid, Conflict when somebody else has changed it since.
    """
    given = {
        "name": _line(name, "name"),
        "kind": _line(kind, "kind"),
        "serial": _line(serial, "serial"),
        "remote_id": _line(remote_id, "remote_id"),
    }
    if not given["name"]:
        raise _wrong("name", _("A name is needed."))
    if device is None:
        count = select(func.count()).where(Device.contact_id == contact.id, ~Device.removed)
        if (session.scalar(count) or 0) >= MAX_DEVICES:
            raise Refused(_("A contact has at most %(max)s devices.", max=MAX_DEVICES))
        device = Device(contact_id=contact.id, **given)
        session.add(device)
        session.flush()
        _logged(actor, ticket, device, "device_added", after=_told(device))
        return device
    if all(getattr(device, key) == value for key, value in given.items()):
        return device
    if seen is not None and seen != device.version:
        raise Conflict(_("Somebody else has changed this meanwhile. Please open it again."))
    before = _told(device)
    for key, value in given.items():
        setattr(device, key, value)
    device.version += 1
    _logged(actor, ticket, device, "device_changed", before=before, after=_told(device))
    return device


def _logged(actor: Who, ticket: Ticket | None, device: Device, verb: str, *, before: str = "", after: str = "") -> None:
    if ticket is not None:
        record(ticket, actor, verb, before=before, after=after, device=device.id)
    _tell(device)


def remove_device(actor: Who, device: Device, *, ticket: Ticket | None = None, removed: bool = True) -> None:
    """Takes a device off its contact, or brings it back."""
    if device.removed == removed:
        return
    device.removed = removed
    told = {"before": _told(device)} if removed else {"after": _told(device)}
    _logged(actor, ticket, device, "device_removed" if removed else "device_restored", **told)


def connect(ticket: Ticket, actor: Who, device: Device, link: ConnectLink, contact: str) -> str:
    """The address that opens `link`'s tool for `device`, now that the log says who connected.

    Raises Refused where the device has no id that the tool needs, or the address is none that is safe.
    """
    if needs_id(link.url) and not device.remote_id:
        raise Refused(_("%(name)s has no id for remote control yet. Please enter it first.", name=device.name))
    if not safe(link.url):
        raise Refused(_("This link cannot be opened. An administrator can put it right."))
    values = {
        "id": device.remote_id,
        "name": device.name,
        "kind": device.kind,
        "serial": device.serial,
        "contact": contact,
        "ticket": str(ticket.number),
    }
    address = filled(link.url, values)
    record(ticket, actor, "device_connected", after=f"{device.name} ({link.name})", device=device.id, tool=link.name)
    return address


def put_link(actor: Who, link: ConnectLink | None, *, name: str, url: str) -> ConnectLink:
    """Names a tool for remote control, or changes `link`. Raises Invalid."""
    name, url = _line(name, "name"), url.replace("\x00", "").strip()
    if not name:
        raise _wrong("name", _("A name is needed."))
    other = session.scalar(select(ConnectLink).where(ConnectLink.name == name))
    if other is not None and other is not link:
        raise _wrong("name", _("There is one of that name already."))
    if len(url) > MAX_URL or not safe(url):
        says = _("An address is needed that begins with one of %(list)s.", list=", ".join(f"{s}:" for s in SCHEMES))
        raise _wrong("url", says)
    if unknown_places(url):
        raise _wrong("url", _("In braces only these are known: %(list)s.", list=", ".join(PLACES)))
    if link is None:
        if (session.scalar(select(func.count()).select_from(ConnectLink)) or 0) >= MAX_LINKS:
            raise Refused(_("At most %(max)s links are possible.", max=MAX_LINKS))
        link = ConnectLink(name=name, url=url)
        session.add(link)
        session.flush()
        log_change(actor, _("link %(name)s", name=name), after=url)
    elif (link.name, link.url) != (name, url):
        before = f"{link.name}: {link.url}"
        link.name, link.url = name, url
        log_change(actor, _("link %(name)s", name=name), before=before, after=f"{name}: {url}")
    return link


def remove_link(actor: Who, link: ConnectLink) -> None:
    """Takes a tool off all devices."""
    log_change(actor, _("link %(name)s", name=link.name), before=link.url)
    session.delete(link)
