"""What stands in a contact's profile, in the reader's language."""

from datetime import date as day

from backend.i18n import N_, _
from backend.i18n import date as written

OPT_INS = {"": N_("Not known"), "yes": N_("Yes"), "no": N_("No")}
_LOGGED = {"opt_in": N_("Wants news"), "opt_in_since": N_("Since"), "opt_in_how": N_("How it was said")}


def opt_in_name(state: str) -> str:
    """Whether somebody wants to hear of news, in a word."""
    return str(_(OPT_INS[state])) if state in OPT_INS else state


def logged_name(what: str) -> str:
    """What the log calls a part of the profile."""
    return str(_(_LOGGED[what])) if what in _LOGGED else what.removeprefix("attribute:")


def logged_value(what: str, value: str) -> str:
    """A part of the profile as the log kept it."""
    if what == "opt_in_since" and value:
        return written(day.fromisoformat(value))
    return opt_in_name(value) if what == "opt_in" else value
