"""What visits, their kinds and their times are called, in the reader's language."""

import re
from datetime import date, datetime, time, timedelta

from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.numbers import format_decimal

from backend import config
from backend.i18n import N_, _, language

_KINDS = {"on-site": N_("On site"), "remote": N_("Remote"), "block": N_("Time block")}
_BUSY = {
    "oof": N_("Away"),
    "tentative": N_("Tentative"),
    "workingElsewhere": N_("Working elsewhere"),
    "busy": N_("Busy"),
}
_NARROW = "\u202f"  # stands before AM and PM
_LOGGED = re.compile(
    r"(?P<day>[\d-]{10}) (?P<start>\d\d:\d\d)–(?:(?P<last>[\d-]{10}) )?(?P<end>\d\d:\d\d) (?P<zone>\S+), (?P<who>.*)"
)


def kind_name(kind: str) -> str:
    """What sort of visit it is."""
    return str(_(_KINDS[kind])) if kind in _KINDS else kind


def busy_name(status: str) -> str:
    """What Outlook says of somebody's time; never what it is about."""
    return str(_(_BUSY.get(status, _BUSY["busy"])))


def clock_time(moment: datetime) -> str:
    """The time of day of a wall time."""
    return str(format_time(moment.time(), "short", locale=language()))


def times(start: datetime, end: datetime) -> str:
    """From when till when, both wall times: 09:00–12:00; with the day of its end where that is another one."""
    if start.time() == end.time() == time() and start < end:
        last = end.date() - timedelta(days=1)
        return _("all day") if last == start.date() else f"{day_short(start.date())} – {day_short(last)}"
    if start.date() == end.date():
        began, ended = clock_time(start), clock_time(end)
        clock, _space, half = began.partition(_NARROW)
        return f"{clock if ended.endswith(half) else began}–{ended}"  # 9:00–10:00 AM
    return f"{clock_time(start)}–{day_short(end.date())} {clock_time(end)}"


def weekday(day: date) -> str:
    """Mon, as short as can be."""
    return str(format_date(day, "EEE", locale=language())).rstrip(".")


def day_short(day: date) -> str:
    """Tue 24 Nov."""
    pattern = {"de": "EEE d. MMM", "en": "EEE d MMM"}.get(language(), "EEE d MMM")
    return str(format_date(day, pattern, locale=language()))


def day_long(day: date) -> str:
    """Tuesday, 24 November 2026."""
    return str(format_date(day, "full", locale=language()))


def span(first: date, last: date, year: int) -> str:
    """From the one day to the other: 23–27 Nov; the year is said where it is not `year`."""
    with_year = "y" if {first.year, last.year} != {year} else ""
    if first == last:
        return str(format_skeleton(f"{with_year}MMMEd", first, locale=language()))
    return str(format_interval(first, last, f"{with_year}MMMd", locale=language()))


def logged(kept: str) -> str:
    """When and who, as the activity log keeps it, for a person: Tue 24 Nov, 09:00–12:00, Piet Hagenauer."""
    found = _LOGGED.fullmatch(kept)
    if found is None:
        return kept
    start = datetime.fromisoformat(f"{found['day']} {found['start']}")
    end = datetime.fromisoformat(f"{found['last'] or found['day']} {found['end']}")
    zone = "" if found["zone"] == config.current().timezone else f" {found['zone']}"
    return f"{when(start, end)}{zone}, {found['who']}"


def when(start: datetime, end: datetime) -> str:
    """Day and times of a visit in one go: Tue 24 Nov, 09:00–12:00."""
    return f"{day_short(start.date())}, {times(start, end)}"


def hours(minutes: int) -> str:
    """A length in hours: 12.5."""
    return str(format_decimal(round(minutes / 60, 2), format="#,##0.##", locale=language()))
