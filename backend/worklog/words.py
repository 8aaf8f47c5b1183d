"""What worked time and items are called, in the reader's language."""

from decimal import Decimal
from typing import Any

from backend.i18n import N_, _

KINDS = {
    "billable": N_("Billable"),
    "contract": N_("In the contract"),
    "goodwill": N_("Goodwill"),
    "internal": N_("Internal"),
}
ITEMS = {"product": N_("Product"), "travel": N_("Travel"), "expense": N_("Other expense")}
VERBS = {
    "time_noted": N_("noted %(after)s h of work"),
    "time_changed": N_("changed an entry of %(before)s h of work: %(after)s h"),
    "time_removed": N_("deleted an entry of %(before)s h of work"),
    "time_restored": N_("brought back an entry of %(after)s h of work"),
    "time_taken_back": N_("gave %(before)s h of work back to the timer"),
    "timer_cut": N_("removed %(before)s h without activity from the timer"),
    "timer_discarded": N_("discarded a timer of %(before)s h"),
    "item_added": N_("added an item: %(after)s"),
    "item_changed": N_("changed an item from %(before)s to %(after)s"),
    "item_removed": N_("deleted an item: %(before)s"),
    "item_restored": N_("brought back an item: %(after)s"),
}


def kind_name(value: str) -> str:
    """Who pays, in a word."""
    return str(_(KINDS[value])) if value in KINDS else value


def item_kind_name(value: str) -> str:
    """What an item is, in a word."""
    return str(_(ITEMS[value])) if value in ITEMS else value


def hours(minutes: int) -> str:
    """Minutes as every language writes them: 0:25."""
    return f"{minutes // 60}:{minutes % 60:02}"


def duration(minutes: int) -> str:
    """Minutes as people say them: 25 min, 1 h 35 min."""
    whole, rest = divmod(minutes, 60)
    if not whole:
        return _("%(minutes)s min", minutes=rest)
    return _("%(hours)s h %(minutes)s min", hours=whole, minutes=rest) if rest else _("%(hours)s h", hours=whole)


def stopwatch(seconds: int) -> str:
    """Seconds as a timer shows them: 00:23:41."""
    minutes, seconds = divmod(max(0, seconds), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def plain(amount: Decimal) -> str:
    """A number without needless zeros."""
    return f"{amount.normalize():f}"


def happened(verb: str, _data: dict[str, Any], before: str, after: str) -> str:
    """An event of VERBS, as the end of a sentence that begins with a name."""
    return str(_(VERBS[verb])) % {"before": before, "after": after}
