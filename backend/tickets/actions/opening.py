"""Opening a ticket."""

from typing import Any, TypedDict, Unpack

from backend import clock
from backend.auth import Who
from backend.contracts.models import Contract
from backend.db import session
from backend.orders.models import Order
from backend.people.models import Customer, Group, Person, Team
from backend.tickets.actions.assigning import given_at_first
from backend.tickets.actions.changing import checked_subject
from backend.tickets.actions.index import index_head
from backend.tickets.actions.record import record
from backend.tickets.actions.statuses import check_cause, standing
from backend.tickets.models import (
    ActivityStatus,
    Impact,
    Priority,
    Status,
    StatusKind,
    Ticket,
    TicketType,
)


def _seen(actor: Who, source: str) -> ActivityStatus:
    """What somebody of ours writes down is known to the desk; what comes by mail or from a program is not."""
    by_hand = actor.is_staff and source not in ("mail", "api")
    return ActivityStatus.READ if by_hand else ActivityStatus.UNREAD


class Linked(TypedDict, total=False):
    """What a ticket is tied to from the beginning. `follows`: one that was closed long ago."""

    assignee: Person | None
    team: Team | None
    group: Group | None
    parent: Ticket | None
    order: Order | None
    contract: Contract | None
    follows: Ticket | None


def _ids(**named: Any) -> dict[str, int | None]:
    return {f"{name}_id": one.id if one is not None else None for name, one in named.items()}


def open_ticket(
    actor: Who,
    subject: str,
    *,
    contact: Person | None = None,
    customer: Customer | None = None,
    status: Status | None = None,
    priority: Priority = Priority.MEDIUM,
    impact: Impact = Impact.PERSON,
    type: TicketType = TicketType.INCIDENT,
    category: str = "",
    product_family: str = "",
    summary: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
    fields: dict[str, Any] | None = None,
    source: str = "desk",
    **linked: Unpack[Linked],
) -> Ticket:
    """A new ticket of `actor` for `contact`; without `customer` it is the contact's. Its first message is the caller's.

    `source` says by which door it came: mail, desk, pane, api, teams. `follows`: one that was closed long ago.
    Raises Invalid when there is no subject, and for a status that needs a root cause; Conflict as `standing`.
    """
    now = clock.now()
    chosen, status = status, standing(status)
    closed = status.kind == StatusKind.CLOSED
    customer_id = customer.id if customer else (contact.customer_id if contact else None)
    ticket = Ticket(
        subject=checked_subject(subject),
        status_id=status.id,
        closed=closed,
        closed_at=now if closed else None,
        source=source,
        activity_status=_seen(actor, source),
        priority=priority,
        impact=impact,
        type=type,
        category=category,
        product_family=product_family,
        customer_id=customer_id,
        **_ids(contact=contact, **linked),
        **{"summary": summary or {}, "data": data or {}, "fields": fields or {}, "created_at": now, "updated_at": now},
    )
    if chosen is not None:
        check_cause(ticket, actor, {"status": chosen}, opening=True)
    session.add(ticket)
    _written_down(ticket, actor, source, linked)
    return ticket


def _written_down(ticket: Ticket, actor: Who, source: str, linked: Linked) -> None:
    """Gives the new ticket its number, has it found by its words, and says in the log that it is there."""
    session.flush()
    session.refresh(ticket, ["number"])
    index_head(ticket)
    opened = record(ticket, actor, "opened", after=ticket.subject, source=source)
    given_at_first(ticket, actor, opened, linked.get("assignee"))
    follows = linked.get("follows")
    if follows is not None:
        record(ticket, actor, "follows", before=f"#{follows.number}")
        record(follows, actor, "followed_by", after=f"#{ticket.number}")
