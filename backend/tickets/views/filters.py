"""Which tickets a list shows: read from the address and written back into it, so that a list can be kept and sent."""

from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ARRAY, Integer, any_, func, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement
from werkzeug.datastructures import MultiDict

from backend.auth import Who
from backend.people.models import Customer, GroupTeam
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

VIEWS = ("mine", "teams", "unassigned", "waiting", "all")
ATTENTION: dict[str, ColumnElement[bool]] = {
    "unread": Ticket.activity_status == ActivityStatus.UNREAD,
    "us": Ticket.activity_status == ActivityStatus.WAITING_TECHNICIAN,
    "customer": Ticket.activity_status == ActivityStatus.WAITING_CONTACT,
    "urgent": Ticket.priority.in_((Priority.CRITICAL, Priority.HIGH)),
}
NOT_CLOSED = "not-closed"
ANY = "any"


@dataclass(frozen=True)
class Filters:
    """One list of tickets. An empty field does not narrow it."""

    view: str = "all"
    q: str = ""
    status: str = ""
    priority: str = ""
    type: str = ""
    customer: str = ""
    assignee: str = ""
    attention: str = ""

    @classmethod
    def read(cls, args: "MultiDict[str, str]", default_view: str = "all") -> "Filters":
        """The filters in an address; what cannot be understood is left out."""
        values = {field.name: args.get(field.name, "").replace("\x00", "").strip()[:200] for field in fields(cls)}
        if values["view"] not in VIEWS:
            values["view"] = default_view
        if values["priority"] not in {*Priority, ""}:
            values["priority"] = ""
        if values["type"] not in {*TicketType, ""}:
            values["type"] = ""
        if values["attention"] not in {*ATTENTION, ""}:
            values["attention"] = ""
        if not (values["assignee"].isascii() and values["assignee"].isdigit() and len(values["assignee"]) < 10):
            values["assignee"] = ""
        return cls(**values)

    def address(self, path: str = "/tickets", **changes: str) -> str:
        """`path` with these filters, some of them changed."""
        changed = replace(self, **{key: value for key, value in changes.items() if key in self.__annotations__})
        pairs = {field.name: getattr(changed, field.name) for field in fields(changed)}
        pairs |= {key: value for key, value in changes.items() if key not in pairs}
        text = urlencode({key: value for key, value in pairs.items() if value})
        return f"{path}?{text}" if text else path

    def __getitem__(self, name: str) -> str:
        """The filter of that name, for templates. AttributeError when there is none."""
        return str(getattr(self, name))

    @property
    def narrowed(self) -> bool:
        """Whether anything beside the view narrows the list."""
        return bool(self.q or self.status or self.priority or self.type or self.customer or self.assignee)

    @property
    def shown_status(self) -> str:
        """The status filter in force: a search looks everywhere, a plain list leaves closed tickets out."""
        return self.status or (ANY if self.q else NOT_CLOSED)


def view_condition(view: str, me: ColumnElement[Any], teams: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """What the view alone asks for (closed tickets are the status filter's matter).

    `me` is the person's id, `teams` an array of the ids of the person's teams.
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
    if view == "waiting":
        return [Ticket.status_id.in_(select(Status.id).where(Status.kind == StatusKind.PENDING))]
    return []


def conditions(filters: Filters, who: Who) -> list[ColumnElement[bool]]:
    """All conditions on `Ticket` of the list."""
    teams = literal(list(who.teams), ARRAY(Integer))
    found = [visible(who), *view_condition(filters.view, literal(who.person_id, Integer), teams)]
    if filters.shown_status == NOT_CLOSED:
        found.append(~Ticket.closed)
    elif filters.shown_status != ANY:
        found.append(Ticket.status_id.in_(select(Status.id).where(Status.key == filters.status)))
    if filters.priority:
        found.append(Ticket.priority == filters.priority)
    if filters.type:
        found.append(Ticket.type == filters.type)
    if filters.customer:
        found.append(Ticket.customer_id.in_(select(Customer.id).where(Customer.key == filters.customer)))
    if filters.assignee:
        found.append(Ticket.assignee_id == int(filters.assignee))
    if filters.attention:
        found.append(ATTENTION[filters.attention])
    if filters.q:
        found.append(matches(who, filters.q))
    return found
