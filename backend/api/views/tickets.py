"""Tickets."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select, tuple_

from backend.api import cursor, keyed, named
from backend.api import tickets as shown
from backend.api.operation import Listed, Put, operation
from backend.api.said import said
from backend.api.shapes.tickets import TicketIn, TicketOut, TicketPatch, TicketsQuery
from backend.auth import me, requires
from backend.contracts.models import Contract
from backend.db import session
from backend.deletion.missing import missing
from backend.errors import Conflict, Invalid, NotAllowed
from backend.fields.actions import read_values, set_values
from backend.fields.rights import may_set
from backend.fields.values import from_json
from backend.i18n import _
from backend.orders.models import Order
from backend.people.actions import contact_for
from backend.people.models import Customer, EmailAddress, Person, Team
from backend.tickets import actions
from backend.tickets.family import open_children
from backend.tickets.models import Status, StatusKind, Ticket
from backend.tickets.search import matches


def _read(number: int) -> TicketOut:
    found = shown.one(number)
    if found is None:
        raise missing(number, me())
    return found


def _conditions(query: TicketsQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.q and query.q.strip():
        conditions.append(matches(me(), query.q))
    if query.status is not None:
        status = named.status(query.status)
        conditions.append(Status.id == (status.id if status else 0))
    if query.closed is not None:
        conditions.append(Ticket.closed.is_(True) if query.closed else ~Ticket.closed)
    if query.customer is not None:
        conditions.append(
            Ticket.customer_id == select(Customer.id).where(Customer.key == query.customer).scalar_subquery()
        )
    if query.contact is not None:
        conditions.append(Ticket.contact_id.in_(select(Person.id).where(named.person_is(query.contact))))
    if query.assignee == "none":
        conditions.append(Ticket.assignee_id.is_(None))
    elif query.assignee is not None:
        owner = select(EmailAddress.person_id).where(EmailAddress.address == query.assignee.strip().lower())
        conditions.append(Ticket.assignee_id.in_(owner))
    if query.team is not None:
        conditions.append(Ticket.team_id.in_(select(Team.id).where(Team.name == query.team)))
    if query.type is not None:
        conditions.append(Ticket.type == query.type)
    if query.priority is not None:
        conditions.append(Ticket.priority == query.priority)
    return conditions


def _by_change(wanted: Select[Any], since: datetime, after: str) -> tuple[Select[Any], str]:
    wanted = wanted.where(Ticket.updated_at >= since).order_by(Ticket.updated_at, Ticket.id)
    if after:
        moment, number = cursor.unseal("tickets by change", after)
        wanted = wanted.where(
            tuple_(Ticket.updated_at, Ticket.id) > tuple_(datetime.fromisoformat(str(moment)), number)
        )
    return wanted, "tickets by change"


def _by_number(wanted: Select[Any], after: str) -> tuple[Select[Any], str]:
    wanted = wanted.order_by(Ticket.number.desc())
    if after:
        wanted = wanted.where(Ticket.number < cursor.unseal("tickets", after)[0])
    return wanted, "tickets"


@operation("GET", "/tickets", tag="tickets", answer=TicketOut, many=True, query=TicketsQuery)
@requires("tickets.read")
def list_tickets(query: TicketsQuery) -> Listed:
    """Tickets, the newest first.

    Walked through by cursor, each ticket comes exactly once, whatever changes meanwhile. With `updated_since` the
    oldest change comes first: a ticket that changes during the walk comes again later, so that none is missed.
    """
    wanted, after = shown.wanted().where(*_conditions(query)), query.cursor or ""
    if query.updated_since is not None:
        wanted, order = _by_change(wanted, query.updated_since, after)
    else:
        wanted, order = _by_number(wanted, after)
    rows = session.execute(wanted.limit(query.limit + 1)).all()
    page, more = rows[: query.limit], ""
    if len(rows) > len(page):
        last = page[-1]
        by_change = query.updated_since is not None
        position = (last.updated_at.isoformat(), last.id) if by_change else (last.number,)
        more = cursor.seal(order, *position)
    return Listed([shown.shape(row) for row in page], more)


def _requester(body: TicketIn) -> Person:
    if body.requester_email is not None:
        return contact_for(body.requester_email, body.requester_name or "")
    found = named.contact(body.contact)
    assert found is not None
    return found


def _belong_together(customer_id: int | None, order: Order | None, contract: Contract | None) -> None:
    wrong = {}
    if order is not None and customer_id is not None and order.customer_id != customer_id:
        wrong["order"] = _("This order belongs to another customer.")
    if contract is not None and customer_id is not None and contract.customer_id != customer_id:
        wrong["contract"] = _("This contract belongs to another customer.")
    if wrong:
        raise Invalid(_("Please correct the marked fields."), fields=wrong)


@operation(
    "POST", "/tickets", tag="tickets", answer=TicketOut, statuses=(201,), body=TicketIn, files=True, keyed=True,
    problems=(409,),
)  # fmt: skip
@requires("tickets.write")
def create_ticket(body: TicketIn) -> Put:
    """Opens a ticket.

    Its first message is what the requester wrote. With the header Idempotency-Key the same request sent again opens
    no second ticket and is answered with the first.
    """
    done = keyed.earlier()
    if done is not None:
        return Put(_read(int(done)), created=True, replayed=True)
    named.one_of_team_and_group(body.team, body.group)
    contact = _requester(body)
    customer = named.customer(body.customer) if body.customer is not None else None
    order = named.order(body.order)
    contract = named.contract(body.contract)
    belongs_to = customer.id if customer else contact.customer_id
    _belong_together(belongs_to, order, contract)
    filled = read_values(me(), body.type, body.fields, from_json, prefix="fields.", opening=True)
    ticket = actions.open_ticket(
        me(),
        body.subject,
        contact=contact,
        customer=customer,
        status=named.status(body.status),
        priority=body.priority,
        impact=body.impact,
        type=body.type,
        category=body.category,
        product_family=body.product_family,
        assignee=named.assignee(body.assignee),
        team=named.team(body.team),
        group=named.group(body.group),
        order=order,
        contract=contract,
        summary=body.summary,
        data=body.data,
        fields={each.key: value for each, value in filled if value is not None},
        source="api",
    )
    actions.receive(ticket, contact.who(), said(body))
    keyed.keep(str(ticket.number))
    return Put(_read(ticket.number), created=True)


@operation("GET", "/tickets/{number}", tag="tickets", answer=TicketOut, problems=(404,))
@requires("tickets.read")
def get_ticket(number: int) -> TicketOut:
    """One ticket."""
    return _read(number)


def _closable(ticket: Ticket, status: Status | None) -> None:
    if status is None or status.kind != StatusKind.CLOSED or ticket.closed:
        return
    if children := open_children(ticket, me()):
        numbers = ", ".join(f"#{one.number}" for one in children)
        raise Conflict(_("Sub-tickets are still open: %(numbers)s.", numbers=numbers))


@operation("PATCH", "/tickets/{number}", tag="tickets", answer=TicketOut, body=TicketPatch, problems=(404, 409))
@requires("tickets.write")
def change_ticket(number: int, body: TicketPatch) -> TicketOut:
    """Changes what is named and leaves the rest.

    What is already so is left alone and not logged, so the same request twice changes nothing.
    """
    ticket = named.ticket(number, lock=True)
    properties: dict[str, Any] = {
        name: getattr(body, name) for name in TicketPatch.model_fields if name in body.model_fields_set
    }
    find: dict[str, Callable[[str | None], Any]] = {
        "status": named.status,
        "customer": lambda key: named.customer(key) if key is not None else None,
        "contact": named.contact,
        "assignee": named.assignee,
        "team": named.team,
        "group": named.group,
        "order": named.order,
        "contract": named.contract,
        "root_cause": named.root_cause,
    }
    for name, by_name in find.items():
        if name in properties:
            properties[name] = by_name(properties[name])
    if not properties.pop("anyway", False):
        _closable(ticket, properties.get("status"))
    named.one_of_team_and_group(body.team, body.group)
    given, who = properties.pop("fields", {}), me()
    if not all(may_set(who, name) for name in properties if name != "closing_reason"):
        raise NotAllowed(_("You may not do this. If you should, ask an administrator for the right."))
    actions.change(ticket, who, **properties)
    set_values(ticket, who, read_values(who, ticket.type, given, from_json, prefix="fields."))
    return _read(number)
