"""Wall times and their zones: what was agreed with people, and which moment that is."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from backend.errors import Invalid
from backend.i18n import _

LONGEST = timedelta(days=31)
_YEARS = (2000, 2100)  # within them every zone's rules are known and no sum overflows


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def known_zone(name: str) -> bool:
    """Whether `name` is an IANA time zone."""
    return name in _zones()


def moment(wall: datetime, zone: str) -> datetime:
    """The moment (UTC) of a naive wall time; of two equal ones in autumn the first."""
    return aware(wall, zone).astimezone(UTC)


def wall(at: datetime, zone: str) -> datetime:
    """The naive wall time of a moment in an IANA zone."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def exists(at: datetime, zone: str) -> bool:
    """Whether clocks in that zone ever show the naive wall time `at`; in spring an hour of them is left out."""
    return wall(moment(at, zone), zone) == at


def _fits(at: datetime) -> bool:
    return at.tzinfo is None and _YEARS[0] <= at.year < _YEARS[1]


def span(start: datetime, end: datetime, zone: str) -> tuple[datetime, datetime]:
    """The moments (UTC) between which a visit lasts. Raises Invalid naming start, end or timezone."""
    wrong: dict[str, str] = {}
    if not known_zone(zone):
        wrong["timezone"] = _("There is no time zone of this name. An example is Europe/Berlin.")
    for name, at in (("start", start), ("end", end)):
        if not _fits(at):
            wrong[name] = _("Please give date and time as the clock on site shows them, without an offset.")
        elif not wrong and not exists(at, zone):
            wrong[name] = _("This time does not exist: the clocks are put forward then. Please choose an hour later.")
    if wrong:
        raise Invalid(_("Please correct the marked fields."), fields=wrong)
    starts_at, ends_at = moment(start, zone), moment(end, zone)
    if ends_at <= starts_at:
        wrong["end"] = _("The end has to be after the start.")
    elif ends_at - starts_at > LONGEST:
        wrong["end"] = _("A visit can last a month at most.")
    if wrong:
        raise Invalid(_("Please correct the marked fields."), fields=wrong)
    return starts_at, ends_at


def aware(at: datetime, zone: str) -> datetime:
    """The naive wall time `at` with its zone."""
    return at.replace(tzinfo=ZoneInfo(zone), fold=0)
