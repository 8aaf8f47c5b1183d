"""Which tickets a list shows: read from the address and written back into it, so that a list can be kept and sent."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import ARRAY, DateTime, Integer, and_, any_, func, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from backend import clock
from backend.auth import Who
from backend.db import session
from backend.people.models import Customer, GroupTeam
from backend.settings.models import setting
from backend.tickets.models import (
    ActivityStatus,
    Priority,
    Status,
    StatusKind,
    Ticket,
    TicketType,
    visible,
)
from backend.tickets.search import matches
from backend.tickets.sorting import ORDERS
from backend.tickets.views.further import FURTHER, OWN, conditions_of, understood

VIEWS = ("mine", "teams", "unassigned", "us", "overdue", "waiting", "all")
OURS = (ActivityStatus.UNREAD, ActivityStatus.WAITING_TECHNICIAN)  # it is our turn
ATTENTION: dict[str, ColumnElement[bool]] = {
    "unread": Ticket.activity_status == ActivityStatus.UNREAD,
    "us": Ticket.activity_status == ActivityStatus.WAITING_TECHNICIAN,
    "customer": Ticket.activity_status == ActivityStatus.WAITING_CONTACT,
    "urgent": Ticket.priority.in_((Priority.CRITICAL, Priority.HIGH)),
}
NOT_CLOSED = "not-closed"
ANY = "any"
_MOST_OWN = 20
_NUMBERS = ("assignee", "team", "saved")
GROUP = "g"  # before the id of a group, where a team or a group is said


@dataclass(frozen=True)
class Filters:
    """One list of tickets. An empty field does not narrow it."""

    view: str = "all"
    q: str = ""
    status: str = ""
    priority: str = ""
    type: str = ""
    category: str = ""
    customer: str = ""
    assignee: str = ""
    team: str = ""  # its id, or that of a group behind a g
    attention: str = ""
    impact: str = ""
    source: str = ""
    product_family: str = ""
    root_cause: str = ""
    contract: str = ""
    order: str = ""
    created_from: str = ""
    created_to: str = ""
    updated_from: str = ""
    updated_to: str = ""
    own: tuple[tuple[str, str], ...] = ()  # (name, value) of fields of the installation's own: see `further.OWN`
    sort: str = ""
    saved: str = ""  # the saved view that the list was opened from

    @classmethod
    def read(cls, args: Mapping[str, str], default_view: str = "all") -> "Filters":
        """The filters in an address; what cannot be understood is left out."""
        values: dict[str, Any] = {name: _clean(args.get(name, "")) for name in _texts()}
        if values["view"] not in VIEWS:
            values["view"] = default_view
        for name, allowed in (
            ("priority", {*Priority}), ("type", {*TicketType}), ("attention", {*ATTENTION}), ("sort", {*ORDERS}),
        ):  # fmt: skip
            if values[name] not in allowed:
                values[name] = ""
        for name in _NUMBERS:
            digits = values[name].removeprefix(GROUP) if name == "team" else values[name]
            if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
                values[name] = ""
        values |= {name: "" for name in FURTHER if not understood(name, values[name])}
        own = [(name, _clean(value)) for name, value in sorted(args.items()) if OWN.fullmatch(name)]
        return cls(**values, own=tuple((name, value) for name, value in own if value)[:_MOST_OWN])

    @classmethod
    def of_query(cls, query: str) -> "Filters":
        """The filters of a saved view."""
        return cls.read(dict(parse_qsl(query[:2000])))

    def address(self, path: str = "/tickets", **changes: str) -> str:
        """`path` with these filters, some of them changed."""
        text = urlencode({key: value for key, value in {**self.given, **changes}.items() if value})
        return f"{path}?{text}" if text else path

    def __getitem__(self, name: str) -> str:
        """The filter of that name, for templates. AttributeError when there is none."""
        return dict(self.own).get(name, "") if OWN.fullmatch(name) else str(getattr(self, name))

    @property
    def given(self) -> dict[str, str]:
        """The filters that are not empty, by name."""
        texts = {name: getattr(self, name) for name in _texts() if getattr(self, name)}
        return texts | dict(self.own)

    @property
    def narrowed(self) -> bool:
        """Whether anything beside the view narrows the list."""
        return not self.given.keys() <= {"view", "attention", "sort", "saved"}

    @property
    def shown_status(self) -> str:
        """The status filter in force: a search looks everywhere, a plain list leaves closed tickets out."""
        return self.status or (ANY if self.q else NOT_CLOSED)


@cache
def _texts() -> tuple[str, ...]:
    return tuple(field.name for field in fields(Filters) if field.name != "own")


def _clean(value: str) -> str:
    return value.replace("\x00", "").strip()[:200]


def late() -> datetime:
    """What has waited for us since before then is overdue."""
    return clock.now() - timedelta(hours=setting("overdue_hours"))


def view_condition(
    view: str, me: ColumnElement[Any], teams: ColumnElement[Any], late: ColumnElement[Any]
) -> list[ColumnElement[bool]]:
    """What the view alone asks for (closed tickets are the status filter's matter).

    `me` is the person's id, `teams` an array of the ids of the person's teams, `late` the moment before which a
    ticket that waits for us is overdue.
    """
    if view == "mine":
        return [Ticket.assignee_id == me]
    if view == "teams":
        # Put together as an array first: with an IN, PostgreSQL would walk all open tickets.
        groups = select(GroupTeam.group_id).where(GroupTeam.team_id == any_(teams)).scalar_subquery()
        of_groups = Ticket.group_id == any_(func.array(groups, type_=ARRAY(Integer)))
        return [or_(Ticket.team_id == any_(teams), of_groups)]
    if view == "unassigned":
        return [Ticket.assignee_id.is_(None)]
    if view == "us":
        return [ATTENTION["us"]]
    if view == "overdue":
        return [and_(Ticket.activity_status.in_(OURS), Ticket.updated_at < late)]
    if view == "waiting":
        return [Ticket.status_id.in_(select(Status.id).where(Status.kind == StatusKind.PENDING))]
    return []


def of_teams(ticket: Any, who: Who) -> bool:
    """Whether the ticket is in the view of the teams of `who`: given to one of them, or to a group with one."""
    if ticket.team_id in who.teams or ticket.group_id is None:
        return ticket.team_id in who.teams
    of_group = select(GroupTeam.team_id).where(GroupTeam.group_id == ticket.group_id)
    return not set(who.teams).isdisjoint(session.scalars(of_group))


def conditions(filters: Filters, who: Who) -> list[ColumnElement[bool]]:
    """All conditions on `Ticket` of the list."""
    me, teams = literal(who.person_id, Integer), literal(list(who.teams), ARRAY(Integer))
    since = literal(late() if filters.view == "overdue" else None, DateTime(timezone=True))
    found = [visible(who), *view_condition(filters.view, me, teams, since)]
    if filters.shown_status == NOT_CLOSED:
        found.append(~Ticket.closed)
    elif filters.shown_status != ANY:
        found.append(Ticket.status_id.in_(select(Status.id).where(Status.key == filters.status)))
    for name in ("priority", "type", "category"):
        if filters[name]:
            found.append(getattr(Ticket, name) == filters[name])
    if filters.customer:
        found.append(Ticket.customer_id.in_(select(Customer.id).where(Customer.key == filters.customer)))
    if filters.assignee:
        found.append(Ticket.assignee_id == int(filters.assignee))
    if filters.team:
        owner = Ticket.group_id if filters.team.startswith(GROUP) else Ticket.team_id
        found.append(owner == int(filters.team.removeprefix(GROUP)))
    found += conditions_of(filters.given, who)
    if filters.attention:
        found.append(ATTENTION[filters.attention])
    if filters.q:
        found.append(matches(who, filters.q))
    return found
