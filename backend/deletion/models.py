"""Tickets that were deleted: their number is never used again, their rows can be brought back for a while."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from backend.auth import Who
from backend.db import Base, session

KEPT = timedelta(days=30)  # so long a deleted ticket can be brought back


class DeletedTicket(Base):
    """What is left of a deleted ticket. `with_number`: the ticket it was merged into and deleted with, or itself."""

    __tablename__ = "deleted_tickets"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    with_number: Mapped[int] = mapped_column(index=True)
    deleted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    deleted_by: Mapped[str]
    deleted_at: Mapped[datetime]
    emptied_at: Mapped[datetime | None]  # when its rows were destroyed for good
    __table_args__ = (Index("ix_deleted_tickets_kept", "deleted_at", postgresql_where=sql("emptied_at is null")),)


class DeletedRow(Base):
    """A row as it was: of the ticket, or (`named_only`) of one that stays and named something of it."""

    __tablename__ = "deleted_rows"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[int] = mapped_column(ForeignKey("deleted_tickets.number", ondelete="CASCADE"))
    table_name: Mapped[str]
    row: Mapped[dict[str, Any]]
    named_only: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (Index(None, "number", "table_name"),)


def tombstone(number: int, who: Who) -> DeletedTicket | None:
    """What is left of the ticket with that number, if it was deleted; customers do not hear of it."""
    if not who.is_staff:
        return None
    return session.scalar(select(DeletedTicket).where(DeletedTicket.number == min(number, 2**31 - 1)))
