"""A customer's contracts: under which of them a ticket is worked is chosen on the ticket."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Select, and_, or_, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from backend.auth import Who
from backend.db import Base
from backend.people.models import Customer


class Contract(Base):
    """What was agreed with a customer; its number is its identity, as in the ERP system."""

    __tablename__ = "contracts"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    name: Mapped[str]
    service_level: Mapped[str] = mapped_column(default="")  # as it is called: "8x5, answer within 4 h"
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]  # the last day; None: until somebody ends it
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (Index(None, "customer_id", "starts_on", "id"),)


def runs_on(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """The condition on `Contract` under which it holds on that day."""
    return and_(Contract.starts_on <= day, or_(Contract.ends_on.is_(None), Contract.ends_on >= day))


def contracts_visible_to(who: Who) -> Select[Contract]:
    """The contracts `who` may know of: staff all, anybody else none."""
    query = select(Contract).join(Customer, Customer.id == Contract.customer_id)
    return query if who.is_staff else query.where(Contract.id.is_(None))
