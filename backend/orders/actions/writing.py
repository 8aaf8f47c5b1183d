"""Writing one order with its lines and documents, as often as it comes."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from backend import clock, files, live
from backend.db import session
from backend.errors import Conflict, Invalid
from backend.i18n import _
from backend.orders.models import Order, OrderDocument, OrderLine, OrderOrigin, OrderStatus
from backend.people.models import Customer, Person, Site
from backend.renamed import renamed

_LINE_FIELDS = ("sku", "description", "quantity", "unit", "price", "delivered", "due_on")
_CENT = Decimal("0.01")


def begin_order(number: str) -> Order:
    """A new, empty order; its customer and date are set before the next flush."""
    now = clock.now()
    order = Order(number=number, created_at=now, updated_at=now, lines=[], documents=[])
    session.add(order)
    return order


def touch(order: Order) -> None:
    """Notes when `order` was changed, if it was."""
    if session.is_modified(order) or any(session.is_modified(each) for each in (*order.lines, *order.documents)):
        order.updated_at = clock.now()


def summed(order: Order) -> Decimal:
    """The sum of the order's lines, to the cent."""
    return sum((line.quantity * line.price for line in order.lines), Decimal(0)).quantize(_CENT)


def set_lines(order: Order, lines: Iterable[Mapping[str, Any]]) -> None:
    """Makes the order's lines those of `lines`; fields that are not given stay. Raises Invalid naming the field."""
    have = {line.position: line for line in order.lines}
    kept = set()
    for number, given in enumerate(lines):
        position = given["position"]
        if position in kept:
            raise Invalid(
                _("Please correct the marked fields."),
                fields={f"lines.{number}.position": _("Position %(position)s stands twice.", position=position)},
            )
        kept.add(position)
        line = have.get(position)
        if line is None:
            line = OrderLine(position=position, description="", quantity=Decimal(0))
            order.lines.append(line)
        for field in _LINE_FIELDS:
            if field in given:
                setattr(line, field, given[field])
    order.lines[:] = [line for line in order.lines if line.position in kept]


def put_document(order: Order, name: str, content_type: str, content: bytes) -> OrderDocument:
    """Keeps `content` as the order's document `name`; the same name is replaced. `order.documents` is loaded."""
    document = next((d for d in order.documents if d.name == name), None)
    if document is None:
        document = OrderDocument(name=name)
        order.documents.append(document)
    document.content_type, document.size = content_type, len(content)
    document.sha256 = files.keep(content)
    return document


def check_new(number: str) -> None:
    """Waits for whoever else writes an order of this number. Raises Conflict when there is one already."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"order:{number}"))))
    if session.scalar(select(Order.id).where(Order.number == number)) is not None:
        raise Conflict(
            _("Please correct the marked fields."),
            fields={"number": _("There is an order with this number already.")},
        )


def remove_documents(order: Order, documents: Iterable[int]) -> None:
    """Takes the documents with these ids from the order; `order.documents` is loaded."""
    gone = set(documents)
    order.documents[:] = [document for document in order.documents if document.id not in gone]
    session.flush()  # before one of the same name is put in its place


def put_order(
    number: str,
    *,
    customer: Customer,
    ordered_on: date,
    status: str = OrderStatus.OPEN,
    currency: str = "EUR",
    title: str = "",
    site: Site | None = None,
    contact: Person | None = None,
    total: Decimal | None = None,
    lines: Iterable[Mapping[str, Any]] = (),
    documents: Iterable[Mapping[str, Any]] = (),
    origin: OrderOrigin | None = OrderOrigin.API,
) -> tuple[Order, bool]:
    """Creates or changes the order `number` with all its lines. Returns it and whether it is new.

    `lines`: position, description, quantity and optionally sku, unit, price, delivered, due_on; those not named
    are removed. `documents`: name, content_type, content (bytes). `total`: if not given, the sum of the lines.
    `origin`: None when a person corrects it. The same call twice changes nothing. Raises Invalid naming the field.
    """
    order = session.scalar(
        select(Order)
        .options(selectinload(Order.lines), selectinload(Order.documents))
        .where(Order.number == number)
        .with_for_update()
    )
    created = order is None
    if order is None:
        order = begin_order(number)
    order.customer_id, order.ordered_on, order.status, order.currency = customer.id, ordered_on, status, currency
    order.site_id = site.id if site else None
    order.contact_id = contact.id if contact else None
    called, order.title = order.title, title
    if origin is not None or created:
        order.origin = origin or OrderOrigin.HAND
    set_lines(order, lines)
    order.total = (total if total is not None else summed(order)).quantize(_CENT)
    for given in documents:
        put_document(order, given["name"], given["content_type"], given["content"])
    touch(order)
    session.flush()
    if not created and called != title:
        renamed("order", [order.id])
    live.tell(f"customer:{customer.id}", f"order:{order.id}")
    return order, created
