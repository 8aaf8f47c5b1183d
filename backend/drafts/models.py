"""What somebody has begun to write and not sent: kept by person, so it is there on every door."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class Draft(Base):
    """One unsent text of one person; `key` says where it belongs, such as `ticket:10234`."""

    __tablename__ = "drafts"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(index=True)


class DraftFile(Base):
    """A file of a draft that Deskside has already, such as one of a reply that was taken back; goes with its draft."""

    __tablename__ = "draft_files"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int]
    key: Mapped[str]
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    __table_args__ = (
        ForeignKeyConstraint(
            ["person_id", "key"], ["drafts.person_id", "drafts.key"], ondelete="CASCADE", onupdate="CASCADE"
        ),
        Index(None, "person_id", "key"),
    )
