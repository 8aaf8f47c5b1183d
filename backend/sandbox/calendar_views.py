"""Graph's calendar endpoints: list, read, make, change, cancel, answer. https://learn.microsoft.com/graph/api/resources/event"""

import re
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify, request

from backend.sandbox import calendar_render, calendar_zones, calendars, listing, meetings, odata, render
from backend.sandbox.calendars import Event
from backend.sandbox.graph import (
    GraphError,
    NotHere,
    blueprint,
    body_json,
    check_match,
    here,
    mailbox_of,
    metadata,
    needs,
    prefs,
    store,
)
from backend.sandbox.people import Person
from backend.sandbox.store import Tx

ROLE = "Calendars.ReadWrite"
LONGEST_VIEW = 1825  # days; https://github.com/microsoftgraph/microsoft-graph-docs/issues/6284


def one(tx: Tx, person: Person, key: str) -> Event:
    """The event of the path. Raises NotHere."""
    event = calendars.find(tx, person, key)
    if event is None:
        raise NotHere
    return event


def shown(tx: Tx, person: Person, event: Event, status: int = 200) -> tuple[Response, int]:
    """An event as the answer."""
    select = calendar_render.chosen(request.args.get("$select"))
    found = calendar_render.event(tx, event, prefs(), select, listing.expansion())
    return jsonify({"@odata.context": metadata(f"users('{person.id}')/events/$entity"), **found}), status


def _narrowed(tx: Tx, person: Person, found: odata.Filter) -> list[Event]:
    """The events that can meet a filter: by index where it names an extended property with its value."""
    for name, operator, value in found.must:
        if name == "singleValueExtendedProperties/any" and operator == "pair":
            return calendars.select(
                tx, "mailbox = ? AND pk IN (SELECT event FROM event_properties WHERE id = ? AND value = ?) ORDER BY pk",
                person.id, render.property_key(str(value[0])), str(value[1]),
            )  # fmt: skip
        if name == "iCalUId" and operator == "eq":
            return calendars.select(tx, "mailbox = ? AND ical_uid = ?", person.id, str(value))
    return calendars.select(tx, "mailbox = ? ORDER BY pk", person.id)


def _filtered(tx: Tx, person: Person, events: list[Event] | None) -> list[Event]:
    text = request.args.get("$filter")
    try:
        if not text:
            return calendars.select(tx, "mailbox = ? ORDER BY pk", person.id) if events is None else events
        found = odata.read_filter(listing.even_ids(text))
        some = _narrowed(tx, person, found) if events is None else events
        return [event for event in some if found.test(calendar_render.getter(tx, event))]
    except odata.Malformed as error:
        raise GraphError(400, "BadRequest", str(error)) from error


def _value(tx: Tx, path: str, event: Event) -> tuple[int, Any]:
    return listing.sortable(calendar_render.getter(tx, event)(path))


def _ordered(tx: Tx, events: list[Event]) -> list[Event]:
    try:
        keys = odata.read_order(request.args.get("$orderby", ""))
        for name, descending in reversed(keys):
            # start/dateTime and Start/DateTime are one.
            path = re.sub(r"^(start|end)/datetime$", lambda found: f"{found[1].lower()}/dateTime", name, flags=re.I)
            by_path = partial(_value, tx, path)
            events = sorted(events, key=by_path, reverse=descending)
    except odata.Malformed as error:
        raise GraphError(400, "BadRequest", str(error)) from error
    return events


def page(tx: Tx, person: Person, events: list[Event] | None) -> dict[str, Any]:
    """The `value`, `@odata.nextLink` and `@odata.count` of a list of these events, or of all. Raises GraphError 400."""
    if "$search" in request.args:
        raise GraphError(400, "ErrorInvalidUrlQuery", "Events cannot be searched; use $filter.")
    wish = prefs()
    select, expand = calendar_render.chosen(request.args.get("$select")), listing.expansion()
    top, skip = listing.whole("$top", wish.page_size or 10, listing.MOST), listing.whole("$skip", 0)
    found = _ordered(tx, _filtered(tx, person, events))
    answer: dict[str, Any] = {}
    if request.args.get("$count") == "true":
        answer["@odata.count"] = len(found)
    answer["value"] = [calendar_render.event(tx, one, wish, select, expand) for one in found[skip : skip + top]]
    if len(found) > skip + top:
        query = {**request.args.to_dict(), "$skip": str(skip + top)}
        answer["@odata.nextLink"] = here(f"{request.path}?{urlencode(query)}")
    return answer


def window() -> tuple[datetime, datetime]:
    """startDateTime and endDateTime of the request, in UTC. Raises GraphError 400."""
    asked = {name.lower(): value for name, value in request.args.items()}
    if not asked.get("startdatetime") or not asked.get("enddatetime"):
        raise GraphError(
            400, "ErrorInvalidParameter", "This request requires a time window specified by the query string "
            "parameters StartDateTime and EndDateTime.",
        )  # fmt: skip
    start = calendar_zones.parse(asked["startdatetime"], "startDateTime")
    finish = calendar_zones.parse(asked["enddatetime"], "endDateTime")
    if finish < start:
        raise GraphError(400, "ErrorInvalidParameter", "The EndDateTime must not be before the StartDateTime.")
    if (finish - start).days > LONGEST_VIEW:
        raise GraphError(
            400, "ErrorInvalidRequest", "Your request can't be completed. The range between the start and end dates is "
            f"greater than the allowed range. Maximum number of days: {LONGEST_VIEW}",
        )  # fmt: skip
    return start, finish


@blueprint.get("/users/<user>/calendar")
@needs(ROLE)
def read_calendar(user: str) -> Response:
    """Somebody's calendar."""
    person = mailbox_of(user)
    context = metadata(f"users('{person.id}')/calendar/$entity")
    return jsonify({"@odata.context": context, **calendar_render.calendar(person)})


@blueprint.get("/users/<user>/events")
@blueprint.get("/users/<user>/calendar/events")
@needs(ROLE)
def list_events(user: str) -> Response:
    """The events of a calendar."""
    person = mailbox_of(user)
    with store().read() as tx:
        found = page(tx, person, None)
    return jsonify({"@odata.context": metadata(f"users('{person.id}')/events"), **found})


@blueprint.get("/users/<user>/calendarView")
@blueprint.get("/users/<user>/calendar/calendarView")
@needs(ROLE)
def view(user: str) -> Response:
    """The events of a stretch of time, earliest first."""
    person = mailbox_of(user)
    start, finish = window()
    with store().read() as tx:
        found = page(tx, person, calendars.within(tx, person, start, finish))
    return jsonify({"@odata.context": metadata(f"users('{person.id}')/calendarView"), **found})


@blueprint.post("/users/<user>/events")
@blueprint.post("/users/<user>/calendar/events")
@needs(ROLE)
def create_event(user: str) -> tuple[Response, int]:
    """A new event, or the one that the same transactionId made before."""
    person = mailbox_of(user)
    with store().write() as tx:
        return shown(tx, person, meetings.create(tx, person, body_json()), 201)


@blueprint.get("/users/<user>/events/<key>")
@blueprint.get("/users/<user>/calendar/events/<key>")
@needs(ROLE)
def read_event(user: str, key: str) -> tuple[Response, int]:
    """One event."""
    person = mailbox_of(user)
    with store().read() as tx:
        return shown(tx, person, one(tx, person, key))


@blueprint.patch("/users/<user>/events/<key>")
@blueprint.patch("/users/<user>/calendar/events/<key>")
@needs(ROLE)
def change_event(user: str, key: str) -> tuple[Response, int]:
    """Changes an event; attendees hear of what concerns them."""
    person = mailbox_of(user)
    with store().write() as tx:
        event = one(tx, person, key)
        check_match(event.change_key)
        meetings.change(tx, person, event, body_json())
        return shown(tx, person, event)


@blueprint.delete("/users/<user>/events/<key>")
@blueprint.delete("/users/<user>/calendar/events/<key>")
@needs(ROLE)
def delete_event(user: str, key: str) -> tuple[str, int]:
    """Removes an event; a meeting of one's own is cancelled by it."""
    person = mailbox_of(user)
    with store().write() as tx:
        event = one(tx, person, key)
        check_match(event.change_key)
        meetings.delete(tx, person, event)
    return "", 204


def _said(name: str, default: Any = None) -> Any:
    """A parameter of an action, whatever its case."""
    given = {key.lower(): value for key, value in body_json().items()}
    found = given.get(name.lower())
    return default if found is None else found


@blueprint.post("/users/<user>/events/<key>/cancel")
@blueprint.post("/users/<user>/calendar/events/<key>/cancel")
@needs(ROLE)
def cancel_event(user: str, key: str) -> tuple[str, int]:
    """The organiser calls a meeting off."""
    person = mailbox_of(user)
    with store().write() as tx:
        meetings.cancel(tx, person, one(tx, person, key), str(_said("comment", "")))
    return "", 202


@blueprint.post("/users/<user>/events/<key>/<any(accept, decline, tentativelyAccept):verb>")
@blueprint.post("/users/<user>/calendar/events/<key>/<any(accept, decline, tentativelyAccept):verb>")
@needs(ROLE)
def answer_event(user: str, key: str, verb: str) -> tuple[str, int]:
    """An attendee answers; a declined event leaves their calendar."""
    person = mailbox_of(user)
    slot = _said("proposedNewTime") if verb != "accept" else None
    proposed = None
    if slot is not None:
        if not isinstance(slot, dict):
            raise GraphError(400, "RequestBodyRead", "The parameter 'proposedNewTime' must be an object.")
        proposed = (
            calendar_zones.read(slot.get("start"), "start").utc,
            calendar_zones.read(slot.get("end"), "end").utc,
        )
    with store().write() as tx:
        meetings.respond(
            tx, person, one(tx, person, key), meetings.RESPONSES[verb], comment=str(_said("comment", "")),
            send=_said("sendResponse", True) is not False, proposed=proposed,
        )  # fmt: skip
    return "", 202
