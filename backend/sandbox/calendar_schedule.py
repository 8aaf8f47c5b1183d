"""Free and busy times: https://learn.microsoft.com/graph/api/calendar-getschedule"""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, g, jsonify

from backend.sandbox import calendar_zones, calendars
from backend.sandbox.calendar_views import ROLE
from backend.sandbox.calendars import Event
from backend.sandbox.graph import GraphError, blueprint, body_json, mailbox_of, metadata, needs, prefs, store
from backend.sandbox.people import Person, by_mail
from backend.sandbox.store import Tx

LONGEST = 62  # days; https://github.com/microsoftgraph/microsoft-graph-docs/pull/19703
MOST = 20  # addresses, as documented; 100 were seen to work (microsoft-graph-docs#7047)
_LEAST_INTERVAL, _MOST_INTERVAL = 5, 1440  # minutes; microsoft-graph-docs#6450
_SIGN = {"free": "0", "unknown": "0", "workingElsewhere": "4", "tentative": "1", "busy": "2", "oof": "3"}
_WEIGHT = "04123"  # which of two that meet is shown: the one further right
_HOURS = {
    "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
    "startTime": "08:00:00.0000000",
    "endTime": "17:00:00.0000000",
    "timeZone": {"name": calendar_zones.HOME_WINDOWS},
}


def _question() -> tuple[list[str], datetime, datetime, int]:
    """Addresses, window (UTC) and interval in minutes. Raises GraphError 400."""
    given = {name.lower(): value for name, value in body_json().items()}
    addresses = [str(one) for one in given.get("schedules") or []]
    if not addresses:
        raise GraphError(400, "ErrorInvalidParameter", "Give at least one address in 'schedules'.")
    if len(addresses) > MOST:
        raise GraphError(
            400, "ErrorMailboxDataArrayTooBig", "There are too many target users in the EmailAddress array. The "
            f"allowed size = {MOST}; the actual size = {len(addresses)}.",
        )  # fmt: skip
    start = calendar_zones.read(given.get("starttime"), "startTime").utc
    finish = calendar_zones.read(given.get("endtime"), "endTime").utc
    if finish <= start:
        raise GraphError(
            400,
            "ErrorInvalidTimeInterval",
            "The time duration specified for FreeBusyViewOptions.TimeWindow is invalid.",
        )
    if finish - start > timedelta(days=LONGEST):
        raise GraphError(
            400, "ErrorTimeIntervalTooBig", "The requested time duration specified for FreeBusyViewOptions.TimeWindow "
            f"is too long. The allowed limit = {LONGEST} days; the actual limit = {(finish - start).days} days.",
        )  # fmt: skip
    minutes = given.get("availabilityviewinterval", 30)
    fits = isinstance(minutes, int) and not isinstance(minutes, bool) and _LEAST_INTERVAL <= minutes <= _MOST_INTERVAL
    if not fits or timedelta(minutes=minutes) > finish - start:
        raise GraphError(
            400, "ErrorInvalidMergedFreeBusyInterval", "The specified merged free/busy interval is not valid. Specify "
            "an interval that is less than the free/busy time window and between 5 and 1440 minutes.",
        )  # fmt: skip
    return addresses, start, finish, minutes


def _availability(events: list[Event], start: datetime, finish: datetime, minutes: int) -> str:
    """One sign per interval: the busiest of what touches it."""
    stretches = [
        (datetime.fromisoformat(one.start), datetime.fromisoformat(one.finish), _SIGN[one.doc["showAs"]])
        for one in events
    ]
    view, at, step = "", start, timedelta(minutes=minutes)
    while at < finish:
        signs = [sign for begins, ends, sign in stretches if begins < at + step and ends > at]
        view += max(signs, key=_WEIGHT.index, default="0")
        at += step
    return view


def _item(event: Event, zone: str | None) -> dict[str, Any]:
    doc = event.doc
    item: dict[str, Any] = {"status": doc["showAs"]}
    private = doc["sensitivity"] in ("private", "confidential")
    if not private:
        place = "; ".join(one["displayName"] for one in doc["locations"])
        item |= {"isPrivate": False, "subject": doc["subject"], "location": place}
    else:
        item |= {"isPrivate": True}
    item["start"] = calendar_zones.shown(datetime.fromisoformat(event.start), zone)
    item["end"] = calendar_zones.shown(datetime.fromisoformat(event.finish), zone)
    return item


def _schedule(tx: Tx, address: str, start: datetime, finish: datetime, minutes: int) -> dict[str, Any]:
    person = by_mail(address)
    if person is None or not _reachable(person):
        error = {
            "message": f"Unable to resolve e-mail address {address} to an Active Directory object.",
            "responseCode": "ErrorMailRecipientNotFound",
        }
        return {"scheduleId": address, "availabilityView": "", "scheduleItems": [], "error": error}
    events = [one for one in calendars.within(tx, person, start, finish) if one.start != one.finish]
    return {
        "scheduleId": address,
        "availabilityView": _availability(events, start, finish, minutes),
        "scheduleItems": [_item(one, prefs().time_zone) for one in events],
        "workingHours": _HOURS,
    }


def _reachable(person: Person) -> bool:
    return bool(person.tenant == g.claims["tid"] or g.claims.get("sandbox_everywhere"))


@blueprint.post("/users/<user>/calendar/getSchedule")
@needs(ROLE)
def get_schedule(user: str) -> Response:
    """When these people are free, and what they do otherwise."""
    mailbox_of(user)
    addresses, start, finish, minutes = _question()
    with store().read() as tx:
        value = [_schedule(tx, one, start.astimezone(UTC), finish, minutes) for one in addresses]
    return jsonify({"@odata.context": metadata("Collection(microsoft.graph.scheduleInformation)"), "value": value})
