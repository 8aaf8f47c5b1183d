"""Events as Graph's JSON. Properties and their order: https://learn.microsoft.com/graph/api/resources/event"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from backend.sandbox import bodies, calendar_zones, calendars, odata, render
from backend.sandbox.calendars import Event
from backend.sandbox.graph import GraphError, Prefs
from backend.sandbox.people import Person
from backend.sandbox.store import Tx

_WEB = "https://outlook.office365.com/owa/"


def _time(event: Event, prefs: Prefs, name: str) -> dict[str, str]:
    if event.doc["isAllDay"]:
        return calendar_zones.floating(datetime.fromisoformat(event.doc[name]), prefs.time_zone)
    moment = event.start if name == "start" else event.finish
    return calendar_zones.shown(datetime.fromisoformat(moment), prefs.time_zone)


def _body(event: Event, prefs: Prefs) -> dict[str, str]:
    kind, content = event.doc["body"]["contentType"], event.doc["body"]["content"]
    if prefs.body == "text":
        return {"contentType": "text", "content": bodies.text_of(content) if kind == "html" else content}
    if kind == "text":
        return {"contentType": "html", "content": bodies.html_of(content) if content else ""}
    return {"contentType": "html", "content": content if prefs.unsafe_html else bodies.safe(content)}


def _attendee(one: dict[str, Any], prefs: Prefs) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "type": one["type"],
        "status": {"response": one["response"], "time": one["time"]},
        "emailAddress": {"name": one["name"], "address": one["address"]},
    }
    if one.get("proposed"):
        start, end = (datetime.fromisoformat(moment) for moment in one["proposed"])
        shown["proposedNewTime"] = {
            "start": calendar_zones.shown(start, prefs.time_zone), "end": calendar_zones.shown(end, prefs.time_zone),
        }  # fmt: skip
    return shown


def _location(event: Event) -> dict[str, Any]:
    places = event.doc["locations"]
    if len(places) == 1:
        return dict(places[0])
    name = "; ".join(place["displayName"] for place in places)
    return {"displayName": name, "locationType": "default", "uniqueIdType": "unknown"}


FIELDS: dict[str, Callable[[Event, Prefs], Any]] = {
    "createdDateTime": lambda e, p: e.created,
    "lastModifiedDateTime": lambda e, p: e.modified,
    "changeKey": lambda e, p: e.change_key,
    "categories": lambda e, p: e.doc["categories"],
    "transactionId": lambda e, p: e.transaction_id,
    "originalStartTimeZone": lambda e, p: e.doc["startCalled"],
    "originalEndTimeZone": lambda e, p: e.doc["endCalled"],
    "iCalUId": lambda e, p: e.ical_uid,
    "reminderMinutesBeforeStart": lambda e, p: e.doc["reminderMinutesBeforeStart"],
    "isReminderOn": lambda e, p: e.doc["isReminderOn"],
    "hasAttachments": lambda e, p: False,
    "subject": lambda e, p: e.doc["subject"],
    "bodyPreview": lambda e, p: e.doc["bodyPreview"],
    "importance": lambda e, p: e.doc["importance"],
    "sensitivity": lambda e, p: e.doc["sensitivity"],
    "isAllDay": lambda e, p: e.doc["isAllDay"],
    "isCancelled": lambda e, p: e.doc["isCancelled"],
    "isOrganizer": lambda e, p: e.doc["isOrganizer"],
    "responseRequested": lambda e, p: e.doc["responseRequested"],
    "seriesMasterId": lambda e, p: None,
    "showAs": lambda e, p: e.doc["showAs"],
    "type": lambda e, p: "singleInstance",
    "webLink": lambda e, p: f"{_WEB}?itemid={quote(e.item_id, safe='')}&exvsurl=1&path=/calendar/item",
    "onlineMeetingUrl": lambda e, p: None,
    "isOnlineMeeting": lambda e, p: False,
    "onlineMeetingProvider": lambda e, p: "unknown",
    "allowNewTimeProposals": lambda e, p: e.doc["allowNewTimeProposals"],
    "isDraft": lambda e, p: False,
    "hideAttendees": lambda e, p: e.doc["hideAttendees"],
    "responseStatus": lambda e, p: {"response": e.doc["response"], "time": e.doc["responded"]},
    "body": _body,
    "start": lambda e, p: _time(e, p, "start"),
    "end": lambda e, p: _time(e, p, "end"),
    "location": lambda e, p: _location(e),
    "locations": lambda e, p: e.doc["locations"],
    "recurrence": lambda e, p: None,
    "attendees": lambda e, p: [_attendee(one, p) for one in e.doc["attendees"]],
    "organizer": lambda e, p: render.recipient(e.doc["organizer"]),
    "onlineMeeting": lambda e, p: None,
}  # fmt: skip


def chosen(select: str | None) -> list[str] | None:
    """The names of a $select, checked. Raises GraphError 400."""
    names = [name.strip() for name in (select or "").split(",") if name.strip()]
    for name in names:
        if name not in FIELDS and name not in ("id", "*"):
            raise GraphError(
                400, "RequestBroker--ParseUri",
                f"Could not find a property named '{name}' on type 'Microsoft.OutlookServices.Event'.",
            )  # fmt: skip
    return None if not names or "*" in names else names


def event(
    tx: Tx, one: Event, prefs: Prefs, select: list[str] | None = None, expand: dict[str, str] | None = None
) -> dict[str, Any]:
    """One event. Raises GraphError 400 for a zone or an expansion there is not."""
    shown: dict[str, Any] = {
        "@odata.etag": f'W/"{one.change_key}"',
        "id": one.immutable_id if prefs.immutable else one.item_id,
    }
    for name, give in FIELDS.items():
        if select is None or name in select:
            shown[name] = give(one, prefs)
    if shown.get("transactionId", "") is None:
        # "Only returned if it was set" (resources/event).
        del shown["transactionId"]
    for name, options in (expand or {}).items():
        if name != "singleValueExtendedProperties":
            raise GraphError(400, "ErrorInvalidUrlQuery", f"The sandbox cannot expand '{name}' of an event.")
        found = properties(tx, one, options)
        if found:
            shown[name] = found
    return shown


def properties(tx: Tx, one: Event, options: str) -> list[dict[str, str]]:
    """The extended properties that $expand names; without a filter there are none, as with Graph."""
    found = []
    for asked in re.findall(r"id\s+eq\s+'((?:[^']|'')*)'", options):
        asked = asked.replace("''", "'")
        row = tx.one(
            "SELECT value FROM event_properties WHERE event = ? AND id = ?", one.pk, render.property_key(asked)
        )
        if row:
            found.append({"id": asked, "value": row["value"]})
    return found


def getter(tx: Tx, one: Event) -> odata.Getter:
    """How a $filter or $orderby reads this event's properties."""

    def get(path: str) -> Any:
        name = path.split("/", 1)[0]
        if name == "singleValueExtendedProperties":
            rows = tx.all("SELECT id, value FROM event_properties WHERE event = ?", one.pk)
            return [{"id": row["id"], "value": row["value"]} for row in rows]
        if name == "id":
            return one.item_id
        if name not in FIELDS:
            raise odata.Malformed(f"Could not find a property named '{name}' on type 'event'.")
        return odata.walk({name: FIELDS[name](one, Prefs())}, path)

    return get


def calendar(person: Person) -> dict[str, Any]:
    """Somebody's only calendar."""
    return {
        "id": calendars.calendar_id(person), "name": "Kalender" if person.language == "de" else "Calendar",
        "color": "auto", "hexColor": "", "isDefaultCalendar": True, "changeKey": "DwAAABYAAAB0", "canShare": True,
        "canViewPrivateItems": True, "canEdit": True, "allowedOnlineMeetingProviders": [],
        "defaultOnlineMeetingProvider": "unknown", "isTallyingResponses": True, "isRemovable": False,
        "owner": {"name": person.name, "address": person.mail},
    }  # fmt: skip
