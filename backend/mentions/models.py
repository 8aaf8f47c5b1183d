"""Who was asked to look at a note, and how they were told."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Identity, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, session
from backend.people.models import Person


class Told(StrEnum):
    """By what a mentioned person is told."""

    WAITING = "waiting"
    TEAMS = "teams"
    MAIL = "mail"
    DOUBTFUL = "doubtful"  # nobody knows whether Teams has shown it
    NOBODY = "nobody"  # there is neither a chat nor an address


class Mention(Base):
    """One person mentioned in one note."""

    __tablename__ = "mentions"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    told: Mapped[str] = mapped_column(default=Told.WAITING)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("teams_posts.id", ondelete="SET NULL"), index=True)
    outbound_id: Mapped[int | None] = mapped_column(ForeignKey("outbound_mails.id", ondelete="SET NULL"), index=True)
    replies: Mapped[int] = mapped_column(default=0)  # given on the card; an older card is told by it
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("message_id", "person_id"),)


def told_about(message_ids: list[int]) -> dict[int, list[tuple[str, str]]]:
    """By message: (name, Told) of everybody mentioned in it, in the order in which they were named."""
    found: dict[int, list[tuple[str, str]]] = {}
    if not message_ids:
        return found
    rows = session.execute(
        select(Mention.message_id, Person.name, Mention.told)
        .join(Person, Person.id == Mention.person_id)
        .where(Mention.message_id.in_(message_ids))
        .order_by(Mention.id)
    )
    for row in rows:
        found.setdefault(row.message_id, []).append((row.name, row.told))
    return found
