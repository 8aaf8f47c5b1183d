"""Tickets as the API shows them: one query of columns per page, whatever a ticket belongs to."""

from typing import Any, cast

from sqlalchemy import Row, Select
from sqlalchemy.orm import aliased

from backend import config
from backend.api.shapes.tickets import TicketOut
from backend.api.shapes.values import CustomerRef, PersonRef
from backend.auth import me
from backend.contracts.models import Contract
from backend.db import session
from backend.fields.models import keys_for
from backend.orders.models import Order
from backend.people.models import Customer, Group, Person, Team
from backend.statuses.models import RootCause
from backend.tickets.models import Status, Ticket, tickets_visible_to

CONTACT, ASSIGNEE, GOES_ON = aliased(Person), aliased(Person), aliased(Ticket)
EARLIER = aliased(Ticket)
_PARENT, _PROBLEM = aliased(Ticket), aliased(Ticket)


_COLUMNS: tuple[Any, ...] = (
    Ticket.id,
    Ticket.number,
    Ticket.subject,
    Status.key.label("status"),
    Ticket.closed,
    Ticket.activity_status,
    Ticket.priority,
    Ticket.impact,
    Ticket.type,
    Ticket.category,
    Ticket.product_family,
    Customer.key.label("customer_key"),
    Customer.name.label("customer_name"),
    CONTACT.id.label("contact_id"),
    CONTACT.key.label("contact_key"),
    CONTACT.name.label("contact_name"),
    CONTACT.mail.label("contact_mail"),
    ASSIGNEE.id.label("assignee_id"),
    ASSIGNEE.key.label("assignee_key"),
    ASSIGNEE.name.label("assignee_name"),
    ASSIGNEE.mail.label("assignee_mail"),
    Team.name.label("team"),
    Group.name.label("group"),
    _PARENT.number.label("parent"),
    _PROBLEM.number.label("problem"),
    Order.number.label("order_number"),
    Contract.number.label("contract_number"),
    Ticket.source,
    RootCause.name.label("root_cause"),
    Ticket.pending_until,
    Ticket.closed_at,
    EARLIER.number.label("follows"),
    Ticket.summary,
    Ticket.data,
    Ticket.fields,
    Ticket.messages_count,
    GOES_ON.number.label("merged_into"),
    Ticket.created_at,
    Ticket.updated_at,
)


def wanted() -> Select[Any]:
    """The tickets that whoever asks may see, with what `shape` needs of each."""
    query = (
        tickets_visible_to(me())
        .join(Status, Status.id == Ticket.status_id)
        .outerjoin(Customer, Customer.id == Ticket.customer_id)
        .outerjoin(CONTACT, CONTACT.id == Ticket.contact_id)
        .outerjoin(ASSIGNEE, ASSIGNEE.id == Ticket.assignee_id)
        .outerjoin(Team, Team.id == Ticket.team_id)
        .outerjoin(Group, Group.id == Ticket.group_id)
        .outerjoin(_PARENT, _PARENT.id == Ticket.parent_id)
        .outerjoin(_PROBLEM, _PROBLEM.id == Ticket.problem_id)
        .outerjoin(Order, Order.id == Ticket.order_id)
        .outerjoin(Contract, Contract.id == Ticket.contract_id)
        .outerjoin(RootCause, RootCause.id == Ticket.root_cause_id)
        .outerjoin(EARLIER, EARLIER.id == Ticket.follows_id)
        .outerjoin(GOES_ON, GOES_ON.id == Ticket.merged_into_id)
        .with_only_columns(*_COLUMNS, keys_for(me()).label("field_keys"))
    )
    return cast(Select[Any], query)


def shape(row: Row[Any]) -> TicketOut:
    """One row of `wanted` as JSON shows it."""
    customer = CustomerRef(key=row.customer_key, name=row.customer_name) if row.customer_key is not None else None
    contact = assignee = None
    if row.contact_id is not None:
        contact = PersonRef(key=row.contact_key, name=row.contact_name, email=row.contact_mail)
    if row.assignee_id is not None:
        assignee = PersonRef(key=row.assignee_key, name=row.assignee_name, email=row.assignee_mail)
    return TicketOut(
        number=row.number,
        subject=row.subject,
        status=row.status,
        closed=row.closed,
        activity_status=row.activity_status,
        priority=row.priority,
        impact=row.impact,
        type=row.type,
        category=row.category,
        product_family=row.product_family,
        customer=customer,
        contact=contact,
        assignee=assignee,
        team=row.team,
        group=row.group,
        parent=row.parent,
        problem=row.problem,
        order=row.order_number,
        contract=row.contract_number,
        source=row.source,
        root_cause=row.root_cause,
        pending_until=row.pending_until,
        closed_at=row.closed_at,
        follows=row.follows,
        summary=row.summary,
        data=row.data,
        fields={key: value for key, value in row.fields.items() if key in (row.field_keys or ())},
        messages_count=row.messages_count,
        merged_into=row.merged_into,
        created_at=row.created_at,
        updated_at=row.updated_at,
        url=f"{config.current().url}/tickets/{row.number}",
    )


def one(number: int) -> TicketOut | None:
    """The ticket with that number as it is now, if whoever asks may see it."""
    row = session.execute(wanted().where(Ticket.number == number)).one_or_none()
    return shape(row) if row is not None else None
