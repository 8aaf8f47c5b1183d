"""Events as callers write them in JSON: checked the way Graph checks them, turned into what a calendar keeps.

https://learn.microsoft.com/graph/api/resources/event
"""

import re
from datetime import datetime
from typing import Any

from backend.sandbox import bodies, calendar_zones, calendars
from backend.sandbox.graph import GraphError
from backend.sandbox.people import by_mail

_CHOICES = {
    "importance": ("low", "normal", "high"),
    "sensitivity": ("normal", "personal", "private", "confidential"),
    "showAs": ("free", "tentative", "busy", "oof", "workingElsewhere", "unknown"),
}
_FLAGS = ("isReminderOn", "responseRequested", "hideAttendees", "allowNewTimeProposals", "isAllDay")
# Given back by Graph, ignored when sent in.
_READ_ONLY = {
    "id", "createdDateTime", "lastModifiedDateTime", "changeKey", "iCalUId", "hasAttachments", "bodyPreview", "webLink",
    "isCancelled", "isOrganizer", "isDraft", "responseStatus", "organizer", "originalStartTimeZone",
    "originalEndTimeZone", "originalStart", "seriesMasterId", "type", "onlineMeeting", "onlineMeetingUrl",
    "onlineMeetingProvider",
}  # fmt: skip
_OTHER = {
    "subject", "body", "start", "end", "location", "locations", "attendees", "categories", "recurrence",
    "reminderMinutesBeforeStart", "singleValueExtendedProperties", "transactionId", "isOnlineMeeting",
}  # fmt: skip
MOST_ATTENDEES = 500
# What others see of an event: a change of it is told to them.
SEEN_BY_OTHERS = {
    "subject", "body", "start", "end", "isAllDay", "location", "locations", "attendees", "importance",
    "hideAttendees", "allowNewTimeProposals", "responseRequested",
}  # fmt: skip


def _wrong(message: str) -> GraphError:
    return GraphError(400, "RequestBodyRead", message)


def _check_names(given: dict[str, Any]) -> None:
    known = {*_CHOICES, *_FLAGS, *_READ_ONLY, *_OTHER}
    for name in given:
        if "@odata" not in name and name not in known:
            raise _wrong(
                f"The property '{name}' does not exist on type 'microsoft.graph.event'. Make sure to only use property "
                "names that are defined by the type."
            )
    if given.get("recurrence"):
        raise GraphError(400, "ErrorInvalidRequest", "The sandbox keeps single events only; 'recurrence' is refused.")
    if given.get("isOnlineMeeting"):
        raise GraphError(400, "ErrorInvalidRequest", "The sandbox makes no online meetings.")


def _attendee(value: Any, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    found = value.get("emailAddress") if isinstance(value, dict) else None
    address = found.get("address") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(address, str) or not re.fullmatch(r"\S+@\S+", address.strip()):
        raise GraphError(400, "ErrorInvalidRecipients", "At least one attendee is not valid.")
    kind = str(value.get("type") or "required")
    if kind not in ("required", "optional", "resource"):
        raise _wrong(f"'{kind}' is no attendeeType.")
    address = address.strip()
    person = by_mail(address)
    name = str(found.get("name") or (person.name if person else address))
    before = known.get(address.lower(), {"response": "none", "time": calendars.NEVER})
    return {**before, "type": kind, "name": name, "address": address}


def _attendees(doc: dict[str, Any], given: Any) -> list[dict[str, Any]]:
    if len(given or []) > MOST_ATTENDEES:
        raise GraphError(400, "ErrorInvalidRecipients", f"An event has at most {MOST_ATTENDEES} attendees.")
    known = {one["address"].lower(): one for one in doc["attendees"]}
    found = [_attendee(one, known) for one in given or []]
    return list({one["address"].lower(): one for one in found}.values())


def _location(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong("A location must be an object.")
    name = str(value.get("displayName") or "")
    kept = {
        key: value[key] for key in ("address", "coordinates", "locationEmailAddress", "locationUri") if key in value
    }
    return {
        "displayName": name, **kept, "locationType": value.get("locationType") or "default", "uniqueId": name,
        "uniqueIdType": "private",
    }  # fmt: skip


def _places(doc: dict[str, Any], given: dict[str, Any]) -> None:
    # Setting `location` overwrites `locations` (resources/event); with both, `locations` says more.
    if given.get("locations"):
        doc["locations"] = [_location(one) for one in given["locations"]]
    elif "location" in given:
        place = _location(given["location"] or {})
        doc["locations"] = [place] if place["displayName"] else []
    elif "locations" in given:
        doc["locations"] = []


def _body(doc: dict[str, Any], given: Any) -> None:
    kind = str((given or {}).get("contentType") or "text").lower()
    if kind not in ("text", "html"):
        raise _wrong(f"Cannot convert the literal '{kind}' to the type 'bodyType'.")
    content = str((given or {}).get("content") or "")
    doc["body"] = {"contentType": kind, "content": content}
    doc["bodyPreview"] = bodies.preview(bodies.text_of(content) if kind == "html" else content)


def _times(doc: dict[str, Any], given: dict[str, Any]) -> None:
    for name, zone, called in (("start", "zone", "startCalled"), ("end", "endZone", "endCalled")):
        if name in given:
            moment = calendar_zones.read(given[name], name)
            doc[name], doc[zone], doc[called] = moment.wall.isoformat(), moment.zone, moment.called
        elif name not in doc:
            raise GraphError(400, "ErrorInvalidRequest", f"Required property '{name}' is missing.")
    start, end = datetime.fromisoformat(doc["start"]), datetime.fromisoformat(doc["end"])
    moments = [calendar_zones.Moment(start, doc["zone"], ""), calendar_zones.Moment(end, doc["endZone"], "")]
    if moments[1].utc < moments[0].utc:
        raise GraphError(400, "ErrorPropertyValidationFailure", "The end of the event is before its start.")
    if doc["isAllDay"] and not (calendars.midnight(start) and calendars.midnight(end) and end > start
                                and doc["zone"] == doc["endZone"]):  # fmt: skip
        raise GraphError(
            400, "ErrorPropertyValidationFailure", "The start and end of an all-day event must be set to midnight, in "
            "the same time zone, at least 24 hours apart.",
        )  # fmt: skip


def apply(doc: dict[str, Any], given: dict[str, Any]) -> None:
    """Writes the JSON properties of a caller into `doc`. Raises GraphError 400."""
    _check_names(given)
    for name, choices in _CHOICES.items():
        if name in given:
            if given[name] not in choices:
                raise _wrong(f"Cannot convert the literal '{given[name]}' to the expected type of '{name}'.")
            doc[name] = given[name]
    for name in _FLAGS:
        if name in given:
            if not isinstance(given[name], bool):
                raise _wrong(f"Cannot convert the value of '{name}' to the expected type 'Edm.Boolean'.")
            doc[name] = given[name]
    if "subject" in given:
        doc["subject"] = str(given["subject"] or "")
    if "categories" in given:
        doc["categories"] = [str(one) for one in given["categories"] or []]
    if "reminderMinutesBeforeStart" in given:
        minutes = given["reminderMinutesBeforeStart"]
        if isinstance(minutes, bool) or not isinstance(minutes, int):
            raise _wrong("Cannot convert 'reminderMinutesBeforeStart' to the type 'Edm.Int32'.")
        doc["reminderMinutesBeforeStart"] = minutes
    if "body" in given:
        _body(doc, given["body"])
    _places(doc, given)
    if "attendees" in given:
        doc["attendees"] = _attendees(doc, given["attendees"])
    _times(doc, given)
