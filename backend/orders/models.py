"""A customer's orders with their lines and documents."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.auth import Who
from backend.db import Base
from backend.people.models import Customer, Person, Site


class OrderStatus(StrEnum):
    """How far an order is."""

    OPEN = "open"
    PARTIAL = "partially-delivered"
    DELIVERED = "delivered"
    INVOICED = "invoiced"
    CANCELLED = "cancelled"


class OrderOrigin(StrEnum):
    """Who wrote an order last, people apart: their corrections do not make it theirs."""

    API = "api"
    TABLE = "table"
    HAND = "hand"


class Order(Base):
    """What a customer has ordered, as the ERP system or a person told us; its number is its identity."""

    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="SET NULL"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    title: Mapped[str] = mapped_column(default="")
    ordered_on: Mapped[date]
    status: Mapped[str] = mapped_column(default=OrderStatus.OPEN)
    currency: Mapped[str] = mapped_column(default="EUR")
    total: Mapped[Decimal] = mapped_column(Numeric(14, 2), default=Decimal(0))
    origin: Mapped[str] = mapped_column(default=OrderOrigin.API, server_default=OrderOrigin.API)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    customer: Mapped[Customer] = relationship(lazy="raise")
    site: Mapped[Site | None] = relationship(lazy="raise")
    contact: Mapped[Person | None] = relationship(lazy="raise")
    lines: Mapped[list["OrderLine"]] = relationship(
        lazy="raise", order_by="OrderLine.position", cascade="all, delete-orphan"
    )
    documents: Mapped[list["OrderDocument"]] = relationship(
        lazy="raise", order_by="OrderDocument.id", cascade="all, delete-orphan"
    )
    __table_args__ = (Index(None, "customer_id", "ordered_on", "id"), Index(None, "ordered_on", "id"))


class OrderLine(Base):
    """One position of an order."""

    __tablename__ = "order_lines"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    position: Mapped[int]
    sku: Mapped[str] = mapped_column(default="")
    description: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric(14, 3))
    unit: Mapped[str] = mapped_column(default="")
    price: Mapped[Decimal] = mapped_column(Numeric(14, 4), default=Decimal(0))
    delivered: Mapped[Decimal] = mapped_column(Numeric(14, 3), default=Decimal(0))
    due_on: Mapped[date | None]
    __table_args__ = (Index(None, "order_id", "position", unique=True),)

    @property
    def open_quantity(self) -> Decimal:
        """How much has not been delivered yet."""
        return max(Decimal(0), self.quantity - self.delivered)


class OrderDocument(Base):
    """A document of an order: confirmation, delivery note, invoice."""

    __tablename__ = "order_documents"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    __table_args__ = (Index(None, "order_id", "name", unique=True),)


class OrderImport(Base):
    """A table of orders that a person has uploaded; what was previewed is what is imported, once."""

    __tablename__ = "order_imports"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    sha256: Mapped[str]
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    outcome: Mapped[dict[str, Any]] = mapped_column(default=dict)


def orders_visible_to(who: Who) -> Select[Order]:
    """The orders `who` may see: staff all, a contact those of the own company."""
    query = select(Order)
    return query if who.is_staff else query.where(Order.customer_id == (who.customer_id or 0))
