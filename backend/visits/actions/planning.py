"""Planning a visit, moving it, and calling it off. Doing what is done already does nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from backend import clock
from backend.auth import Who
from backend.db import session
from backend.errors import Conflict, Invalid
from backend.i18n import _
from backend.jobs import later
from backend.people.models import Person
from backend.tickets.actions import locked_where_it_goes_on
from backend.tickets.models import Ticket
from backend.visits import times
from backend.visits.actions.consequences import LEFT, follow_up, locked, said, tell, unwanted, want_event, write_down
from backend.visits.models import Published, Visit, VisitEvent, VisitKind, VisitState, wanted_event

_LONGEST = {"place": 250, "note": 4_000, "customer_note": 4_000}
_WHEN = ("start", "end", "timezone")
_WORDS = tuple(_LONGEST)


def schedule(
    actor: Who,
    *,
    technician: Person,
    start: datetime,
    end: datetime,
    timezone: str,
    ticket: Ticket | None = None,
    kind: VisitKind = VisitKind.ON_SITE,
    place: str = "",
    note: str = "",
    customer_note: str = "",
) -> Visit:
    """Plans a visit of `technician` for `ticket`, or keeps their time free; `start`, `end`: naive, in `timezone`.

    Calendar and customer are seen to by jobs. Raises Invalid naming the fields.
    """
    starts_at, ends_at = times.span(start, end, timezone)
    _check(ticket, technician, kind)
    if ticket is not None:
        ticket = locked_where_it_goes_on(ticket.id)
    now = clock.now()
    visit = Visit(
        ticket_id=ticket.id if ticket else None,
        technician_id=technician.id,
        kind=VisitKind(kind).value,
        start=start,
        end=end,
        timezone=timezone,
        starts_at=starts_at,
        ends_at=ends_at,
        place=_words("place", place),
        note=_words("note", note),
        customer_note=_words("customer_note", customer_note),
        created_at=now,
        updated_at=now,
    )
    session.add(visit)
    session.flush()
    want_event(visit, technician)
    write_down(visit, actor, "visit_planned", after=said(visit, technician))
    follow_up(visit)
    return visit


def move(visit: Visit, actor: Who, *, source: str = "", **properties: Any) -> Visit:
    """Changes what is named: start, end (naive), timezone, technician (Person), kind, place, note, customer_note.

    What is as it was is left alone. `source`: "outlook" when it was done there. A declined visit is planned again.
    Raises Conflict when it was cancelled, Invalid naming the fields.
    """
    visit = locked(visit)
    if visit.state == VisitState.CANCELLED:
        raise Conflict(_("This visit has been cancelled. Please plan a new one."))
    before_technician = session.get_one(Person, visit.technician_id)
    technician: Person = properties.get("technician") or before_technician
    before, was = said(visit, before_technician), _state(visit)
    _set_when(visit, properties)
    _set_words(visit, properties)
    if visit.ticket_id is None or properties.keys() & {"technician", "kind"}:
        ticket = session.get(Ticket, visit.ticket_id) if visit.ticket_id else None
        _check(ticket, technician if technician is not before_technician else None, VisitKind(visit.kind))
    visit.technician_id = technician.id
    moved = said(visit, technician) != before
    if _state(visit) == was and not (moved and visit.state == VisitState.DECLINED):
        return visit
    visit.state, visit.updated_at = VisitState.PLANNED, clock.now()
    want_event(visit, technician)
    if moved:
        visit.customer_response = ""
        write_down(visit, actor, "visit_moved", before=before, after=said(visit, technician), source=source)
    else:
        changed = [name for name, old, new in zip(_KEPT, was, _state(visit), strict=True) if old != new]
        write_down(visit, actor, "visit_changed", after=said(visit, technician), fields=changed, source=source)
    follow_up(visit)
    return visit


def cancel(visit: Visit, actor: Who, *, reason: str = "", source: str = "") -> Visit:
    """Calls the visit off; the event leaves the calendar and the customer hears of it."""
    return _end(visit, actor, VisitState.CANCELLED, "visit_cancelled", reason, source)


def decline(visit: Visit, actor: Who, *, reason: str = "", source: str = "") -> Visit:
    """The technician cannot: the visit does not take place like this, until somebody moves it to another one."""
    return _end(visit, actor, VisitState.DECLINED, "visit_declined", reason, source)


def _end(visit: Visit, actor: Who, state: VisitState, verb: str, reason: str, source: str) -> Visit:
    visit = locked(visit)
    if visit.state == state or visit.state == VisitState.CANCELLED:
        return visit
    technician = session.get_one(Person, visit.technician_id)
    visit.state, visit.updated_at = state, clock.now()
    unwanted(visit)
    reason = " ".join(reason.split())[:500]
    write_down(visit, actor, verb, before=said(visit, technician), reason=reason, source=source)
    follow_up(visit)
    return visit


def restore(visit: Visit, actor: Who) -> Visit:
    """The visit takes place after all, as it stood: in the calendar again, and the customer hears of it."""
    visit = locked(visit)
    if visit.state == VisitState.PLANNED:
        return visit
    technician = session.get_one(Person, visit.technician_id)
    visit.state, visit.updated_at = VisitState.PLANNED, clock.now()
    want_event(visit, technician)
    write_down(visit, actor, "visit_restored", after=said(visit, technician))
    follow_up(visit)
    return visit


def try_again(visit: Visit, actor: Who) -> None:
    """`actor` wants a visit that could not be put into the calendar to be put there after all.

    Raises Conflict when it has not failed.
    """
    visit = locked(visit)
    if visit.published != Published.FAILED:
        raise Conflict(_("This visit is in the calendar already, or on its way there."))
    visit.published, visit.error = Published.WAITING, ""
    technician = session.get_one(Person, visit.technician_id)
    there = wanted_event(visit)
    if there is not None and (there.missing_since is not None or there.mailbox != (technician.mail or "").lower()):
        unwanted(visit)  # it is gone from there, or the address was wrong: made anew
    if visit.state == VisitState.PLANNED:
        want_event(visit, technician)
    for left in session.scalars(select(VisitEvent.id).where(VisitEvent.visit_id == visit.id, *LEFT)):
        later("visits.withdraw", visit_event_id=left)
    write_down(visit, actor, "visit_tried_again", after=said(visit, technician))
    later("visits.publish", once=f"visits.publish:{visit.id}", visit_id=visit.id)
    tell(visit)


_KEPT = ("start", "end", "timezone", "technician_id", "kind", "place", "note", "customer_note")


def _state(visit: Visit) -> tuple[Any, ...]:
    return tuple(getattr(visit, name) for name in _KEPT)


def _check(ticket: Ticket | None, technician: Person | None, kind: VisitKind) -> None:
    wrong = {}
    if technician is not None and not (technician.is_staff and technician.active):
        wrong["technician"] = _("Visits are made by our own people only.")
    if ticket is None and kind != VisitKind.BLOCK:
        wrong["ticket"] = _("A visit belongs to a ticket. Please choose one, or keep the time as a block.")
    if wrong:
        raise Invalid(_("Please correct the marked fields."), fields=wrong)


def _set_when(visit: Visit, properties: dict[str, Any]) -> None:
    if not properties.keys() & set(_WHEN):
        return
    start, end, zone = (properties.get(name) or getattr(visit, name) for name in _WHEN)
    visit.starts_at, visit.ends_at = times.span(start, end, zone)
    visit.start, visit.end, visit.timezone = start, end, zone


def _set_words(visit: Visit, properties: dict[str, Any]) -> None:
    for name in _WORDS:
        if name in properties:
            setattr(visit, name, _words(name, properties[name] or ""))
    if "kind" in properties:
        visit.kind = VisitKind(properties["kind"]).value


def _words(name: str, text: str) -> str:
    """What people wrote, as it is kept: a place on one line, notes with their lines. Raises Invalid when too long."""
    text = text.replace("\x00", "")
    text = " ".join(text.split()) if name == "place" else text.replace("\r\n", "\n").strip()
    if len(text) > _LONGEST[name]:
        sentence = _("This is too long: at most %(number)s characters.", number=_LONGEST[name])
        raise Invalid(_("Please correct the marked fields."), fields={name: sentence})
    return text
