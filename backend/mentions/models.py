"""Who was asked to look at a note, and how they were told."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Identity, UniqueConstraint, case, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from backend.db import Base
from backend.mail.models import Delivery, OutboundMail
from backend.people.models import Person


class Told(StrEnum):
    """By what a mentioned person is told."""

    WAITING = "waiting"
    TEAMS = "teams"
    MAIL = "mail"
    BOTH = "both"
    DOUBTFUL = "doubtful"  # nobody knows whether Teams has shown it
    NOBODY = "nobody"  # there is neither a chat nor an address


class Notice(Base):
    """One person who is told of something, and by what: the columns of each table of such."""

    __abstract__ = True
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    told: Mapped[str] = mapped_column(default=Told.WAITING)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("teams_posts.id", ondelete="SET NULL"), index=True)
    outbound_id: Mapped[int | None] = mapped_column(ForeignKey("outbound_mails.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]


class Mention(Notice):
    """One person mentioned in one note."""

    __tablename__ = "mentions"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    replies: Mapped[int] = mapped_column(default=0)  # given on the card; an older card is told by it
    __table_args__ = (UniqueConstraint("message_id", "person_id"),)


def told_of(message_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[Any]:
    """For a query of messages: [[name, Told]] of everybody mentioned in each, in the order of their naming, or NULL.

    A mail that failed or came back has told nobody.
    """
    lost = or_(OutboundMail.bounces.contains([{"permanent": True}]), OutboundMail.state == Delivery.FAILED)
    without = case((Mention.told == Told.BOTH, Told.TEAMS.value), else_=Told.NOBODY.value)
    pair = func.jsonb_build_array(Person.name, case((lost, without), else_=Mention.told))
    return (
        select(func.jsonb_agg(aggregate_order_by(pair, Mention.id)))
        .join_from(Mention, Person, Person.id == Mention.person_id)
        .outerjoin(OutboundMail, OutboundMail.id == Mention.outbound_id)
        .where(Mention.message_id == message_id)
        .correlate_except(Mention, Person, OutboundMail)
        .scalar_subquery()
    )
