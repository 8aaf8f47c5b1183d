"""Tickets that belong together: sub-tickets of one ticket, and incidents of one problem. Read as columns."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Integer, Select, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from backend.auth import Who
from backend.db import session
from backend.people.models import Customer, Group, Person
from backend.tickets.models import Status, StatusKind, Ticket, TicketType, seen_by, seer, visible

MOST = 200  # shown of one ticket's sub-tickets and incidents
_parent, _problem, _child, _owner = aliased(Ticket), aliased(Ticket), aliased(Ticket), aliased(Person)
_contact = aliased(Person)
_of_it = or_(exists().where(_child.parent_id == Ticket.id), exists().where(_child.problem_id == Ticket.id))
_own_below = exists().where(_child.parent_id == Ticket.id, _child.assignee_id == bindparam("seer", type_=Integer))
_ROWS: Any = (
    select(
        Ticket.id,
        Ticket.number,
        Ticket.subject,
        Ticket.closed,
        Ticket.priority,
        Ticket.parent_id,
        Ticket.problem_id,
        Ticket.assignee_id,
        _owner.name.label("assignee"),
        _contact.name.label("contact"),
        _contact.mail.label("contact_mail"),
        Customer.name.label("customer"),
        Status.key.label("status_key"),
        Status.name.label("status_name"),
        Status.kind.label("status_kind"),
        Status.tone.label("status_tone"),
    )
    .join(Status, Status.id == Ticket.status_id)
    .outerjoin(_owner, _owner.id == Ticket.assignee_id)
    .outerjoin(_contact, _contact.id == Ticket.contact_id)
    .outerjoin(Customer, Customer.id == Ticket.customer_id)
    .where(or_(Ticket.parent_id == bindparam("ticket"), Ticket.problem_id == bindparam("ticket")))
    .order_by(Ticket.closed, Ticket.number)
    .limit(MOST)
)


def with_family(query: Any) -> Any:
    """`query` of tickets with the columns that `family_of` reads; its parameter `seer` is `seer(who)`."""
    return (
        query.add_columns(
            Ticket.parent_id,
            Ticket.problem_id,
            Ticket.group_id,
            Group.name.label("group"),
            _parent.number.label("parent_number"),
            _parent.subject.label("parent_subject"),
            _parent.assignee_id.label("parent_assignee_id"),
            _problem.number.label("problem_number"),
            _problem.subject.label("problem_subject"),
            _of_it.label("has_family"),
            _own_below.label("owns_below"),
        )
        .outerjoin(Group, Group.id == Ticket.group_id)
        .outerjoin(_parent, _parent.id == Ticket.parent_id)
        .outerjoin(_problem, _problem.id == Ticket.problem_id)
    )


@dataclass(frozen=True)
class Family:
    """What a ticket's page shows of its relatives, as far as the reader may see them."""

    may_edit: bool = True
    may_detach: bool = True
    parent: tuple[int, str] | None = None
    problem: tuple[int, str] | None = None
    children: list[Any] = field(default_factory=list)
    incidents: list[Any] = field(default_factory=list)

    @property
    def open_incidents(self) -> list[Any]:
        """The incidents that a common answer reaches."""
        return [one for one in self.incidents if not one.closed]


def family_of(facts: Any, who: Who) -> Family:
    """The relatives of a row of `with_family`; asks only when there are any."""
    rows = relatives(facts.id, who) if facts.has_family else []
    return Family(
        may_edit=not facts.owns_below or facts.assignee_id == who.person_id,
        may_detach=who.may("tickets.all")
        or who.person_id in (None, facts.parent_assignee_id)
        or facts.assignee_id != who.person_id,
        # Another customer's ticket may be the problem behind one's own.
        parent=(facts.parent_number, facts.parent_subject) if facts.parent_id and who.is_staff else None,
        problem=(facts.problem_number, facts.problem_subject) if facts.problem_id and who.is_staff else None,
        children=[row for row in rows if row.parent_id == facts.id],
        incidents=[row for row in rows if row.problem_id == facts.id],
    )


def relatives(ticket_id: int, who: Who) -> list[Any]:
    """The sub-tickets and incidents of a ticket that `who` may see."""
    return list(session.execute(seen_by(_ROWS, who), {"ticket": ticket_id, "seer": seer(who)}))


def open_children(ticket: Ticket, who: Who) -> list[Any]:
    """The sub-tickets that would stay behind, were the ticket closed now."""
    done = (StatusKind.RESOLVED, StatusKind.CLOSED)
    return [row for row in relatives(ticket.id, who) if row.parent_id == ticket.id and row.status_kind not in done]


def may_edit(ticket: Ticket, who: Who) -> bool:
    """Whether `who` (staff) may change the ticket: whoever owns one of its sub-tickets only, reads and comments it."""
    me = seer(who)
    if me is None or not who.is_staff or ticket.assignee_id == me:
        return True
    below = select(_child.id).where(_child.parent_id == ticket.id, _child.assignee_id == me).limit(1)
    return session.scalar(below) is None


def linkable(who: Who, query: Select[Any], *, problems: bool) -> Select[Any]:
    """`query` of tickets, narrowed to those that can be a problem of others, or can be linked to one."""
    open_ones = query.where(visible(who), ~Ticket.closed, Ticket.parent_id.is_(None))
    if problems:
        return open_ones.where(Ticket.type == TicketType.PROBLEM)
    return open_ones.where(Ticket.type != TicketType.PROBLEM, Ticket.problem_id.is_(None))
