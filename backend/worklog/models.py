"""What was worked and used on tickets: time entries, items, and the timers that run meanwhile."""

from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    Select,
    and_,
    exists,
    false,
    literal_column,
    or_,
    select,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.sql.elements import ColumnElement

from backend.auth import Role, Who
from backend.db import Base
from backend.people.models import Person
from backend.tickets.models import Ticket, visible

LONGEST = 24 * 60  # minutes of one entry


class BillableKind(StrEnum):
    """Who pays for worked time."""

    BILLABLE = "billable"
    CONTRACT = "contract"
    GOODWILL = "goodwill"
    INTERNAL = "internal"


class ItemKind(StrEnum):
    """What an item is."""

    PRODUCT = "product"
    TRAVEL = "travel"
    EXPENSE = "expense"


class SegmentState(StrEnum):
    """What is known of a stretch of a timer."""

    WORKED = "worked"
    UNSURE = "unsure"  # nobody was seen at work meanwhile; it counts until the person says otherwise
    KEPT = "kept"
    REMOVED = "removed"


def cents(amount: Decimal) -> Decimal:
    """`amount` rounded to two places, as people do it."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


class Timer(Base):
    """The time somebody is counting on a ticket, until it becomes entries or is discarded."""

    __tablename__ = "timers"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    saved_seconds: Mapped[int] = mapped_column(default=0)  # of what was counted, those that became entries
    outcome: Mapped[str] = mapped_column(default="")  # saved, discarded
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_timers_open", "person_id", postgresql_where=sql("ended_at is null")),)


class TimerSegment(Base):
    """A stretch of time that a timer counted; those of a person never overlap, and one at most is still running."""

    __tablename__ = "timer_segments"
    id: Mapped[int] = mapped_column(primary_key=True)
    timer_id: Mapped[int] = mapped_column(ForeignKey("timers.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    active_at: Mapped[datetime]  # when the person was last seen at work in it
    state: Mapped[str] = mapped_column(default=SegmentState.WORKED)
    __table_args__ = (
        Index(None, "timer_id", "started_at"),
        Index("ix_timer_segments_running", "person_id", unique=True, postgresql_where=sql("ended_at is null")),
    )


_TO_BILL = "kind in ('billable', 'contract')"


class TimeEntry(Base):
    """Worked time on a ticket, in whole minutes."""

    __tablename__ = "time_entries"
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    worked_on: Mapped[date]
    start: Mapped[time | None]  # on the person's own clock
    minutes: Mapped[int]
    kind: Mapped[str] = mapped_column(default=BillableKind.BILLABLE)
    rate: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))  # of an hour
    currency: Mapped[str] = mapped_column(default="EUR")
    text: Mapped[str] = mapped_column(default="")
    timer_id: Mapped[int | None] = mapped_column(ForeignKey("timers.id", ondelete="SET NULL"), index=True)
    measured_seconds: Mapped[int] = mapped_column(default=0)  # of the timer, which this entry stands for
    version: Mapped[int] = mapped_column(default=1)
    billed_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ticket: Mapped[Ticket] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")
    __table_args__ = (
        CheckConstraint(f"minutes between 1 and {LONGEST}", name="minutes"),
        Index(None, "ticket_id", "id"),
        Index(None, "person_id", "worked_on", "id"),
        Index(None, "worked_on", "id"),
        Index(
            "ix_time_entries_unbilled",
            "ticket_id",
            postgresql_where=sql(f"billed_at is null and deleted_at is null and {_TO_BILL}"),
        ),
    )

    @property
    def end(self) -> time | None:
        """When the work ended, where its start is known."""
        if self.start is None:
            return None
        hours, minutes = divmod((self.start.hour * 60 + self.start.minute + self.minutes) % LONGEST, 60)
        return time(hours, minutes)

    @property
    def amount(self) -> Decimal | None:
        """What it costs by its rate; None without one."""
        return None if self.rate is None else cents(self.rate * self.minutes / 60)


def unbilled() -> ColumnElement[bool]:
    """The condition on `TimeEntry` under which it is still to be billed."""
    # Written as in the index `ix_time_entries_unbilled`.
    to_bill: ColumnElement[bool] = literal_column(f"time_entries.{_TO_BILL}", Boolean)
    return and_(TimeEntry.billed_at.is_(None), TimeEntry.deleted_at.is_(None), to_bill)


class TicketItem(Base):
    """Something used or spent on a ticket: a product, travel, an expense."""

    __tablename__ = "ticket_items"
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))  # who wrote it down
    kind: Mapped[str] = mapped_column(default=ItemKind.PRODUCT)
    name: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric(14, 3))
    price: Mapped[Decimal] = mapped_column(Numeric(14, 4), default=Decimal(0))
    discount: Mapped[Decimal] = mapped_column(Numeric(5, 2), default=Decimal(0))  # percent
    currency: Mapped[str] = mapped_column(default="EUR")
    note: Mapped[str] = mapped_column(default="")
    file_name: Mapped[str] = mapped_column(default="")
    file_type: Mapped[str] = mapped_column(default="")
    file_size: Mapped[int] = mapped_column(default=0)
    file_sha256: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    billed_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ticket: Mapped[Ticket] = relationship(lazy="raise")
    __table_args__ = (Index(None, "ticket_id", "id"),)

    @property
    def total(self) -> Decimal:
        """What it comes to."""
        return cents(self.quantity * self.price * (100 - self.discount) / 100)


# Whether anything stands on a ticket: part of the query for its head, so that no more is asked where it does not.
HAS_WORK: Any = or_(
    exists().where(TimeEntry.ticket_id == Ticket.id, TimeEntry.deleted_at.is_(None)),
    exists().where(TicketItem.ticket_id == Ticket.id, TicketItem.deleted_at.is_(None)),
)


def entries_visible_to(who: Who, *, deleted: bool = False) -> Select[TimeEntry]:
    """The time entries `who` may see, joined with their `Ticket`: staff those of all tickets, customers none.

    `deleted`: also those that were deleted.
    """
    query = select(TimeEntry).join(Ticket, Ticket.id == TimeEntry.ticket_id).where(visible(who))
    if not who.is_staff or not who.may("time.read"):
        query = query.where(false())
    return query if deleted else query.where(TimeEntry.deleted_at.is_(None))


def items_visible_to(who: Who, *, deleted: bool = False) -> Select[TicketItem]:
    """The items `who` may see, joined with their `Ticket`: staff those of all tickets, customers none.

    `deleted`: also those that were deleted.
    """
    query = select(TicketItem).join(Ticket, Ticket.id == TicketItem.ticket_id).where(visible(who))
    if not who.is_staff or not who.may("time.read"):
        query = query.where(false())
    return query if deleted else query.where(TicketItem.deleted_at.is_(None))


def may_change(who: Who, entry: Any) -> bool:
    """Whether `who` may change or delete the time entry: one's own, administrators all; programs have no own ones."""
    if not who.may("time.write") or entry.billed_at is not None:
        return False
    return who.person_id is None or who.person_id == entry.person_id or Role.ADMINISTRATOR in who.roles
