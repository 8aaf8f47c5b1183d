"""Times as Graph's calendar writes them: a wall time beside the name of its zone, IANA or Windows.

https://learn.microsoft.com/graph/api/resources/datetimetimezone
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

from backend.sandbox.graph import GraphError

HOME = "Europe/Berlin"
# The zone of the mailboxes here as Exchange names it.
HOME_WINDOWS = "W. Europe Standard Time"
_WALL = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True)
class Moment:
    """A wall time (naive), the IANA name of its zone, and the name by which the caller called the zone."""

    wall: datetime
    zone: str
    called: str

    @property
    def utc(self) -> datetime:
        """The moment in UTC."""
        return self.wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


def unknown(name: Any) -> GraphError:
    """The refusal of a zone nobody knows."""
    return GraphError(
        400,
        "TimeZoneNotSupportedException",
        f"A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'.",
    )


@cache
def iana(name: str) -> str | None:
    """The IANA name of a zone by its IANA or Windows name; None for an unknown one."""
    text = name.strip()
    if text.lower() in ("utc", "tzone://microsoft/utc"):
        return "UTC"
    windows = {str(key).casefold(): str(value) for key, value in get_global("windows_zone_mapping").items()}
    found = windows.get(text.casefold(), text)
    try:
        return ZoneInfo(found).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def read(value: Any, name: str) -> Moment:
    """A {dateTime, timeZone} of a caller. Raises GraphError 400."""
    if not isinstance(value, dict) or not isinstance(value.get("dateTime"), str):
        raise GraphError(400, "ErrorInvalidRequest", f"The property '{name}' must have a dateTime and a timeZone.")
    called = value.get("timeZone")
    if not isinstance(called, str) or (zone := iana(called)) is None:
        raise unknown(called)
    match = _WALL.fullmatch(value["dateTime"].strip())
    try:
        if match is None:
            raise ValueError
        wall = datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00'}")
        if match[4]:
            # An offset in the text wins over the zone beside it.
            offset = datetime.fromisoformat(f"{wall.isoformat()}{match[4]}")
            wall = offset.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except ValueError as error:
        raise GraphError(
            400, "RequestBodyRead", f"Cannot convert the literal '{value['dateTime']}' to the expected type."
        ) from error
    return Moment(wall, zone, called)


def parse(text: str | None, name: str) -> datetime:
    """A moment in a query option such as startDateTime; UTC unless it says otherwise. Raises GraphError 400."""
    try:
        # A plus sign that was not escaped arrives as a space.
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", (text or "").strip().replace(" ", "+")))
    except ValueError as error:
        raise GraphError(
            400, "ErrorInvalidParameter", f"The value '{text}' of parameter '{name}' is invalid."
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def shown(moment: datetime, called: str | None) -> dict[str, str]:
    """A moment (with zone) as Graph answers it, in the zone the caller asked for or in UTC."""
    name = called or "UTC"
    zone = iana(name)
    if zone is None:
        raise unknown(called)
    return floating(moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None), called)


def floating(wall: datetime, called: str | None) -> dict[str, str]:
    """A wall time that is the same everywhere, as the days of an all-day event are."""
    return {"dateTime": wall.strftime("%Y-%m-%dT%H:%M:%S.0000000"), "timeZone": called or "UTC"}
