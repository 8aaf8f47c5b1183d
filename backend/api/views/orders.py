"""Orders: the ERP system writes them, the desk shows them beside the e-mail."""

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from backend import config, files
from backend.api import cursor, named
from backend.api.operation import PREFIX, Listed, Put, operation
from backend.api.shapes.orders import DocumentOut, LineOut, OrderIn, OrderOut, OrdersQuery
from backend.api.shapes.values import CustomerRef, PersonRef
from backend.auth import me, requires
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.orders import actions
from backend.orders.models import Order, OrderDocument, orders_visible_to
from backend.people.models import Customer
from backend.web import file_response


def _orders(query: Select[Order]) -> list[Order]:
    loaded = query.options(
        joinedload(Order.customer),
        joinedload(Order.site),
        joinedload(Order.contact),
        selectinload(Order.lines),
        selectinload(Order.documents),
    )
    return list(session.scalars(loaded.execution_options(populate_existing=True)))


def _shape(order: Order) -> OrderOut:
    contact = order.contact
    return OrderOut(
        number=order.number,
        customer=CustomerRef(key=order.customer.key, name=order.customer.name),
        date_=order.ordered_on,
        status=order.status,
        currency=order.currency,
        title=order.title,
        site=order.site.key if order.site else None,
        contact=PersonRef(key=contact.key, name=contact.name, email=contact.mail) if contact else None,
        total=order.total,
        lines=[
            LineOut(
                position=each.position,
                sku=each.sku,
                description=each.description,
                quantity=each.quantity,
                unit=each.unit,
                price=each.price,
                delivered=each.delivered,
                due_on=each.due_on,
            )
            for each in order.lines
        ],
        documents=[
            DocumentOut(
                name=each.name,
                content_type=each.content_type,
                size=each.size,
                url=f"{config.current().url}{PREFIX}/documents/{each.id}",
            )
            for each in order.documents
        ],
        created_at=order.created_at,
        updated_at=order.updated_at,
    )


@operation("GET", "/orders", tag="orders", answer=OrderOut, many=True, query=OrdersQuery)
@requires("orders.read")
def list_orders(query: OrdersQuery) -> Listed:
    """Orders with their lines, the one written last first."""
    wanted = orders_visible_to(me()).order_by(Order.id.desc()).limit(query.limit + 1)
    if query.customer:
        wanted = wanted.where(Order.customer_id.in_(select(Customer.id).where(Customer.key == query.customer)))
    if query.status:
        wanted = wanted.where(Order.status == query.status)
    if query.updated_since:
        wanted = wanted.where(Order.updated_at >= query.updated_since)
    if query.cursor:
        wanted = wanted.where(Order.id < cursor.unseal("orders", query.cursor)[0])
    found = _orders(wanted)
    page = found[: query.limit]
    more = cursor.seal("orders", page[-1].id) if len(found) > len(page) else ""
    return Listed([_shape(each) for each in page], more)


@operation("GET", "/orders/{number}", tag="orders", answer=OrderOut, problems=(404,))
@requires("orders.read")
def get_order(number: str) -> OrderOut:
    """One order with its lines."""
    found = _orders(orders_visible_to(me()).where(Order.number == number))
    if not found:
        raise NotFound(_("There is no order with the number %(number)s.", number=number))
    return _shape(found[0])


@operation(
    "PUT", "/orders/{number}", tag="orders", answer=OrderOut, statuses=(200, 201), body=OrderIn, files=True,
    problems=(409,),
)  # fmt: skip
@requires("orders.write")
def put_order(number: str, body: OrderIn) -> Put:
    """Creates or changes an order with all its lines.

    The same request twice makes one order and changes nothing the second time. Lines that are not named are removed,
    documents that are not named stay.
    """
    named.only_one(f"order:{number}")
    customer = named.customer(body.customer)
    lines = [
        {**line.model_dump(), "position": line.position if line.position is not None else place}
        for place, line in enumerate(body.lines, start=1)
    ]
    order, created = actions.put_order(
        number,
        customer=customer,
        ordered_on=body.date_,
        status=body.status,
        currency=body.currency,
        title=body.title,
        site=named.site(customer, body.site),
        contact=named.contact(body.contact, of=customer),
        total=body.total,
        lines=lines,
        documents=[document.model_dump() for document in body.documents],
    )
    return Put(_shape(_orders(select(Order).where(Order.id == order.id))[0]), created)


@operation("GET", "/documents/{document_id}", tag="orders", answer=None, problems=(404,))
@requires("orders.read")
def get_document(document_id: int) -> object:
    """The content of an order's document."""
    row = session.execute(
        orders_visible_to(me())
        .join(OrderDocument, OrderDocument.order_id == Order.id)
        .with_only_columns(OrderDocument.name, OrderDocument.content_type, OrderDocument.sha256)
        .where(OrderDocument.id == document_id)
    ).one_or_none()
    if row is None:
        raise NotFound(_("There is no such document."))
    return file_response(files.read(row.sha256), name=row.name, content_type=row.content_type)
