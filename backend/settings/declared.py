"""Every setting that is chosen on a page: what it is called, which values it takes, what holds until somebody chooses.

What an installation needs before it can start (database, tenant, limits) is in `backend/config.py` instead. Lists that
administrators write themselves (statuses, root causes, teams …) have tables and pages of their own.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from backend.i18n import N_


class Kind(StrEnum):
    """How a setting is chosen."""

    SWITCH = "switch"  # True, False
    CHOICE = "choice"  # one of `choices`
    WHOLE = "whole"  # a whole number from `low` to `high`


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One setting. `label`, `help` and the words of `choices` are sentences of the catalogues."""

    key: str
    page: str  # a key of PAGES
    kind: Kind
    label: str
    help: str = ""
    otherwise: Any = None  # what holds until somebody chooses, or a function that says it
    choices: tuple[tuple[str, str], ...] = ()
    low: int = 0
    high: int = 0
    unit: str = field(default="")

    def standard(self) -> Any:
        """The value that holds until somebody chooses."""
        return self.otherwise() if callable(self.otherwise) else self.otherwise

    def allows(self, value: Any) -> bool:
        """Whether `value` is one this setting takes."""
        if self.kind == Kind.SWITCH:
            return isinstance(value, bool)
        if self.kind == Kind.CHOICE:
            return value in {key for key, _word in self.choices}
        return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high


# Pages with declared settings, in the order of the settings' menu: key → title.
PAGES: dict[str, str] = {
    "writing": N_("Writing"),
    "tickets": N_("Tickets"),
}
DECLARED: tuple[Declared, ...] = (
    Declared(
        key="default_kind",
        page="writing",
        kind=Kind.CHOICE,
        label=N_("What a new message is at first"),
        help=N_("Technicians can switch it for each message."),
        otherwise="reply",
        choices=(("reply", N_("Reply to the customer")), ("note", N_("Internal note"))),
    ),
    Declared(
        key="answer_on_ticket",
        page="tickets",
        kind=Kind.SWITCH,
        label=N_("Show answers to surveys on their tickets"),
        help=N_("Who may not see surveys sees the questions and answers alone, not who gave them."),
        otherwise=True,
    ),
)
BY_KEY = {one.key: one for one in DECLARED}
