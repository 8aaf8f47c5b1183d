"""Sentences for customers, offered in their language and changed by whoever sends them; and how a mail fares."""

from backend.i18n import N_, _

HANDED_ON = N_("We have passed your matter %(number)s on to a colleague, who takes care of it.")
NEXT_VISIT = N_("Your next appointment with us: %(when)s.")
_STATES = {
    "waiting": N_("waits to be sent"),
    "drafted": N_("is being sent"),
    "sent": N_("sent"),
    "failed": N_("not sent"),
    "held": N_("held back"),
    "bounced": N_("came back"),
    "auto-reply": N_("received, automatic"),
    "bounce": N_("received, a report"),
    "receipt": N_("received, a report"),
}


def mail_state(state: str) -> str:
    """How a mail of the list fares, in a word."""
    return str(_(_STATES[state])) if state in _STATES else str(_("received"))
