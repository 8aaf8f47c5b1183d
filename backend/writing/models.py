"""Who takes part in a ticket beside its contact."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Identity, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from backend.db import Base, session


class Participant(Base):
    """Somebody who was drawn into a ticket by "@": every later update goes to them as well."""

    __tablename__ = "ticket_participants"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    address: Mapped[str]
    name: Mapped[str]
    added_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("ticket_id", "address"),)


def participants_of(ticket_id: int) -> list[dict[str, str]]:
    """{"name", "address"} of everybody who takes part, in the order in which they were drawn in."""
    query = select(Participant.name, Participant.address).where(Participant.ticket_id == ticket_id)
    return [{"name": row.name, "address": row.address} for row in session.execute(query.order_by(Participant.id))]


def participants_in(ticket_id: InstrumentedAttribute[int]) -> ColumnElement[Any]:
    """For a query of tickets: what `participants_of` says of each, or NULL for nobody."""
    one = func.jsonb_build_object("name", Participant.name, "address", Participant.address)
    return (
        select(func.jsonb_agg(aggregate_order_by(one, Participant.id)))
        .where(Participant.ticket_id == ticket_id)
        .correlate_except(Participant)
        .scalar_subquery()
    )
