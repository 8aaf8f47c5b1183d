"""The demo's orders with their lines and papers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from backend import files
from backend.db import session
from backend.demo import pdf, selling
from backend.demo.cast import Cast
from backend.demo.catalogue import ARTICLES, ORDERS, LineRow, OrderRow
from backend.orders.models import Order, OrderDocument, OrderLine, OrderStatus
from backend.people.models import Customer, Person, Site

_CENT = Decimal("0.01")
_CAME = (OrderStatus.DELIVERED, OrderStatus.INVOICED)


def _delivered(order: OrderRow, line: LineRow) -> Decimal:
    if line.delivered is not None:
        return Decimal(line.delivered)
    return Decimal(line.quantity) if order.status in _CAME else Decimal(0)


def _lines(order: OrderRow, language: str, today: date) -> list[dict[str, Any]]:
    words = selling.catalogue()["articles"].get(language, {})
    units = selling.catalogue()["units"].get(language, {})
    return [
        {
            "position": position,
            "sku": line.sku,
            "description": words.get(line.sku, ARTICLES[line.sku][0]),
            "quantity": Decimal(line.quantity),
            "unit": units.get(ARTICLES[line.sku][1], ARTICLES[line.sku][1]),
            "price": line.price,
            "delivered": _delivered(order, line),
            "due_on": today + timedelta(days=line.due) if line.due is not None else None,
        }
        for position, line in enumerate(order.lines, start=1)
    ]


def _paper_lines(lines: list[OrderLine], column: str) -> tuple[pdf.PaperLine, ...]:
    return tuple(
        pdf.PaperLine(
            line.position, line.sku, line.description, getattr(line, column), line.unit, line.price, line.due_on
        )
        for line in lines
        if getattr(line, column)
    )  # fmt: skip


def _papers(
    order: OrderRow, lines: list[OrderLine], customer: Customer, contact: Person, site: Site | None, today: date
) -> Iterator[pdf.Paper]:
    ordered = today - timedelta(days=order.ago)
    place = (site.street, f"{site.postcode} {site.city}") if site else ()

    def paper(kind: str, number: str, days_later: int, column: str) -> pdf.Paper:
        return pdf.Paper(
            kind=kind,
            language=contact.language,
            number=number,
            order_number=order.number,
            dated=min(today, ordered + timedelta(days=days_later)),
            customer_key=customer.key,
            addressee=(customer.name, contact.name, *place),
            contact=contact.name,
            lines=_paper_lines(lines, column),
            more_to_come=order.status == OrderStatus.PARTIAL,
        )

    yield paper("confirmation", order.number, 0, "quantity")
    if order.note:
        yield paper("delivery", order.note, 6, "delivered")
    if order.invoice:
        yield paper("invoice", order.invoice, 9, "quantity")


def _document(paper: pdf.Paper) -> OrderDocument:
    content = pdf.draw(paper)
    sha256 = files.put(content)  # nothing is removed yet: no worker runs before the demo is loaded
    return OrderDocument(name=paper.file_name, content_type="application/pdf", size=len(content), sha256=sha256)


def _order(cast: Cast, row: OrderRow, today: date) -> Order:
    contact = cast.person(row.contact)
    customer, site = cast.customers[contact.customer_id or 0], cast.sites.get(contact.site_id or 0)
    lines = [OrderLine(**line) for line in _lines(row, contact.language, today)]
    began = datetime.combine(today - timedelta(days=row.ago), time(9, 30), UTC)
    return Order(
        number=row.number,
        customer_id=customer.id,
        site_id=site.id if site else None,
        contact_id=contact.id,
        ordered_on=today - timedelta(days=row.ago),
        status=row.status,
        title=row.title,
        lines=lines,
        documents=[_document(paper) for paper in _papers(row, lines, customer, contact, site, today)],
        total=sum((line.quantity * line.price for line in lines), Decimal(0)).quantize(_CENT),
        created_at=began,
        updated_at=min(cast.now, began + timedelta(days=min(row.ago, 9))),
    )


def place_orders(cast: Cast) -> None:
    """Places all orders, as they stand today; they are written at once."""
    today = cast.now.date()
    cast.orders = {row.number: _order(cast, row, today) for row in (*ORDERS, *selling.orders(cast))}
    session.add_all(cast.orders.values())
    session.flush()
