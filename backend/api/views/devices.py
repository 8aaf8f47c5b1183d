"""Devices of contacts."""

from typing import Any, cast

from sqlalchemy import Select, select

from backend.api import cursor, keyed, named
from backend.api.operation import Listed, Put, operation
from backend.api.shapes.devices import DeviceIn, DeviceOut, DevicePatch, DevicesQuery
from backend.api.shapes.values import PersonRef
from backend.auth import me, requires
from backend.db import session
from backend.devices import actions
from backend.devices.models import Device, devices_visible_to
from backend.errors import NotFound
from backend.i18n import _
from backend.people.models import Person


def _wanted() -> Select[Any]:
    query: Any = devices_visible_to(me()).join(Person, Person.id == Device.contact_id)
    return cast(Select[Any], query.with_only_columns(Device, Person.key, Person.name, Person.mail))


def _shape(row: Any) -> DeviceOut:
    device = row.Device
    return DeviceOut(
        id=device.id,
        contact=PersonRef(key=row.key, name=row.name, email=row.mail),
        name=device.name,
        kind=device.kind,
        serial=device.serial,
        remote_id=device.remote_id,
    )


def _read(device: int) -> DeviceOut:
    row = session.execute(_wanted().where(Device.id == device)).one_or_none()
    if row is None:
        raise NotFound(_("This device is no longer there."))
    return _shape(row)


@operation("GET", "/devices", tag="contacts", answer=DeviceOut, many=True, query=DevicesQuery)
@requires("people.read")
def list_devices(query: DevicesQuery) -> Listed:
    """Devices of contacts, oldest first."""
    wanted = _wanted().order_by(Device.id).limit(query.limit + 1)
    if query.contact is not None:
        wanted = wanted.where(Device.contact_id.in_(select(Person.id).where(named.person_is(query.contact))))
    if query.serial is not None:
        wanted = wanted.where(Device.serial == query.serial)
    if query.cursor:
        wanted = wanted.where(Device.id > cursor.unseal("devices", query.cursor)[0])
    found = session.execute(wanted).all()
    page = found[: query.limit]
    more = cursor.seal("devices", page[-1].Device.id) if len(found) > len(page) else ""
    return Listed([_shape(row) for row in page], more)


@operation(
    "POST", "/devices", tag="contacts", answer=DeviceOut, statuses=(201,), body=DeviceIn, keyed=True,
    problems=(404, 409),
)  # fmt: skip
@requires("people.write")
def add_device(body: DeviceIn) -> Put:
    """Enters a device of a contact.

    With the header Idempotency-Key the same request sent again enters no second one and is answered with the first.
    """
    done = keyed.earlier()
    if done is not None:
        return Put(_read(int(done)), created=True, replayed=True)
    contact = named.contact(body.contact)
    assert contact is not None
    made = actions.put_device(
        me(), None, contact=contact, name=body.name, kind=body.kind, serial=body.serial, remote_id=body.remote_id
    )
    keyed.keep(str(made.id))
    return Put(_read(made.id), created=True)


@operation("PATCH", "/devices/{device}", tag="contacts", answer=DeviceOut, body=DevicePatch, problems=(404, 409))
@requires("people.write")
def change_device(device: int, body: DevicePatch) -> DeviceOut:
    """Changes what is named and leaves the rest."""
    found = session.scalar(devices_visible_to(me()).where(Device.id == device).with_for_update())
    if found is None:
        raise NotFound(_("This device is no longer there."))
    given = {
        name: getattr(body, name) if name in body.model_fields_set else getattr(found, name)
        for name in DevicePatch.model_fields
    }
    actions.put_device(me(), found, contact=session.get_one(Person, found.contact_id), **given)
    session.flush()
    return _read(device)
