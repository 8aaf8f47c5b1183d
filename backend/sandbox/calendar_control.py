"""The control calls on calendars: what a person does with an event in Outlook, without signing in anywhere."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, jsonify

from backend.sandbox import calendar_render, calendar_zones, calendars, meetings
from backend.sandbox.calendars import Event
from backend.sandbox.control import Unclear, blueprint, body_given
from backend.sandbox.graph import GraphError, Prefs
from backend.sandbox.people import Person, by_mail
from backend.sandbox.store import Tx
from backend.sandbox.world import world


@blueprint.errorhandler(GraphError)
def refused(error: GraphError) -> tuple[Response, int]:
    """What Graph would refuse is refused here too."""
    return jsonify(error=error.message, code=error.code), error.status


def _person(mail: str) -> Person:
    person = by_mail(mail)
    if person is None:
        raise Unclear(f"There is no calendar of {mail!r} here; see /_sandbox/people.", 404)
    return person


def _event(tx: Tx, person: Person, key: str) -> Event:
    event = calendars.find(tx, person, key)
    if event is None:
        raise Unclear(f"There is no such event in the calendar of {person.mail}.", 404)
    return event


def _shown(tx: Tx, event: Event) -> dict[str, Any]:
    rows = tx.all("SELECT id, value FROM event_properties WHERE event = ? ORDER BY id", event.pk)
    properties = [{"id": row["id"], "value": row["value"]} for row in rows]
    return {**calendar_render.event(tx, event, Prefs()), "singleValueExtendedProperties": properties}


@blueprint.get("/calendars/<mail>")
def calendar_of(mail: str) -> Response:
    """All events of a calendar as Graph shows them (UTC), with all extended properties, earliest first."""
    person = _person(mail)
    with world().store.read() as tx:
        found = calendars.select(tx, "mailbox = ? ORDER BY start, pk", person.id)
        return jsonify([_shown(tx, event) for event in found])


def _time(value: Any, zone: str, called: str) -> Any:
    """A time as Graph writes it; text is a wall time in the event's zone, or a moment where it has an offset."""
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise Unclear(f"{value!r} is no time.") from error
    if moment.tzinfo is not None:
        moment = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return {"dateTime": moment.isoformat(), "timeZone": called}


@blueprint.patch("/calendars/<mail>/events/<key>")
def change(mail: str, key: str) -> Response:
    """That person changes the event: properties as in Graph; `start` and `end` may be plain text."""
    person, given = _person(mail), body_given()
    with world().store.write() as tx:
        event = _event(tx, person, key)
        doc = event.doc
        for name, zone, called in (("start", "zone", "startCalled"), ("end", "endZone", "endCalled")):
            if name in given:
                given[name] = _time(given[name], doc[zone], doc[called])
        meetings.change(tx, person, event, given)
        return jsonify(_shown(tx, event))


@blueprint.delete("/calendars/<mail>/events/<key>")
def delete(mail: str, key: str) -> tuple[str, int]:
    """That person deletes the event: a meeting of theirs is cancelled, one they are invited to is declined."""
    person = _person(mail)
    with world().store.write() as tx:
        event = _event(tx, person, key)
        if event.is_organizer or event.doc["isCancelled"]:
            meetings.delete(tx, person, event)
        else:
            meetings.respond(tx, person, event, "declined")
    return "", 204


@blueprint.post("/calendars/<mail>/events/<key>/answer")
def answer(mail: str, key: str) -> tuple[str, int]:
    """`by` answers the meeting that stands in this calendar, from their own calendar or by mail from outside."""
    person, given = _person(mail), body_given()
    response, by = given.get("response"), str(given.get("by") or person.mail)
    if response not in meetings.RESPONSES.values():
        raise Unclear(f"`response` must be one of {', '.join(meetings.RESPONSES.values())}.")
    proposed = None
    if given.get("proposedStart") or given.get("proposedEnd"):
        if response == "accepted":
            raise Unclear("Who accepts cannot propose another time.")
        with world().store.read() as tx:
            doc = _event(tx, person, key).doc
        start, end = (
            calendar_zones.read(_time(given.get(name), doc[zone], doc[called]), name).utc
            for name, zone, called in (
                ("proposedStart", "zone", "startCalled"),
                ("proposedEnd", "endZone", "endCalled"),
            )
        )
        proposed = (start, end)
    with world().store.write() as tx:
        event = _event(tx, person, key)
        meetings.answer(tx, event, by, str(response), comment=str(given.get("comment") or ""), proposed=proposed)
    return "", 204
