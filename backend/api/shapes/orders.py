"""Orders with their lines and documents."""

import datetime as dates
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, Field, model_validator

from backend.api.sentences import wrong
from backend.api.shapes.values import (
    Base64,
    ContentType,
    CustomerRef,
    Key,
    Line,
    Money,
    Name,
    PageQuery,
    PersonRef,
    Price,
    Quantity,
    Shape,
    Word,
)
from backend.i18n import _
from backend.orders.models import OrderStatus

_MOST = Decimal("999999999999.99")


class LineIn(Shape):
    """One position."""

    position: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Its place in the order and its identity; without one, its place in this list, counted from 1."""
    sku: Word = ""
    description: Line
    quantity: Quantity
    unit: Word = ""
    price: Price = Decimal(0)
    """Price of one unit."""
    delivered: Quantity = Decimal(0)
    """How many of them have been delivered."""
    due_on: dates.date | None = None


class DocumentIn(Shape):
    """A document with its content; one of the same name is replaced."""

    name: Name
    content_type: ContentType = "application/octet-stream"
    content: Base64


class OrderIn(Shape):
    """An order with all its lines: those not named here are removed. Documents not named stay."""

    customer: Key
    """The customer's key."""
    date_: dates.date
    status: OrderStatus = OrderStatus.OPEN
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    """ISO 4217."""
    title: Line = ""
    site: Key | None = None
    """The key of one of the customer's sites."""
    contact: Key | None = None
    """The key or an e-mail address of one of the customer's contacts."""
    total: Money | None = None
    """Without one, the sum of the lines."""
    lines: Annotated[list[LineIn], Field(max_length=1000)]
    documents: Annotated[list[DocumentIn], Field(max_length=50)] = []

    @model_validator(mode="after")
    def _countable(self) -> "OrderIn":
        if abs(sum((line.quantity * line.price for line in self.lines), Decimal(0))) > _MOST:
            raise wrong(_("The sum of the lines is too large."), "lines")
        return self


class LineOut(Shape):
    """One position."""

    position: int
    sku: str
    description: str
    quantity: Quantity
    unit: str
    price: Price
    delivered: Quantity
    due_on: dates.date | None


class DocumentOut(Shape):
    """A document; its content is at `url`, for the same token."""

    name: str
    content_type: str
    size: int
    url: str


class OrderOut(Shape):
    """An order."""

    number: str
    customer: CustomerRef
    date_: dates.date
    status: str
    currency: str
    title: str
    site: str | None
    contact: PersonRef | None
    total: Money
    lines: list[LineOut]
    documents: list[DocumentOut]
    created_at: dates.datetime
    updated_at: dates.datetime


class OrdersQuery(PageQuery):
    """Which orders."""

    customer: Key | None = None
    status: OrderStatus | None = None
    updated_since: AwareDatetime | None = None
