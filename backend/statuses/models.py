"""Root causes: why something happened, chosen from the lists of a ticket's type and of the door it came by."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Select, exists, func, literal, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from backend.db import Base, session
from backend.tickets.models import Channel, Ticket, TicketType

MOST_OFFERED = 100  # of a ticket's lists, however many root causes stand on them
# What can have a list, as `RootCauseOffer.offered_for` says it: a type of ticket, or a door by which tickets come.
LISTS = (*(f"type:{one}" for one in TicketType), *(f"source:{one}" for one in Channel))


class CauseRule(StrEnum):
    """What a status says of root causes."""

    FREE = "free"
    REQUIRED = "required"
    FORBIDDEN = "forbidden"


class RootCause(Base):
    """One root cause of the installation."""

    __tablename__ = "root_causes"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    position: Mapped[int]


class RootCauseOffer(Base):
    """A root cause stands on a list. A list on which nothing stands is none: such tickets do not have the field."""

    __tablename__ = "root_cause_offers"
    offered_for: Mapped[str] = mapped_column(primary_key=True)  # one of LISTS
    cause_id: Mapped[int] = mapped_column(
        ForeignKey("root_causes.id", ondelete="CASCADE"), primary_key=True, index=True
    )


def root_causes() -> list[RootCause]:
    """All root causes in their order."""
    return list(session.scalars(select(RootCause).order_by(RootCause.position, RootCause.id)))


def _on_lists(lists: Iterable[str]) -> Select[Any]:
    there = select(RootCauseOffer.cause_id).where(RootCauseOffer.offered_for.in_(list(lists)))
    return select(RootCause).where(RootCause.id.in_(there)).order_by(RootCause.position, RootCause.id)


def offered_causes(type_: str, source: str) -> list[RootCause]:
    """The root causes a ticket of that type from that door can be given: those on the list of its type and those on
    the list of its source together, the first hundred of them."""
    return list(session.scalars(_on_lists((f"type:{type_}", f"source:{source}")).limit(MOST_OFFERED)))


def causes_on(offered_for: str) -> list[RootCause]:
    """The root causes on one list, in their order."""
    return list(session.scalars(_on_lists([offered_for])))


def has_causes() -> ColumnElement[bool]:
    """Of a query of `Ticket`: whether root causes are offered for it, so that it has the field."""
    lists = (func.concat("type:", Ticket.type), func.concat("source:", Ticket.source))
    found: ColumnElement[bool] = exists(
        select(literal(1)).where(RootCauseOffer.offered_for.in_(lists)).correlate(Ticket)
    )
    return found
