"""Planning a visit, moving it, and calling it off. Doing what is done already does nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from backend import clock, live
from backend.auth import Who
from backend.db import session
from backend.errors import Conflict, Invalid
from backend.i18n import _
from backend.jobs import later
from backend.people.models import Person
from backend.tickets.actions import record
from backend.tickets.models import Ticket
from backend.visits import times
from backend.visits.actions.telling import will_be_told
from backend.visits.models import Published, Visit, VisitEvent, VisitKind, VisitState, wanted_event

_LONGEST = {"place": 250, "note": 4_000, "customer_note": 4_000}
LEFT = (~VisitEvent.wanted, ~VisitEvent.gone)  # of events that still have to be taken away
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
    _want_event(visit, technician)
    _record(visit, actor, "visit_planned", after=_said(visit, technician))
    _effects(visit)
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
    before, was = _said(visit, before_technician), _state(visit)
    _set_when(visit, properties)
    _set_words(visit, properties)
    if visit.ticket_id is None or properties.keys() & {"technician", "kind"}:
        ticket = session.get(Ticket, visit.ticket_id) if visit.ticket_id else None
        _check(ticket, technician if technician is not before_technician else None, VisitKind(visit.kind))
    visit.technician_id = technician.id
    moved = _said(visit, technician) != before
    if _state(visit) == was and not (moved and visit.state == VisitState.DECLINED):
        return visit
    visit.state, visit.updated_at = VisitState.PLANNED, clock.now()
    _want_event(visit, technician)
    if moved:
        visit.customer_response = ""
        _record(visit, actor, "visit_moved", before=before, after=_said(visit, technician), source=source)
    else:
        changed = [name for name, old, new in zip(_KEPT, was, _state(visit), strict=True) if old != new]
        _record(visit, actor, "visit_changed", after=_said(visit, technician), fields=changed, source=source)
    _effects(visit)
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
    _record(visit, actor, verb, before=_said(visit, technician), reason=reason, source=source)
    _effects(visit)
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
        _want_event(visit, technician)
    for left in session.scalars(select(VisitEvent.id).where(VisitEvent.visit_id == visit.id, *LEFT)):
        later("visits.withdraw", visit_event_id=left)
    _record(visit, actor, "visit_tried_again", after=_said(visit, technician))
    later("visits.publish", once=f"visits.publish:{visit.id}", visit_id=visit.id)
    tell(visit)


def locked(visit: Visit) -> Visit:
    """`visit` as it is now, kept from others until the end of this transaction."""
    query = select(Visit).where(Visit.id == visit.id).with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one()


def tell(visit: Visit) -> None:
    """Every open page that shows the visit looks again."""
    live.tell("board")
    if visit.ticket_id is not None:
        live.tell(f"ticket:{visit.ticket_id}")
        customer_id = session.scalar(select(Ticket.customer_id).where(Ticket.id == visit.ticket_id))
        if customer_id:
            live.tell(f"customer:{customer_id}")


def unwanted(visit: Visit) -> None:
    """What stands in a calendar for `visit` is to be taken away from there."""
    event = wanted_event(visit)
    if event is not None:
        event.wanted = False
        session.flush()
        if not event.gone:
            later("visits.withdraw", visit_event_id=event.id)


def _want_event(visit: Visit, technician: Person) -> None:
    """Sees to it that one event is wanted, in the calendar of `technician`; another one's is taken away."""
    there = wanted_event(visit)
    if there is not None and there.person_id == technician.id:
        return
    unwanted(visit)
    event = VisitEvent(visit_id=visit.id, person_id=technician.id, mailbox=(technician.mail or "").lower())
    session.add(event)
    session.flush()


def _effects(visit: Visit) -> None:
    if visit.state == VisitState.PLANNED:
        visit.published, visit.error = Published.WAITING, ""
        later("visits.publish", once=f"visits.publish:{visit.id}", visit_id=visit.id)
    session.flush()
    will_be_told(visit)


_KEPT = ("start", "end", "timezone", "technician_id", "kind", "place", "note", "customer_note")


def _state(visit: Visit) -> tuple[Any, ...]:
    return tuple(getattr(visit, name) for name in _KEPT)


def _said(visit: Visit, technician: Person) -> str:
    """When and who, as the log keeps it: the same in every language."""
    same_day = visit.start.date() == visit.end.date()
    end = f"{visit.end:%H:%M}" if same_day else f"{visit.end:%Y-%m-%d %H:%M}"
    return f"{visit.start:%Y-%m-%d %H:%M}–{end} {visit.timezone}, {technician.name}"


def _record(visit: Visit, actor: Who, verb: str, *, before: str = "", after: str = "", **data: Any) -> None:
    if visit.ticket_id is not None:
        ticket = session.get_one(Ticket, visit.ticket_id)
        record(ticket, actor, verb, before=before, after=after, visit_id=visit.id, kind=visit.kind, **data)
    live.tell("board")


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
