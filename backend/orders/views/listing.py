"""Orders: the list, one with its lines and documents, and the documents themselves."""

from datetime import date
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from backend import files
from backend.auth import me, requires
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.orders.models import Order, OrderDocument, OrderLine, OrderStatus, orders_visible_to
from backend.orders.views.door import blueprint
from backend.people.models import Customer
from backend.tickets.models import Status, Ticket, visible
from backend.web import file_response

PAGE = 50


def _like(text: str) -> str:
    escaped = text.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("\x00", "")
    return f"%{escaped}%"


def _position(text: str) -> tuple[date, int] | None:
    day, _dot, number = text.partition(".")
    try:
        return date.fromisoformat(day), int(number[:9])
    except ValueError:
        return None


@blueprint.get("/orders")
@requires("orders.read")
def orders() -> ResponseReturnValue:
    """The newest orders, or those whose number, title or customer holds the words of `q`."""
    asked, status = request.args.get("q", ""), request.args.get("status", "")
    page = orders_visible_to(me()).with_only_columns(
        Order.id, Order.number, Order.title, Order.ordered_on, Order.status, Order.total, Order.currency,
        Order.customer_id,
    )  # fmt: skip
    if asked.strip():
        named = select(Customer.id).where(func.lower(Customer.name).like(_like(asked)))
        wanted = _like(asked)
        page = page.where(
            or_(
                func.lower(Order.number).like(wanted),
                func.lower(Order.title).like(wanted),
                Order.customer_id.in_(named),
            )
        )
    if status in set(OrderStatus):
        page = page.where(Order.status == status)
    cut = _position(request.args.get("after", ""))
    if cut:
        page = page.where(tuple_(Order.ordered_on, Order.id) < cut)
    some = page.order_by(Order.ordered_on.desc(), Order.id.desc()).limit(PAGE + 1).subquery()
    due = (
        select(func.min(OrderLine.due_on))
        .where(
            OrderLine.order_id == some.c.id,
            OrderLine.delivered < OrderLine.quantity,
            some.c.status.in_((OrderStatus.OPEN, OrderStatus.PARTIAL)),
        )
        .scalar_subquery()
    )
    rows: list[Any] = list(
        session.execute(
            select(some, Customer.name.label("customer"), due.label("due_on"))
            .join(Customer, Customer.id == some.c.customer_id)
            .order_by(some.c.ordered_on.desc(), some.c.id.desc())
        )
    )
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    return render_template(
        "orders/orders.html",
        rows=rows[:PAGE],
        asked=asked,
        status=status if status in set(OrderStatus) else "",
        all_statuses=list(OrderStatus),
        older=f"{more.ordered_on.isoformat()}.{more.id}" if more is not None else "",
    )


@blueprint.get("/orders/<path:number>")
@requires("orders.read")
def order(number: str) -> ResponseReturnValue:
    """One order with its lines, documents and tickets."""
    found = session.scalar(
        orders_visible_to(me())
        .options(
            selectinload(Order.lines),
            selectinload(Order.documents),
            joinedload(Order.customer),
            joinedload(Order.site),
            joinedload(Order.contact),
        )
        .where(Order.number == number)
    )
    if found is None:
        raise NotFound(_("There is no order %(number)s.", number=number))
    tickets = session.execute(
        select(
            Ticket.number, Ticket.subject, Ticket.priority, Ticket.updated_at,
            Status.key.label("status_key"), Status.name.label("status_name"), Status.kind.label("status_kind"),
            Status.tone.label("status_tone"),
        )
        .join(Status, Status.id == Ticket.status_id)
        .where(visible(me()), Ticket.order_id == found.id)
        .order_by(Ticket.closed, Ticket.updated_at.desc())
        .limit(20)
    )  # fmt: skip
    return render_template("orders/order.html", order=found, tickets=list(tickets))


@blueprint.get("/order-documents/<int:document_id>")
@requires("orders.read")
def document(document_id: int) -> ResponseReturnValue:
    """A document of an order; PDFs are shown, everything else is saved."""
    visible_orders = orders_visible_to(me()).with_only_columns(Order.id)
    row = session.execute(
        select(OrderDocument.name, OrderDocument.content_type, OrderDocument.sha256).where(
            OrderDocument.id == min(document_id, 2**31 - 1), OrderDocument.order_id.in_(visible_orders)
        )
    ).one_or_none()
    if row is None:
        raise NotFound(_("This document is not there."))
    return file_response(files.read(row.sha256), name=row.name, content_type=row.content_type, inline=True)
