"""Fields of the installation's own: defined by administrators, filled in on tickets."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from backend import clock
from backend.auth import Who
from backend.db import session
from backend.errors import Conflict, Invalid, Refused
from backend.fields.models import Customers, CustomField, Definition, FieldKind, all_fields, definitions
from backend.fields.values import Wrong, as_text
from backend.i18n import _
from backend.settings.actions import log_change
from backend.tickets.actions import editable, index_head, record
from backend.tickets.models import Ticket, TicketType

MAX_FIELDS = 60
MAX_OPTIONS = 100
Reader = Callable[[Definition, Any], Any]


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(_("Please correct the marked fields."), fields={field: sentence})


def _free_key(name: str) -> str:
    """A key made of the name, for programs; it stays when the name changes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40] or "field"
    taken = set(session.scalars(select(CustomField.key)))
    return next(key for key in (stem, *(f"{stem}_{n}" for n in range(2, MAX_FIELDS * 10))) if key not in taken)


def _checked(name: str, kind: str, options: list[str], types: list[str], customers: str) -> dict[str, Any]:
    name = " ".join(name.replace("\x00", "").split())
    if not name or len(name) > 60:
        says = _("At most %(max)s characters are possible.", max=60) if name else _("A name is needed.")
        raise _wrong("name", says)
    if kind not in set(FieldKind):
        raise _wrong("kind", _("Choose one of the values offered."))
    lines = [" ".join(line.replace("\x00", "").split())[:100] for line in options] if kind == FieldKind.CHOICE else []
    chosen = list(dict.fromkeys(line for line in lines if line))
    if kind == FieldKind.CHOICE and not 1 < len(chosen) <= MAX_OPTIONS:
        raise _wrong("options", _("Write from 2 to %(max)s values, one per line.", max=MAX_OPTIONS))
    if customers not in (Customers.EDITABLE, Customers.HIDDEN):
        raise _wrong("customers", _("Choose one of the values offered."))
    known = [each.value for each in TicketType if each.value in types]
    return {
        "name": name,
        "options": chosen,
        "types": [] if len(known) == len(TicketType) else known,
        "customers": str(customers),
    }


def _told(field: CustomField) -> str:
    parts = [field.name, *field.options, *field.types, field.customers, *(["needed"] if field.needed else [])]
    return ", ".join(parts)


def put_field(
    actor: Who,
    field: CustomField | None,
    *,
    name: str,
    kind: str = "",
    options: list[str],
    types: list[str],
    customers: str,
    needed: bool,
    seen: int = 0,
) -> CustomField:
    """Defines a field, or changes `field`; its kind stays what it was, since tickets hold values of it.

    `seen`: the version its writer began with. Raises Invalid, Conflict when somebody else has changed it since.
    """
    checked = _checked(name, field.kind if field is not None else kind, options, types, customers)
    if field is None:
        known = all_fields()
        if len(known) >= MAX_FIELDS:
            raise Refused(_("At most %(max)s fields are possible.", max=MAX_FIELDS))
        position = max((each.position for each in known), default=0) + 1
        made = CustomField(key=_free_key(checked["name"]), kind=kind, position=position, needed=needed, **checked)
        session.add(made)
        session.flush()
        log_change(actor, _("field %(name)s", name=made.name), after=_told(made))
        return made
    before = _told(field)
    if all(getattr(field, key) == value for key, value in checked.items()) and field.needed == needed:
        return field
    if seen != field.version:
        raise Conflict(_("Somebody else has changed this meanwhile. Please reload the page; your text is still here."))
    for key, value in checked.items():
        setattr(field, key, value)
    field.needed = needed
    field.version += 1
    log_change(actor, _("field %(name)s", name=field.name), before=before, after=_told(field))
    return field


def remove_field(actor: Who, field: CustomField, *, removed: bool = True) -> None:
    """Takes a field off all pages, or brings it back; what tickets hold in it stays."""
    if field.removed != removed:
        field.removed = removed
        log_change(actor, _("field %(name)s", name=field.name), **{"before" if removed else "after": _told(field)})


def move_field(actor: Who, field: CustomField, *, by: int) -> None:
    """Moves a field up (-1) or down (1) among those that are shown."""
    known = [each for each in all_fields() if not each.removed]
    at = next((place for place, each in enumerate(known) if each.id == field.id), -1)
    if at < 0 or not 0 <= at + by < len(known):
        return
    known.insert(at + by, known.pop(at))
    for position, each in enumerate(known, start=1):
        each.position = position
    log_change(actor, _("order of the fields"), after=", ".join(each.name for each in known))


def read_values(
    who: Who, ticket_type: str, given: Mapping[str, Any], read: Reader, *, prefix: str, opening: bool = False
) -> list[tuple[Definition, Any]]:
    """`given` (by key) as fields and their values, as `read` reads them.

    `opening`: a new ticket, whose needed fields must be filled. Raises Invalid that names `prefix` and the key.
    """
    known = {each.key: each for each in definitions(who) if each.belongs_to(ticket_type)} if given or opening else {}
    values: list[tuple[Definition, Any]] = []
    wrong: dict[str, str] = {}
    for key, raw in given.items():
        if key not in known:
            wrong[prefix + key] = _("Tickets of this type have no such field.")
            continue
        try:
            values.append((known[key], read(known[key], raw)))
        except Wrong as error:
            wrong[prefix + key] = str(error)
    if opening:
        filled = {definition.key for definition, value in values if value is not None}
        for key, definition in known.items():
            if definition.needed and key not in filled:
                wrong.setdefault(prefix + key, _("This field is needed."))
    if wrong:
        raise Invalid(_("Please correct the marked fields."), fields=wrong)
    return values


def set_values(ticket: Ticket, actor: Who, values: list[tuple[Definition, Any]]) -> bool:
    """Fills in fields of `ticket`, each change in the log; whether anything changed. None empties a field.

    Raises NotAllowed for whoever may not change the ticket.
    """
    changes = [(each, value) for each, value in values if ticket.fields.get(each.key) != value]
    if changes:
        editable(ticket, actor)
    for definition, value in changes:
        before = ticket.fields.get(definition.key)
        rest = {key: old for key, old in ticket.fields.items() if key != definition.key}
        ticket.fields = rest if value is None else {**rest, definition.key: value}
        told = {"field": definition.key, "name": definition.name, "kind": definition.kind}
        record(ticket, actor, "field", before=as_text(before), after=as_text(value), **told)
    if changes:
        ticket.updated_at = clock.now()
        session.flush()
        index_head(ticket)
    return bool(changes)
