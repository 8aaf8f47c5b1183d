"""Arranging the statuses: adding between two others, renaming, moving, removing. The last one always closes."""

from sqlalchemy import ARRAY, Integer, any_, func, insert, literal, select, update
from sqlalchemy import text as sql

from backend import clock, live
from backend.auth import Who
from backend.db import session
from backend.errors import Refused
from backend.i18n import _
from backend.settings.actions import choose, log_change
from backend.settings.declared import BY_KEY
from backend.settings.models import setting
from backend.statuses.names import key_of, new, one_line, wrong
from backend.tickets import words
from backend.tickets.actions import turn_again
from backend.tickets.models import Activity, Status, StatusKind, Ticket

_RESERVED = ("any", "not-closed")  # what the list's filter says instead of a status


def alone() -> list[Status]:
    """All statuses in their order; nobody else arranges them before this transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("statuses"))))
    return list(session.scalars(select(Status).order_by(Status.position).execution_options(populate_existing=True)))


def name_of(status: Status) -> str:
    return words.status_name(status.key, status.name)


def _number(ordered: list[Status]) -> None:
    """Gives the statuses positions in this order."""
    for position, status in enumerate(ordered, 1):
        if status.position != position:
            status.position = position
    session.flush()
    live.tell("tickets")


def the_status(ordered: list[Status], key: str) -> Status:
    found = next((one for one in ordered if one.key == key), None)
    if found is None:
        raise Refused(_("This status is not there any more. Please reload the page."))
    return found


def add_status(actor: Who, name: str, kind: str, after: str) -> Status:
    """A new status behind the one with the key `after`; behind the last one none can stand. Raises Invalid."""
    there = alone()
    name = new(name, "name", map(name_of, there))
    if kind not in set(StatusKind):
        wrong("kind", _("Choose one of the values offered."))
    before = next((at for at, one in enumerate(there) if one.key == after), None)
    if before is None or before == len(there) - 1:
        wrong("after", _("Choose one of the values offered."))
    key = key_of(name, (*(one.key for one in there), *_RESERVED))
    status = Status(key=key, name=name, kind=kind, position=0)
    session.add(status)
    _number([*there[: before + 1], status, *there[before + 1 :]])
    log_change(actor, _("the statuses"), after=name)
    return status


def rename_status(actor: Who, key: str, name: str) -> bool:
    """Gives the status another name; a built-in one without any has its translated name again. False: it was so.

    Raises Invalid.
    """
    there = alone()
    status = the_status(there, key)
    typed, before = one_line(name, "name"), name_of(status)
    if typed == before and typed:
        return False
    built_in = words.status_name(key) != key
    if built_in and typed in ("", words.status_name(key)):
        status.name = ""
    else:
        status.name = new(typed, "name", (name_of(one) for one in there if one is not status))
    session.flush()
    if name_of(status) == before:
        return False
    log_change(actor, _("the name of a status"), before=before, after=name_of(status))
    live.tell("tickets")
    return True


def move_status(actor: Who, key: str, step: int) -> bool:
    """Moves the status up (-1) or down (1). False: it stands at the end already, or next to the last one, which stays.

    Raises Refused for the last one.
    """
    there = alone()
    status = the_status(there, key)
    at = there.index(status)
    if at == len(there) - 1:
        raise Refused(_("The last status always closes tickets and stays the last."))
    if not 0 <= at + step < len(there) - 1:
        return False
    before = ", ".join(map(name_of, there))
    there.insert(at + step, there.pop(at))
    _number(there)
    log_change(actor, _("the order of the statuses"), before=before, after=", ".join(map(name_of, there)))
    return True


def remove_status(actor: Who, key: str, instead: str) -> None:
    """Removes the status; the tickets that have it get the status `instead`, which each says in its log.

    Raises Refused for the last status and the only open one, and Invalid where tickets have it and `instead` is none.
    """
    there = alone()
    status = the_status(there, key)
    if status is there[-1]:
        raise Refused(_("The last status always closes tickets and stays the last."))
    if status.kind == StatusKind.OPEN and sum(one.kind == StatusKind.OPEN for one in there) == 1:
        raise Refused(_("New tickets need an open status, and this is the only one."))
    other = next((one for one in there if one.key == instead and one is not status), None)
    # Tickets first, then the status: whoever changes a ticket locks them in this order too.
    _give_others(actor, status, other)
    session.execute(select(Status.id).where(Status.id == status.id).with_for_update())
    _give_others(actor, status, other)
    if setting("inbound_status") == f"status:{key}":
        choose(actor, "inbound_status", BY_KEY["inbound_status"].standard())
    name = name_of(status)
    session.delete(status)
    there.remove(status)
    session.flush()
    _number(there)
    log_change(actor, _("the statuses"), before=name)


def _give_others(actor: Who, status: Status, other: Status | None) -> None:
    """The tickets that have `status` get `other`, in three statements however many they are."""
    ids = select(Ticket.id).where(Ticket.status_id == status.id).order_by(Ticket.id).with_for_update()
    found = list(session.scalars(ids))
    if not found:
        return
    if other is None:
        wrong("instead", _("Tickets have this status. Please choose the one they get."))
    now, closed = clock.now(), other.kind == StatusKind.CLOSED
    theirs = Ticket.id == any_(literal(found, ARRAY(Integer)))
    entry = select(
        Ticket.id,
        literal("status"),
        literal(actor.person_id),
        literal(actor.name),
        literal(status.name or status.key),
        literal(other.name or other.key),
        sql("'{}'::jsonb"),
        literal(now),
    ).where(theirs)
    columns = ["ticket_id", "verb", "actor_id", "actor_name", "before", "after", "data", "at"]
    session.execute(insert(Activity).from_select(columns, entry))
    values: dict[str, object] = {"status_id": other.id, "closed": closed, "updated_at": now}
    if closed != (status.kind == StatusKind.CLOSED):
        values["closed_at"] = now if closed else None
    if other.kind != StatusKind.PENDING:
        values |= {"pending_until": None, "activity_status": turn_again()}
    session.execute(update(Ticket).where(theirs).values(values).execution_options(synchronize_session="fetch"))
