"""Who was asked to look at a note, and how they were told."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Identity, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class Told(StrEnum):
    """By what a mentioned person is told."""

    WAITING = "waiting"
    TEAMS = "teams"
    MAIL = "mail"
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
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("message_id", "person_id"),)
