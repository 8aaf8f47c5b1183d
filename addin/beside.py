"""What stands beside an e-mail: whose it is, its ticket, and the customer's orders and tickets. One query per block."""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Integer,
    Row,
    Text,
    any_,
    bindparam,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from backend import clock, config
from backend.auth import Who
from backend.contracts.models import AGREED, Contract, runs_on
from backend.db import session
from backend.mail.models import InboundMail, OutboundMail
from backend.orders.models import Order, OrderDocument, OrderLine, orders_visible_to
from backend.people.models import (
    Customer,
    EmailAddress,
    Person,
    address_topic,
    customer_by_domain,
    normal_address,
)
from backend.tickets.models import Message, Status, Ticket, seer, visible
from backend.tickets.sight import siblings_hidden
from backend.visits.rows import next_of_customer
from backend.worklog.models import TimeEntry, unbilled

ORDERS = 3
CONTRACTS = 3
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
    contracts: list[dict[str, Any]] = field(default_factory=list)  # that run today: name, and `AGREED` of it
    unbilled: int = 0  # minutes that were worked for the customer and are still to be billed
    visit: Row[Any] | None = None

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


_PERSON = (
    select(Person)
    .join(EmailAddress, EmailAddress.person_id == Person.id)
    .options(joinedload(Person.customer), joinedload(Person.site))
    .where(EmailAddress.address == bindparam("address"))
)
_ROW: Any = (
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
        Status.tone.label("status_tone"),
    )
    .join(Status, Status.id == Ticket.status_id)
    .outerjoin(Person, Person.id == Ticket.assignee_id)
    .order_by(Ticket.updated_at.desc(), Ticket.id.desc())
)
_IDS = bindparam("ids", type_=ARRAY(Integer))
_LINES = select(OrderLine).where(OrderLine.order_id == any_(_IDS)).order_by(OrderLine.position)
_DOCUMENTS = select(OrderDocument).where(OrderDocument.order_id == any_(_IDS)).order_by(OrderDocument.id)


class _Blocks:
    """The queries of the blocks, for somebody who sees tickets and orders under those conditions."""

    def __init__(self, tickets: ColumnElement[bool], orders: ColumnElement[bool], *, staff: bool = False) -> None:
        message_id, address = bindparam("message_id", type_=Text), bindparam("address", type_=Text)
        mail = union_all(
            select(InboundMail.ticket_id).where(
                InboundMail.internet_message_id == message_id, InboundMail.from_address == address
            ),
            select(Message.ticket_id).where(Message.internet_message_id == message_id, Message.author_mail == address),
            select(OutboundMail.ticket_id).where(OutboundMail.exchange_message_id == message_id),
        ).subquery()
        ticket = select(Ticket).where(tickets).options(joinedload(Ticket.status), joinedload(Ticket.assignee))
        self.of_mail = ticket.where(Ticket.id.in_(select(mail))).order_by(Ticket.id.desc()).limit(1)
        goes_on = aliased(Ticket)
        named = select(func.coalesce(goes_on.merged_into_id, goes_on.id)).where(goes_on.number == bindparam("number"))
        self.by_number = ticket.where(Ticket.id == named.scalar_subquery())
        own_orders = (orders, Order.customer_id == bindparam("customer"))
        own_tickets = (tickets, Ticket.customer_id == bindparam("customer"))
        self.orders = select(Order).where(*own_orders).order_by(Order.ordered_on.desc(), Order.id.desc()).limit(ORDERS)
        self.tickets = union_all(
            _ROW.where(*own_tickets, ~Ticket.closed).limit(OPEN_TICKETS),
            _ROW.where(*own_tickets, Ticket.closed.is_(True)).limit(CLOSED_TICKETS),
        )
        self.counts = select(
            _counted(Order.id, *own_orders).label("orders"),
            _counted(Ticket.id, *own_tickets, ~Ticket.closed).label("open"),
            _counted(Ticket.id, *own_tickets, Ticket.closed.is_(True)).label("closed"),
            (_contracts() if staff else null()).label("contracts"),
            (_unbilled() if staff else literal(0)).label("unbilled"),
        )


def _contracts() -> Any:
    today = bindparam("today", type_=Date)
    few = (
        select(Contract.name, AGREED.label("agreed"))
        .where(Contract.customer_id == bindparam("customer"), runs_on(today))
        .order_by(Contract.starts_on.desc(), Contract.id.desc())
        .limit(CONTRACTS)
        .subquery()
    )
    return select(func.jsonb_agg(func.to_jsonb(few.table_valued()))).scalar_subquery()


def _unbilled() -> Any:
    return (
        select(func.coalesce(func.sum(TimeEntry.minutes), 0))
        .join(Ticket, Ticket.id == TimeEntry.ticket_id)
        .where(Ticket.customer_id == bindparam("customer"), unbilled())
        .scalar_subquery()
    )


def _counted(what: Any, *where: ColumnElement[bool]) -> Any:
    few = select(what).where(*where).limit(COUNTED).subquery()
    return select(func.count()).select_from(few).scalar_subquery()


@cache
def _for_staff(*, narrowed: bool) -> _Blocks:
    """Writing them takes longer than answering them, so those for staff are kept; they see every order. Those that are
    `narrowed` have the parameter `seer`."""
    seen = siblings_hidden(Ticket, bindparam("seer", type_=Integer)) if narrowed else true()
    return _Blocks(seen, true(), staff=True)


def _blocks(who: Who) -> tuple[_Blocks, dict[str, Any]]:
    """What `who` is shown, and the parameters that say for whom it is."""
    if who.is_staff:
        me = seer(who)
        return _for_staff(narrowed=me is not None), {"seer": me}
    return _Blocks(visible(who), Order.id.in_(orders_visible_to(who).with_only_columns(Order.id))), {}


def ticket_of(who: Who, item: Item, person: Person | None) -> Ticket | None:
    """The ticket this very mail is on, else the one its subject names if its writer's company takes part in it."""
    blocks, reader = _blocks(who)
    if item.internet_message_id:
        mail = {**reader, "message_id": item.internet_message_id, "address": item.address}
        found = session.scalar(blocks.of_mail, mail)
        if found is not None:
            return found
    token = _TOKEN.search(item.subject)
    if token is None or person is None:
        return None
    ticket = session.scalar(blocks.by_number, {**reader, "number": int(token[1])})
    if ticket is None or (person.customer_id is None and ticket.contact_id != person.id):
        return None
    return ticket if person.is_staff or ticket.customer_id == person.customer_id else None


def _orders(who: Who, customer_id: int) -> list[Order]:
    """The newest orders, with their lines and documents."""
    blocks, reader = _blocks(who)
    orders = list(session.scalars(blocks.orders, {**reader, "customer": customer_id}))
    if orders:
        ids = {"ids": [order.id for order in orders]}
        lines, documents = session.scalars(_LINES, ids).all(), session.scalars(_DOCUMENTS, ids).all()
        for order in orders:
            set_committed_value(order, "lines", [line for line in lines if line.order_id == order.id])
            set_committed_value(order, "documents", [one for one in documents if one.order_id == order.id])
    return orders


def _today(who: Who) -> date:
    """The day on the reader's calendar: by it contracts begin and end."""
    return clock.local(clock.now(), who.timezone or config.current().timezone).date()


def look(who: Who, item: Item) -> Beside:
    """Everything that `who` may see beside `item`."""
    person = session.scalar(_PERSON, {"address": item.address}) if item.address else None
    if person is not None and not who.is_staff and person.customer_id != (who.customer_id or 0):
        person = None
    found = Beside(item=item, person=person, ticket=ticket_of(who, item, person))
    known = person is not None and (person.customer is not None or person.is_staff)
    if item.address and who.is_staff and not known:
        found.suggested = customer_by_domain(item.address)
    if found.customer is not None:
        blocks, reader = _blocks(who)
        customer = {**reader, "customer": found.customer.id}
        found.orders = _orders(who, found.customer.id)
        found.tickets = list(session.execute(blocks.tickets, customer))
        counts = session.execute(blocks.counts, {**customer, "today": _today(who)}).one()
        found.orders_count, found.open_count = counts.orders, counts.open
        found.all_count = min(COUNTED, counts.open + counts.closed)
        found.contracts, found.unbilled = counts.contracts or [], counts.unbilled
        found.visit = next_of_customer(who, found.customer.id, clock.now())
    return found
