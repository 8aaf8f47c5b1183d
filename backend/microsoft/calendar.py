"""Events in the calendars of the tenant's people, by application permission: always /users/{address}, never /me.

Only events that carry our own property are ever read, and of other people's time only whether it is taken.
https://learn.microsoft.com/graph/api/resources/event
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

from backend.microsoft import graph

CATEGORY = "Deskside"
# A named property of our own (https://learn.microsoft.com/graph/api/resources/extended-properties-overview).
_KEY = "String {6f0a7c52-6a0e-4c57-9d0b-6d6576697369} Name DesksideVisit"
_READ = "id,changeKey,iCalUId,start,end,location,isCancelled,isAllDay,responseStatus,lastModifiedDateTime"
_EXPAND = f"singleValueExtendedProperties($filter=id eq '{_KEY}')"
# Times come in UTC, so that no clock change makes one of them mean two moments.
_IN_UTC = 'outlook.timezone="UTC"'
_PAGE = 100
MOST_SCHEDULES = 20  # addresses in one question (https://learn.microsoft.com/graph/api/calendar-getschedule)
LONGEST_SCHEDULE = timedelta(days=42)
_OFFSET = re.compile(r"\(?(?:UTC|GMT)(?:([+-])(\d\d?):?(\d\d)?)?\)?.*")


class ChangedMeanwhile(Exception):
    """The event is no longer as it was when it was read last."""


@dataclass(frozen=True)
class Entry:
    """An event as we want it: naive wall times in the IANA zone `zone`, `html` clean."""

    subject: str
    html: str
    place: str
    start: datetime
    end: datetime
    zone: str


@dataclass(frozen=True)
class Event:
    """An event of ours as it stands in a calendar. `key` is the word we put on it, "" where it was not asked for."""

    id: str
    key: str
    change_key: str
    ical_uid: str
    starts_at: datetime
    ends_at: datetime
    place: str
    cancelled: bool
    declined: bool
    all_day: bool  # then `starts_at` and `ends_at` are midnights of the calendar, whatever the zone
    modified_at: datetime


@dataclass(frozen=True)
class Busy:
    """A stretch of somebody's time that is taken; status as Graph says it: busy, tentative, oof, workingElsewhere."""

    starts_at: datetime
    ends_at: datetime
    status: str


def create(mailbox: str, entry: Entry, key: str) -> Event:
    """Makes the event in the calendar of `mailbox`. With a `key` that made one before, that one: `key` is a UUID.

    Raises what graph.call raises.
    """
    body = {
        **_content(entry),
        **_times(entry),
        "showAs": "busy",
        "categories": [CATEGORY],
        "transactionId": key,
        "singleValueExtendedProperties": [{"id": _KEY, "value": key}],
    }
    return _event(graph.call(_in_utc(graph.request(_of(mailbox).events, "POST", body=body))), key)


def update(
    mailbox: str, event_id: str, entry: Entry, *, change_key: str, content: bool = True, times: bool = True
) -> Event:
    """Makes the event equal to `entry`: its words, its times, or both.

    Raises ChangedMeanwhile when it no longer has `change_key`, graph.Missing when it is gone.
    """
    body = {**(_content(entry) if content else {}), **(_times(entry) if times else {})}
    info = _in_utc(graph.request(_of(mailbox).events.by_event_id(event_id), "PATCH", body=body))
    if change_key:
        info.headers.add("If-Match", f'W/"{change_key}"')
    return _event(_changing(info))


def delete(mailbox: str, event_id: str) -> None:
    """Takes the event out of the calendar. Raises graph.Missing when it is gone."""
    graph.call(graph.request(_of(mailbox).events.by_event_id(event_id), "DELETE"))


def read(mailbox: str, event_id: str) -> Event:
    """The event with that id. Raises graph.Missing when it is gone, or the whole mailbox is."""
    query = {"$select": _READ, "$expand": _EXPAND}
    return _event(graph.call(_in_utc(graph.request(_of(mailbox).events.by_event_id(event_id), query=query))))


def find_by_key(mailbox: str, key: str) -> list[Event]:
    """The events that carry `key`, oldest first; [] when there are none. Raises graph.Missing without a mailbox."""
    test = f"ep/id eq {graph.literal(_KEY)} and ep/value eq {graph.literal(key)}"
    return _listed(mailbox, f"singleValueExtendedProperties/any(ep: {test})")


def all_of_ours(mailbox: str, since: datetime) -> list[Event]:
    """All events that carry a key of ours and end after `since`, from all pages. Raises graph.Missing."""
    test = f"singleValueExtendedProperties/any(ep: ep/id eq {graph.literal(_KEY)} and ep/value ne null)"
    moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return _listed(mailbox, f"{test} and end/dateTime ge '{moment}'")


def schedule(mailbox: str, addresses: Sequence[str], start: datetime, end: datetime) -> dict[str, list[Busy] | str]:
    """When these (at most MOST_SCHEDULES) are taken between the moments `start` and `end`, asked as `mailbox`.

    By address in lower case: the stretches, or why there is no answer. What people do then is not looked at.
    """
    body = {
        "schedules": list(addresses),
        "startTime": _stamp(start),
        "endTime": _stamp(end),
        "availabilityViewInterval": 60,
    }
    answer = graph.call(_in_utc(graph.request(_of(mailbox).calendar.get_schedule, "POST", body=body)))
    found: dict[str, list[Busy] | str] = {}
    for one in answer.get("value", []):
        error = one.get("error")
        said = str(error.get("responseCode") or error.get("message") or "?") if isinstance(error, dict) else ""
        found[str(one.get("scheduleId", "")).lower()] = said or list(_busy(one.get("scheduleItems") or []))
    return found


def _busy(items: Iterable[dict[str, Any]]) -> Iterable[Busy]:
    for one in items:
        status = str(one.get("status") or "busy")
        if status not in ("free", "unknown"):
            yield Busy(_moment(one["start"]), _moment(one["end"]), status)


def _of(mailbox: str) -> Any:
    return graph.client().users.by_user_id(mailbox)


def _in_utc(info: Any) -> Any:
    info.headers.add("Prefer", _IN_UTC)
    return info


def _changing(info: Any) -> dict[str, Any]:
    try:
        return graph.call(info)
    except graph.GraphRefused as error:
        if error.status == 412:
            raise ChangedMeanwhile from error
        raise


def _listed(mailbox: str, test: str) -> list[Event]:
    events = _of(mailbox).events
    query = {"$filter": test, "$select": _READ, "$expand": _EXPAND, "$top": _PAGE}
    answer = graph.call(_in_utc(graph.request(events, query=query)))
    found = list(answer.get("value", []))
    while answer.get("@odata.nextLink"):
        answer = graph.call(_in_utc(graph.request(events.with_url(answer["@odata.nextLink"]))), of=mailbox)
        found += answer.get("value", [])
    return [_event(one) for one in found]


def _content(entry: Entry) -> dict[str, Any]:
    return {
        "subject": entry.subject,
        "body": {"contentType": "html", "content": entry.html},
        "location": {"displayName": entry.place},
    }


def _times(entry: Entry) -> dict[str, Any]:
    return {
        name: {"dateTime": wall.strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": entry.zone}
        for name, wall in (("start", entry.start), ("end", entry.end))
    }


def _stamp(moment: datetime) -> dict[str, str]:
    return {"dateTime": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"}


def _event(one: dict[str, Any], key: str = "") -> Event:
    properties = one.get("singleValueExtendedProperties") or []
    carried = next((str(each.get("value") or "") for each in properties), key)
    return Event(
        id=str(one["id"]),
        key=carried,
        change_key=str(one.get("changeKey") or ""),
        ical_uid=str(one.get("iCalUId") or ""),
        starts_at=_moment(one["start"]),
        ends_at=_moment(one["end"]),
        place=str((one.get("location") or {}).get("displayName") or ""),
        cancelled=bool(one.get("isCancelled")),
        declined=(one.get("responseStatus") or {}).get("response") == "declined",
        all_day=bool(one.get("isAllDay")),
        modified_at=datetime.fromisoformat(_short(str(one["lastModifiedDateTime"]))).astimezone(UTC),
    )


def _short(text: str) -> str:
    """Graph writes seven digits of a second; Python reads six."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


def _moment(value: dict[str, Any]) -> datetime:
    """A {dateTime, timeZone} of Graph as a moment in UTC; the zone is the one it names, not the one we asked for."""
    wall = datetime.fromisoformat(_short(str(value["dateTime"])))
    if wall.tzinfo is not None:
        return wall.astimezone(UTC)
    return wall.replace(tzinfo=zone(str(value.get("timeZone") or "UTC"))).astimezone(UTC)


@cache
def zone(name: str) -> tzinfo:
    """The zone that Microsoft calls `name`: an IANA or Windows name, or one with an offset; else UTC."""
    text = name.strip()
    if text.casefold() in ("utc", "tzone://microsoft/utc"):
        return UTC
    windows = {str(key).casefold(): str(value) for key, value in get_global("windows_zone_mapping").items()}
    try:
        return ZoneInfo(windows.get(text.casefold(), text))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        found = _OFFSET.fullmatch(text)
        if found is None or found[1] is None:
            return UTC
        distance = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(-distance if found[1] == "-" else distance)
