"""Which ticket was merged into which, and what exactly was moved by it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, aliased, mapped_column

from backend.db import Base, session
from backend.tickets.models import Ticket

# What describes the conversation moves to the other ticket and comes back by its id: table, column. What describes
# what happened to the ticket itself (its activities, the confirmation of its receipt) stays with it.
MOVED: tuple[tuple[str, str], ...] = (
    ("messages", "ticket_id"),
    ("chats", "ticket_id"),
    ("visits", "ticket_id"),
    ("time_entries", "ticket_id"),
    ("timers", "ticket_id"),
    ("ticket_items", "ticket_id"),
    ("checklists", "ticket_id"),
)
# Mails stand where their message stands, whenever they came.
FOLLOWING = ("outbound_mails", "inbound_mails")


class TicketMerge(Base):
    """One merge; `status_id`, `activity_status`: of the source before; `order_id`: which the target got by it."""

    __tablename__ = "ticket_merges"
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    actor_name: Mapped[str]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    status_id: Mapped[int | None] = mapped_column(ForeignKey("statuses.id", ondelete="SET NULL"))
    activity_status: Mapped[str]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id", ondelete="SET NULL"))
    pending_until: Mapped[datetime | None]  # of the source before
    __table_args__ = (
        Index("uq_ticket_merges_standing", "source_id", unique=True, postgresql_where=sql("undone_at is null")),
    )


class MovedRow(Base):
    """A row that one merge has moved."""

    __tablename__ = "ticket_merge_rows"
    merge_id: Mapped[int] = mapped_column(ForeignKey("ticket_merges.id", ondelete="CASCADE"), primary_key=True)
    table_name: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    __table_args__ = (Index(None, "table_name", "row_id"),)


def standing_merge(source_id: int) -> TicketMerge | None:
    """The merge by which that ticket went into another one and that was not undone."""
    query = select(TicketMerge).where(TicketMerge.source_id == source_id, TicketMerge.undone_at.is_(None))
    return session.scalar(query.execution_options(populate_existing=True))


def merged_in(survivor_id: int) -> list[Any]:
    """The tickets that are merged into that one, by whichever steps: number, subject, at, actor; the newest first."""
    other = aliased(Ticket)
    query = (
        select(other.id, other.number, other.subject, TicketMerge.at, TicketMerge.actor_name.label("actor"))
        .join(TicketMerge, (TicketMerge.source_id == other.id) & TicketMerge.undone_at.is_(None))
        .where(other.merged_into_id == survivor_id)
        .order_by(TicketMerge.id.desc())
    )
    return list(session.execute(query))
