"""What kinds of status, lists of root causes and rules about them are called, in the reader's language."""

from datetime import datetime

from backend import clock
from backend.i18n import N_, _, clock_time
from backend.statuses.pending import next_monday, tomorrow
from backend.tickets import words
from backend.visits.times import wall
from backend.visits.words import day_short

_KINDS = {
    "open": N_("open: somebody works on it"),
    "pending": N_("pending: it waits for somebody else"),
    "resolved": N_("resolved: the customer may still object"),
    "closed": N_("closed: it is not active any more"),
}
_TONES = {
    "custom": N_("Violet, house"),
    "blue": N_("Blue, arrow"),
    "teal": N_("Teal, speech bubble"),
    "green": N_("Green, paper plane"),
    "yellow": N_("Yellow, question mark"),
    "orange": N_("Orange, bell"),
    "red": N_("Red, warning sign"),
    "grey": N_("Grey, lock"),
}
_SOURCES = {
    "mail": N_("E-mail"),
    "desk": N_("By hand on the desk"),
    "pane": N_("E-mail in Outlook"),
    "api": N_("Another system"),
    "teams": N_("Chat in Teams"),
}
_RULES = {"free": N_("may be chosen"), "required": N_("must be chosen"), "forbidden": N_("cannot be chosen")}


def kind_name(kind: str) -> str:
    """What a status of that kind means."""
    return str(_(_KINDS[kind]))


def tone_name(tone: str) -> str:
    """A colour with its sign; where none was chosen, that the meaning says it."""
    return str(_(_TONES[tone])) if tone in _TONES else _("by its meaning")


def list_name(offered_for: str) -> str:
    """A list of root causes: the type, or the door by which a ticket came."""
    sort, _colon, value = offered_for.partition(":")
    return words.type_name(value) if sort == "type" else source_name(value)


def source_name(source: str) -> str:
    """The door by which a ticket came."""
    return str(_(_SOURCES[source])) if source in _SOURCES else source


def rule_name(rule: str) -> str:
    """What a status says of root causes."""
    return str(_(_RULES[rule]))


def pending_said(until: datetime, zone: str) -> str:
    """When a pending ticket comes back: Mon 30 Nov, 08:00."""
    return f"{day_short(wall(until, zone).date())}, {clock_time(until)}"


def pending_typed(until: datetime | None, zone: str) -> str:
    """The same as a field for date and time holds it; the next morning where there is none yet."""
    return wall(until or tomorrow(clock.now(), zone), zone).isoformat(timespec="minutes")


def pending_offers(zone: str) -> dict[str, str]:
    """Until when a ticket can be pending at one press: what a form posts, and which moment that is."""
    now = clock.now()
    return {"tomorrow": pending_said(tomorrow(now, zone), zone), "monday": pending_said(next_monday(now, zone), zone)}


def until_name(offer: str) -> str:
    """What a menu says of one of `pending_offers`."""
    return _("until tomorrow") if offer == "tomorrow" else _("until Monday")
