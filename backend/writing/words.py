"""Sentences for customers, offered in their language and changed by whoever sends them."""

from backend.i18n import N_

HANDED_ON = N_("We have passed your matter %(number)s on to a colleague, who takes care of it.")
NEXT_VISIT = N_("Your next appointment with us: %(when)s.")
