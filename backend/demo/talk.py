"""How a ticket's story is written down in the demo: who said or did what, and when.

A moment is either working days back with a wall time ("-4 07:58"), or a distance ("2h10m", "25m") from now, or that
moment itself.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from inspect import cleandoc
from zoneinfo import ZoneInfo

_BACK = re.compile(r"-(\d+) (\d\d):(\d\d)")
_FULL_LINE = 92  # a line this long was broken by the edge of the page, not on purpose
_DISTANCE = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?")


@dataclass(frozen=True)
class File:
    """A small attachment: `content` is text, or the lines on a drawn display where the type is a picture."""

    name: str
    content: str
    content_type: str = "text/plain"


@dataclass(frozen=True)
class Step:
    """One thing said or done. `kind`: mail, reply, note, call (said), set (done: `text` is property=value).

    `minutes`: worked with it, of the billable kind `billing`.
    """

    kind: str
    by: str
    when: str | datetime
    text: str
    quoted: str = ""
    html: str = ""
    status: str = ""
    files: tuple[File, ...] = ()
    cc: tuple[str, ...] = ()
    channel: str = "desk"
    minutes: int = 0
    billing: str = "billable"


@dataclass(frozen=True)
class Story:
    """One ticket from its first mail on. `contact` is a nick, or "name <address>" for somebody without a customer."""

    subject: str
    contact: str
    steps: tuple[Step, ...]
    team: str = "Hotline"
    priority: str = "medium"
    impact: str = "person"
    type: str = "incident"
    category: str = ""
    family: str = ""
    order: str = ""
    data: dict[str, str] = field(default_factory=dict)


def tidy(text: str) -> str:
    """`text` without its indentation, and with each paragraph on one line, as mail programs send it."""
    done = ""
    for line in cleandoc(text).split("\n"):
        last = done.rpartition("\n")[2]
        source = last.rpartition("\x1f")[2]
        full = len(source) + 1 + len(line.split(" ", 1)[0]) > _FULL_LINE
        done += ("\x1f" if line and full and not line.startswith(">") else "\n") + line
    return done[1:].replace("\x1f", " ")


def mail(
    by: str, when: str, text: str, *files: File, quoted: str = "", html: str = "", cc: tuple[str, ...] = ()
) -> Step:
    """A mail of a customer."""
    return Step("mail", by, when, tidy(text), cleandoc(quoted), cleandoc(html), files=files, cc=cc, channel="mail")


def reply(by: str, when: str, text: str, *files: File, status: str = "", channel: str = "desk") -> Step:
    """A public answer of one of us; with `status`, the ticket gets it."""
    return Step("reply", by, when, tidy(text), files=files, status=status, channel=channel)


def note(by: str, when: str, text: str, *files: File, status: str = "", channel: str = "desk") -> Step:
    """An internal note of one of us."""
    return Step("note", by, when, tidy(text), files=files, status=status, channel=channel)


def call(by: str, when: str, text: str, status: str = "") -> Step:
    """A telephone call, written down."""
    return Step("call", by, when, tidy(text), status=status)


def put(by: str, when: str, change: str) -> Step:
    """A change such as "priority=high", "assignee=piet", "status=closed", "team=Außendienst"."""
    return Step("set", by, when, change)


def working_day(today: datetime, back: int) -> datetime:
    """The day `back` working days before `today`, which is itself kept for 0."""
    day = today
    while back:
        day -= timedelta(days=1)
        back -= day.weekday() < 5
    return day


def moment(when: str | datetime, now: datetime, zone: str) -> datetime:
    """The moment that `when` means, seen from `now`. Raises ValueError when it means none."""
    if isinstance(when, datetime):
        return when
    back = _BACK.fullmatch(when)
    if back:
        day = working_day(now.astimezone(ZoneInfo(zone)), int(back[1]))
        return datetime.combine(day.date(), time(int(back[2]), int(back[3])), ZoneInfo(zone))
    distance = _DISTANCE.fullmatch(when)
    if not when or not distance:
        raise ValueError(f"{when!r} is neither a day with a time nor a distance")
    return now - timedelta(hours=int(distance[1] or 0), minutes=int(distance[2] or 0))
