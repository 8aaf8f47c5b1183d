"""Until when a pending ticket rests: as people choose it, and as it stands in addresses and in the log."""

from datetime import UTC, datetime, timedelta

from backend.errors import Invalid
from backend.i18n import _
from backend.visits.times import moment, wall

MORNING = 8  # o'clock, where the technician is
_LAST_YEAR = 2100


def tomorrow(now: datetime, zone: str) -> datetime:
    """Tomorrow morning."""
    return _morning(wall(now, zone) + timedelta(days=1), zone)


def next_monday(now: datetime, zone: str) -> datetime:
    """The morning of the next Monday, of today never."""
    here = wall(now, zone)
    return _morning(here + timedelta(days=7 - here.weekday()), zone)


def _morning(day: datetime, zone: str) -> datetime:
    return moment(day.replace(hour=MORNING, minute=0, second=0, microsecond=0), zone)


def read(text: str, now: datetime, zone: str) -> datetime | None:
    """The moment that a form names: "tomorrow", "monday", or a date with a time, where the technician is; None for "".

    Raises Invalid naming `pending_until`.
    """
    if text in ("", "tomorrow", "monday"):
        return {"": None, "tomorrow": tomorrow(now, zone), "monday": next_monday(now, zone)}[text]
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        said = None
    if said is None or not now.year <= said.year < _LAST_YEAR:
        wrong = _("Please give a date and a time.")
        raise Invalid(_("Please correct the marked fields."), fields={"pending_until": wrong})
    return moment(said, zone) if said.tzinfo is None else said.astimezone(UTC)
