"""A customer's contracts: under which of them a ticket is worked is chosen on the ticket."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, Select, and_, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from backend.auth import Who
from backend.db import Base, session
from backend.people.models import Customer


class Per(StrEnum):
    """For how long the included hours are."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"  # of the contract


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
    included_hours: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    included_per: Mapped[str] = mapped_column(default=Per.MONTH, server_default="month")
    hourly_rate: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))  # of billable work
    hourly_rate_in_contract: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))  # of work in the contract
    travel_flat_rate: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))  # of one journey
    currency: Mapped[str] = mapped_column(default="EUR", server_default="EUR")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (Index(None, "customer_id", "starts_on", "id"),)

    @property
    def priced(self) -> bool:
        """Whether it names a price at all, so that its currency means something."""
        return any(getattr(self, name) is not None for name in PRICES)

    def rate_of(self, kind: str) -> Decimal | None:
        """What an hour of that billable kind costs by it."""
        return {"billable": self.hourly_rate, "contract": self.hourly_rate_in_contract}.get(kind)


PRICES = ("hourly_rate", "hourly_rate_in_contract", "travel_flat_rate")
# What pages say of a contract beside its name, as one value of a query.
AGREED: Any = func.jsonb_build_object(
    *("level", Contract.service_level, "hours", Contract.included_hours, "per", Contract.included_per),
    *("rate", Contract.hourly_rate, "rate_in", Contract.hourly_rate_in_contract),
    *("travel", Contract.travel_flat_rate, "currency", Contract.currency),
)


def under(contract_id: int | None) -> Contract | None:
    """The contract that a ticket names, if it names one."""
    return session.get(Contract, contract_id) if contract_id is not None else None


def runs_on(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """The condition on `Contract` under which it holds on that day."""
    return and_(Contract.starts_on <= day, or_(Contract.ends_on.is_(None), Contract.ends_on >= day))


def contracts_visible_to(who: Who) -> Select[Contract]:
    """The contracts `who` may know of: staff with the right to see contracts all, anybody else none."""
    query = select(Contract).join(Customer, Customer.id == Contract.customer_id)
    return query if who.is_staff and who.may("contracts.read") else query.where(Contract.id.is_(None))


def offered(who: Who, customer_id: int | None, day: date, chosen: int | None = None) -> list[Any]:
    """The customer's contracts that run on `day`, and the one that is `chosen`: id, name, number."""
    found = contracts_visible_to(who).with_only_columns(Contract.id, Contract.name, Contract.number)
    found = found.where(Contract.customer_id == (customer_id or 0), or_(runs_on(day), Contract.id == (chosen or 0)))
    return list(session.execute(found.order_by(Contract.name, Contract.id).limit(50)))
