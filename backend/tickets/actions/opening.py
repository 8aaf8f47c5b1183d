"""Opening a ticket."""

from typing import Any

from backend import clock
from backend.auth import Who
from backend.db import session
from backend.orders.models import Order
from backend.people.models import Customer, Person, Team
from backend.tickets.actions.changing import checked_subject
from backend.tickets.actions.index import index_head
from backend.tickets.actions.record import record
from backend.tickets.models import (
    ActivityStatus,
    Impact,
    Priority,
    Status,
    StatusKind,
    Ticket,
    TicketType,
    status_of_kind,
)


def _seen(actor: Who, source: str) -> ActivityStatus:
    """What somebody of ours writes down is known to the desk; what comes by mail or from a program is not."""
    by_hand = actor.is_staff and source not in ("mail", "api")
    return ActivityStatus.READ if by_hand else ActivityStatus.UNREAD


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
    assignee: Person | None = None,
    team: Team | None = None,
    order: Order | None = None,
    summary: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
    fields: dict[str, Any] | None = None,
    source: str = "desk",
) -> Ticket:
    """A new ticket of `actor` for `contact`; without `customer` it is the contact's. Its first message is the caller's.

    `source` says by which door it came: mail, desk, pane, api. Raises Invalid when there is no subject.
    """
    now = clock.now()
    status = status or status_of_kind(StatusKind.OPEN)
    customer_id = customer.id if customer else (contact.customer_id if contact else None)
    ticket = Ticket(
        subject=checked_subject(subject),
        status_id=status.id,
        closed=status.kind == StatusKind.CLOSED,
        activity_status=_seen(actor, source),
        priority=priority,
        impact=impact,
        type=type,
        category=category,
        product_family=product_family,
        customer_id=customer_id,
        contact_id=contact.id if contact else None,
        assignee_id=assignee.id if assignee else None,
        team_id=team.id if team else None,
        order_id=order.id if order else None,
        **{"summary": summary or {}, "data": data or {}, "fields": fields or {}, "created_at": now, "updated_at": now},
    )
    session.add(ticket)
    session.flush()
    session.refresh(ticket, ["number"])
    index_head(ticket)
    record(ticket, actor, "opened", after=ticket.subject, source=source)
    return ticket
