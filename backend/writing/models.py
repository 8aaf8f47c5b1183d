"""Who takes part in a ticket beside its contact."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

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
