"""What stands beside an e-mail: whose it is, its ticket, and the customer's orders and tickets. One query per block."""

import re
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, func, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from backend.auth import Who
from backend.db import session
from backend.mail.models import InboundMail, OutboundMail
from backend.orders.models import Order, orders_visible_to
from backend.people.models import (
    Customer,
    EmailAddress,
    Person,
    address_topic,
    customer_by_domain,
    normal_address,
)
from backend.tickets.models import Message, Status, Ticket, tickets_visible_to, visible

ORDERS = 3
OPEN_TICKETS = 8
CLOSED_TICKETS = 5
COUNTED = 100  # more than that is shown as 99+
_TOKEN = re.compile(r"\[#(\d{1,9})\]")


@dataclass(frozen=True)
class Item:
    """The e-mail that is selected, as Outlook describes it. Nothing in it is trusted: it only selects."""

    internet_message_id: str
    address: str
    name: str
    subject: str

    @classmethod
    def of(cls, given: Any) -> "Item":
        """The item in the query or form `given`."""

        def text(name: str, length: int) -> str:
            return " ".join(str(given.get(name, "")).replace("\x00", "").split())[:length]

        return cls(
            internet_message_id=text("message_id", 998),
            address=normal_address(text("address", 320)),
            name=text("name", 200),
            subject=text("subject", 998),
        )


@dataclass
class Beside:
    """Everything one look at the pane shows."""

    item: Item
    person: Person | None = None
    suggested: Customer | None = None
    ticket: Ticket | None = None
    orders: list[Order] = field(default_factory=list)
    orders_count: int = 0
    tickets: list[Row[Any]] = field(default_factory=list)
    open_count: int = 0
    all_count: int = 0

    @property
    def customer(self) -> Customer | None:
        """The customer whose orders and tickets are shown."""
        return self.person.customer if self.person else None

    @property
    def topics(self) -> str:
        """The live topics on which the pane looks again."""
        topics = [address_topic(self.item.address)]
        if self.customer:
            topics.append(f"customer:{self.customer.id}")
        if self.ticket:
            topics.append(f"ticket:{self.ticket.id}")
        return " ".join(topics)


def _person(address: str) -> Person | None:
    return session.scalar(
        select(Person)
        .join(EmailAddress, EmailAddress.person_id == Person.id)
        .options(joinedload(Person.customer), joinedload(Person.site))
        .where(EmailAddress.address == address)
    )


def _shown(query: Select[Ticket]) -> Select[Ticket]:
    return query.options(joinedload(Ticket.status), joinedload(Ticket.assignee), joinedload(Ticket.contact))


def ticket_of(who: Who, item: Item, person: Person | None) -> Ticket | None:
    """The ticket this very mail is on, else the one its subject names if its writer's company takes part in it."""
    if item.internet_message_id:
        by_mail = union_all(
            select(InboundMail.ticket_id).where(
                InboundMail.internet_message_id == item.internet_message_id,
                InboundMail.from_address == item.address,
            ),
            select(Message.ticket_id).where(
                Message.internet_message_id == item.internet_message_id, Message.author_mail == item.address
            ),
            select(OutboundMail.ticket_id).where(OutboundMail.exchange_message_id == item.internet_message_id),
        ).subquery()
        query = tickets_visible_to(who).where(Ticket.id.in_(select(by_mail))).order_by(Ticket.id.desc()).limit(1)
        found = session.scalar(_shown(query))
        if found is not None:
            return found
    token = _TOKEN.search(item.subject)
    if token is None or person is None:
        return None
    ticket = session.scalar(_shown(tickets_visible_to(who).where(Ticket.number == int(token[1]))))
    if ticket is None or (person.customer_id is None and ticket.contact_id != person.id):
        return None
    return ticket if person.is_staff or ticket.customer_id == person.customer_id else None


def _orders(who: Who, customer_id: int) -> tuple[list[Order], int]:
    query = orders_visible_to(who).where(Order.customer_id == customer_id)
    newest = (
        query.options(selectinload(Order.lines), selectinload(Order.documents))
        .order_by(Order.ordered_on.desc(), Order.id.desc())
        .limit(ORDERS)
    )
    orders = list(session.scalars(newest))
    if len(orders) < ORDERS:
        return orders, len(orders)
    counted = query.with_only_columns(Order.id).limit(COUNTED).subquery()
    return orders, session.scalar(select(func.count()).select_from(counted)) or 0


def _tickets(who: Who, customer_id: int) -> tuple[list[Row[Any]], int, int]:
    def some(closed: bool, limit: int) -> Any:
        return (
            select(
                Ticket.number,
                Ticket.subject,
                Ticket.priority,
                Ticket.closed,
                Ticket.updated_at,
                Ticket.assignee_id,
                Person.name.label("assignee"),
                Status.key.label("status_key"),
                Status.name.label("status_name"),
                Status.kind.label("status_kind"),
            )
            .join(Status, Status.id == Ticket.status_id)
            .outerjoin(Person, Person.id == Ticket.assignee_id)
            .where(visible(who), Ticket.customer_id == customer_id, Ticket.closed if closed else ~Ticket.closed)
            .order_by(Ticket.updated_at.desc(), Ticket.id.desc())
            .limit(limit)
        )

    def counted(closed: bool) -> Any:
        few = (
            select(Ticket.id)
            .where(visible(who), Ticket.customer_id == customer_id, Ticket.closed if closed else ~Ticket.closed)
            .limit(COUNTED)
            .subquery()
        )
        return select(func.count()).select_from(few).scalar_subquery()

    rows = session.execute(union_all(some(False, OPEN_TICKETS), some(True, CLOSED_TICKETS))).all()
    counts = session.execute(select(counted(False).label("open"), counted(True).label("closed"))).one()
    return list(rows), counts.open, min(COUNTED, counts.open + counts.closed)


def look(who: Who, item: Item) -> Beside:
    """Everything that `who` may see beside `item`."""
    person = _person(item.address) if item.address else None
    found = Beside(item=item, person=person, ticket=ticket_of(who, item, person))
    if (person is None or (person.customer is None and not person.is_staff)) and item.address:
        found.suggested = customer_by_domain(item.address)
    if found.customer is not None:
        found.orders, found.orders_count = _orders(who, found.customer.id)
        found.tickets, found.open_count, found.all_count = _tickets(who, found.customer.id)
    return found
