"""Every change to visits made by hand: planned, moved, called off, taken back, put into the calendar once more."""

from datetime import datetime
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from backend import receipts
from backend.auth import me, requires
from backend.db import session
from backend.errors import Conflict, Invalid
from backend.i18n import _
from backend.people.models import Person
from backend.ui.answers import changed, looked_again
from backend.visits import times, words
from backend.visits.actions import cancel, move, restore, schedule, try_again
from backend.visits.models import Visit, VisitKind
from backend.visits.views.board import version
from backend.visits.views.door import blueprint, the_visit, zone_of
from backend.visits.views.form import Typed, numbered, required, site_of, technician_named
from backend.web import form_text


def _topics(visit: Visit) -> tuple[str, ...]:
    """What the page that asked is to fetch again."""
    return ("board", *([f"ticket:{visit.ticket_id}"] if visit.ticket_id else []))


def _said(visit: Visit) -> str:
    """When and who, in one line under a toast's title."""
    technician = session.get_one(Person, visit.technician_id)
    return f"{words.when(visit.start, visit.end)}, {technician.name}"


def _kind() -> VisitKind:
    posted = form_text(request.form, "kind")
    return VisitKind(posted) if posted in set(VisitKind) else VisitKind.ON_SITE


def _wall(name: str) -> datetime:
    """A wall time as the board posts it: 2026-11-24T09:15. Raises Invalid."""
    try:
        return datetime.fromisoformat(form_text(request.form, name)).replace(tzinfo=None)
    except ValueError as error:
        raise Invalid(_("This time could not be read. Please reload the page and try again.")) from error


def _written() -> dict[str, Any]:
    """All that the form says. Raises Invalid naming the fields."""
    typed = Typed.read(request.form, zone_of(me()))
    wrong: dict[str, str] = {}
    said: dict[str, Any] = {"timezone": typed.timezone, "kind": _kind()}
    try:
        said["start"], said["end"] = typed.whole()
    except Invalid as error:
        wrong |= error.fields
    try:
        said["technician"] = technician_named(form_text(request.form, "technician"))
    except Invalid as error:
        wrong |= error.fields
    if wrong:
        raise Invalid(_("Please correct the marked fields."), fields=wrong)
    return said | {name: form_text(request.form, name) for name in ("place", "note", "customer_note")}


@blueprint.post("/visits")
@requires("visits.write")
def plan() -> ResponseReturnValue:
    """A new visit as the form says; the same form sent twice plans one."""
    who, token = me(), form_text(request.form, "token")[:64]
    source = f"visits.plan.{who.person_id}"
    if token and receipts.earlier(source, token) is not None:
        return looked_again("board")
    ticket, written = numbered(form_text(request.form, "ticket")), _written()
    if ticket is not None and not written["place"] and form_text(request.form, "place_of_site"):
        written["place"] = site_of(ticket)
    visit = schedule(who, ticket=ticket, **written)
    if token:
        receipts.keep(source, token, str(visit.id))
    return changed(_("Visit planned"), *_topics(visit), detail=_said(visit), undo=f"/visits/{visit.id}/cancel")


@blueprint.post("/board/plan")
@requires("visits.write")
def drop() -> ResponseReturnValue:
    """A ticket was dropped onto somebody's day: a visit at its contact's site, in the board's time zone."""
    who = me()
    ticket = required(numbered(form_text(request.form, "ticket")))
    visit = schedule(
        who,
        ticket=ticket,
        technician=technician_named(form_text(request.form, "technician")),
        start=_wall("start"),
        end=_wall("end"),
        timezone=zone_of(who),
        place=site_of(ticket),
    )
    return changed(_("Visit planned"), *_topics(visit), detail=_said(visit), undo=f"/visits/{visit.id}/cancel")


@blueprint.post("/visits/<int:number>")
@requires("visits.write")
def change(number: int) -> ResponseReturnValue:
    """The visit as the form says now."""
    visit = move(the_visit(number, lock=True), me(), **_written())
    return changed(_("Visit saved"), *_topics(visit), detail=_said(visit))


@blueprint.post("/visits/<int:number>/move")
@requires("visits.write")
def shift(number: int) -> ResponseReturnValue:
    """Another time or technician, in the board's time zone; what was agreed in another zone stays in it.

    `version` says where the page saw the visit. Raises Conflict when it is somewhere else by now.
    """
    visit, who = the_visit(number, lock=True), me()
    before, seen = version(visit), form_text(request.form, "version")
    if seen and seen != before:
        raise Conflict(_("Somebody has moved this visit meanwhile. It is shown where it is now."))
    zone = zone_of(who)
    was = {
        "start": times.wall(visit.starts_at, zone).isoformat(),
        "end": times.wall(visit.ends_at, zone).isoformat(),
        "technician": str(visit.technician_id),
    }
    start, end = _wall("start"), _wall("end")
    if visit.timezone != zone:
        starts_at, ends_at = times.span(start, end, zone)
        start, end = times.wall(starts_at, visit.timezone), times.wall(ends_at, visit.timezone)
    chosen = form_text(request.form, "technician")
    whom: dict[str, Any] = (
        {"technician": technician_named(chosen)} if chosen and chosen != str(visit.technician_id) else {}
    )
    visit = move(visit, who, start=start, end=end, **whom)
    if version(visit) == before:
        return looked_again(*_topics(visit))
    undo = {**was, "version": version(visit)}
    return changed(
        _("Visit moved"), *_topics(visit), detail=_said(visit), undo=f"/visits/{visit.id}/move", undo_fields=undo
    )


@blueprint.post("/visits/<int:number>/cancel")
@requires("visits.write")
def call_off(number: int) -> ResponseReturnValue:
    """The visit does not take place; it can be taken back."""
    visit = cancel(the_visit(number, lock=True), me())
    return changed(_("Visit cancelled"), *_topics(visit), detail=_said(visit), undo=f"/visits/{visit.id}/restore")


@blueprint.post("/visits/<int:number>/restore")
@requires("visits.write")
def take_back(number: int) -> ResponseReturnValue:
    """The visit takes place after all, as it was."""
    visit = restore(the_visit(number, lock=True), me())
    return changed(_("Visit planned again"), *_topics(visit), detail=_said(visit))


@blueprint.post("/visits/<int:number>/publish")
@requires("visits.write")
def publish_again(number: int) -> ResponseReturnValue:
    """What could not be put into the technician's calendar is tried once more."""
    visit = the_visit(number, lock=True)
    try_again(visit, me())
    return looked_again(*_topics(visit))
