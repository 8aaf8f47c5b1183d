"""Every setting that is chosen on a page: what it is called, which values it takes, what holds until somebody chooses.

What an installation needs before it can start (database, tenant, limits) is in `backend/config.py` instead. Lists that
administrators write themselves (statuses, root causes, teams …) have tables and pages of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from backend import config
from backend.i18n import N_, _
from backend.tickets import words
from backend.tickets.models import statuses


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
    more: Callable[[], list[tuple[str, str]]] | None = None  # choices that the installation has made, by their names
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
            known = {key for key, _word in self.choices}
            return value in known or (self.more is not None and value in {key for key, _name in self.more()})
        return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high

    def offered(self) -> list[tuple[str, str]]:
        """The choices as people read them; the installation's own come last."""
        return [(key, _(word)) for key, word in self.choices] + (self.more() if self.more is not None else [])


def _each_status() -> list[tuple[str, str]]:
    return [
        (f"status:{one.key}", _("becomes “%(status)s”", status=words.status_name(one.key, one.name)))
        for one in statuses()
    ]


def _as_configured() -> str:
    return "reopen" if config.current().inbound_reopens == "on" else "leave"


# Pages with declared settings, in the order of the settings' menu: key → title.
PAGES: dict[str, str] = {
    "writing": N_("Writing"),
    "tickets": N_("Tickets"),
    "assigning": N_("Assigning"),
    "telling": N_("Notifications"),
    "time": N_("Worked time"),
    "closing": N_("Closing tickets"),
    "customers": N_("What customers see"),
    "list": N_("Ticket list"),
}


def _for_customers(name: str, label: str) -> Declared:
    return Declared(
        key=f"customers_{name}",
        page="customers",
        kind=Kind.CHOICE,
        label=label,
        otherwise="view",
        choices=(
            ("editable", N_("See and change it")),
            ("view", N_("See it")),
            ("hidden", N_("Do not see it")),
        ),
    )


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
    Declared(
        key="inbound_status",
        page="tickets",
        kind=Kind.CHOICE,
        label=N_("Status after a customer's answer"),
        help=N_("Whose turn it is changes in any case."),
        otherwise=_as_configured,
        choices=(("leave", N_("stays as it is")), ("reopen", N_("becomes open again"))),
        more=_each_status,
    ),
    Declared(
        key="close_after_days",
        page="tickets",
        kind=Kind.WHOLE,
        label=N_("Close tickets that nobody answers"),
        help=N_(
            "So long after the last word to the customer, resolved and pending tickets are closed, and the customer "
            "is told by e-mail. Pending tickets with a date wait for it. 0: never."
        ),
        otherwise=0,
        low=0,
        high=3650,
        unit=N_("days"),
    ),
    Declared(
        key="reopen_within_days",
        page="tickets",
        kind=Kind.WHOLE,
        label=N_("Answers to closed tickets land on them"),
        help=N_("A later answer becomes a new ticket that is linked to the old one. 0: they always land on it."),
        otherwise=0,
        low=0,
        high=3650,
        unit=N_("days"),
    ),
    Declared(
        key="assign_within_group",
        page="assigning",
        kind=Kind.SWITCH,
        label=N_("A ticket of a team or group goes to its members only"),
        help=N_("Administrators and ticket administrators can still give it to anybody."),
        otherwise=False,
    ),
    Declared(
        key="telling",
        page="telling",
        kind=Kind.CHOICE,
        label=N_("Tell technicians"),
        help=N_(
            "Of a ticket that is given to them or their team, of a note that mentions them, of a call about a ticket "
            "of theirs. Nobody is told of what they did themselves."
        ),
        otherwise="both",
        choices=(
            ("both", N_("in Teams and by e-mail")),
            ("teams", N_("in Teams, by e-mail only where Teams does not reach")),
            ("mail", N_("by e-mail only")),
        ),
    ),
    Declared(
        key="timer_on_opening",
        page="time",
        kind=Kind.SWITCH,
        label=N_("The timer starts when a ticket is opened"),
        help=N_("Not on closed tickets. Everybody can pause it, or start it by hand where this is off."),
        otherwise=True,
    ),
    Declared(
        key="timer_idle_minutes",
        page="time",
        kind=Kind.WHOLE,
        label=N_("Ask after so long without activity"),
        help=N_("The timer goes on; on their return people are asked whether the time counts."),
        otherwise=15,
        low=1,
        high=240,
        unit=N_("minutes"),
    ),
    Declared(
        key="time_currency",
        page="time",
        kind=Kind.CHOICE,
        label=N_("Currency of rates and items"),
        help=N_("Of new entries; those that are there keep theirs."),
        otherwise="EUR",
        choices=(
            ("EUR", N_("Euro")),
            ("CHF", N_("Swiss franc")),
            ("USD", N_("US dollar")),
            ("GBP", N_("Pound sterling")),
        ),
    ),
    Declared(
        key="checklist_at_closing",
        page="closing",
        kind=Kind.CHOICE,
        label=N_("Closing with open items of checklists"),
        otherwise="ask",
        choices=(("refuse", N_("Refuse it")), ("ask", N_("Ask for a reason")), ("allow", N_("Allow it"))),
    ),
    _for_customers("status", N_("Status")),
    _for_customers("priority", N_("Priority")),
    _for_customers("impact", N_("Impact")),
    _for_customers("type", N_("Type")),
    Declared(
        key="customers_product_family",
        page="customers",
        kind=Kind.CHOICE,
        label=N_("Product family"),
        otherwise="hidden",
        choices=(("editable", N_("See and change it")), ("hidden", N_("Do not see it"))),
    ),
    Declared(
        key="overdue_hours",
        page="list",
        kind=Kind.WHOLE,
        label=N_("Hours without reaction"),
        help=N_("A ticket that waits for us longer than this stands in the view Overdue."),
        otherwise=8,
        low=1,
        high=720,
    ),
    Declared(
        key="sender_name",
        page="writing",
        kind=Kind.CHOICE,
        label=N_("Name under which replies go out"),
        help=N_(
            "The address is the desk's in any case. Microsoft 365 may show people of your own organisation the "
            "mailbox's name instead."
        ),
        otherwise="mailbox",
        choices=(
            ("mailbox", N_("the mailbox's name")),
            ("full", N_("the technician's first and last name")),
            ("first", N_("the technician's first name")),
            ("team", N_("the name of the ticket's team")),
        ),
    ),
    Declared(
        key="undo_send_seconds",
        page="writing",
        kind=Kind.WHOLE,
        label=N_("How long a reply waits before it goes out"),
        help=N_("So long its author can take it back. With 0 it goes at once."),
        otherwise=5,
        low=0,
        high=30,
        unit=N_("seconds"),
    ),
)
BY_KEY = {one.key: one for one in DECLARED}
