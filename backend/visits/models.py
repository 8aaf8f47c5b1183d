"""Visits: who is when at whose place, what stands in the technicians' calendars, and when they are busy otherwise."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, ForeignKey, Index, Select, and_, false, or_, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, aliased, joinedload, mapped_column, relationship
from sqlalchemy.sql.elements import ColumnElement

from backend.auth import Who
from backend.db import Base, session
from backend.people.models import Person
from backend.tickets.models import Ticket, visible


class VisitKind(StrEnum):
    """What sort of appointment it is."""

    ON_SITE = "on-site"
    REMOTE = "remote"
    BLOCK = "block"  # time kept free, with or without a ticket; customers hear nothing of it


class VisitState(StrEnum):
    """Whether it takes place."""

    PLANNED = "planned"
    DECLINED = "declined"  # the technician cannot; somebody else has to be found
    CANCELLED = "cancelled"


class Published(StrEnum):
    """How far the technician's calendar is."""

    WAITING = "waiting"
    PUBLISHED = "published"
    FAILED = "failed"


class Response(StrEnum):
    """What the customer's program answered to the invitation; empty: nothing yet."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"


class Visit(Base):
    """One technician's appointment for a ticket, or a block of their time.

    `start` and `end` are wall times in `timezone` and are what was agreed; `starts_at` and `ends_at` are the same in
    UTC, for comparing and ordering.
    """

    __tablename__ = "visits"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid.uuid4()))  # in invitations, stays for good
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    technician_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str]
    start: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    end: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    timezone: Mapped[str]  # IANA
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")  # for us
    customer_note: Mapped[str] = mapped_column(default="")  # for the customer, in the invitation
    state: Mapped[str] = mapped_column(default=VisitState.PLANNED)
    published: Mapped[str] = mapped_column(default=Published.WAITING)
    error: Mapped[str] = mapped_column(default="")  # why it is not in the calendar, marked for translation
    sequence: Mapped[int] = mapped_column(default=0)  # of the last invitation (RFC 5545, 3.8.7.4)
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what the customer was told last; empty: nothing
    told_at: Mapped[datetime | None]
    customer_response: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ticket: Mapped[Ticket | None] = relationship(lazy="raise")
    technician: Mapped[Person] = relationship(lazy="raise")
    __table_args__ = (
        Index(None, "technician_id", "starts_at"),
        Index(None, "ticket_id", "starts_at"),
        Index(None, "starts_at", "id"),
    )


class VisitEvent(Base):
    """An event of ours in somebody's calendar: wanted there for a visit, or left to be taken away.

    `key` is known before the event is made: Microsoft makes one event only of it, and finds it by it.
    """

    __tablename__ = "visit_events"
    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    mailbox: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid.uuid4()))
    wanted: Mapped[bool] = mapped_column(default=True)
    event_id: Mapped[str | None]
    ical_uid: Mapped[str] = mapped_column(default="")
    change_key: Mapped[str] = mapped_column(default="")
    seen: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what stood there when we last wrote or read it
    missing_since: Mapped[datetime | None]
    gone: Mapped[bool] = mapped_column(default=False)  # taken away, by us or by somebody in Outlook
    __table_args__ = (
        Index(None, "mailbox", "event_id", unique=True),
        Index("ix_visit_events_wanted", "visit_id", unique=True, postgresql_where=sql("wanted")),
    )


class CalendarWatch(Base):
    """A technician's calendar that we follow, with Microsoft's promise to tell of changes."""

    __tablename__ = "calendar_watches"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    mailbox: Mapped[str]
    subscription_id: Mapped[str] = mapped_column(default="", index=True)
    expires_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    busy_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")


class BusyBlock(Base):
    """A stretch of a technician's time that is taken by something else; what it is is never asked for."""

    __tablename__ = "busy_blocks"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    status: Mapped[str]  # busy, tentative, oof (away), workingElsewhere
    __table_args__ = (Index(None, "person_id", "starts_at"),)


def visits_visible_to(who: Who) -> Select[Visit]:
    """The visits `who` may see, with ticket (its customer and contact) and technician loaded.

    Staff see all that `visits.read` gives them; customers the ones of their tickets, blocks left out.
    """
    query = (
        select(Visit)
        .outerjoin(Ticket, Ticket.id == Visit.ticket_id)
        .options(
            joinedload(Visit.ticket).options(joinedload(Ticket.customer), joinedload(Ticket.contact)),
            joinedload(Visit.technician),
        )
    )
    return query.where(_may_see(who))


def _may_see(who: Who) -> ColumnElement[bool]:
    if who.is_staff:
        return or_(Visit.ticket_id.is_(None), visible(who)) if who.may("visits.read") else false()
    return and_(Visit.ticket_id.is_not(None), visible(who), Visit.kind != VisitKind.BLOCK)


def visits_between(who: Who, starts_at: datetime, ends_at: datetime) -> list[Visit]:
    """What is planned and touches that stretch of time (aware datetimes), by technician and time; for the board."""
    query = visits_visible_to(who).where(
        Visit.starts_at < ends_at, Visit.ends_at > starts_at, Visit.state == VisitState.PLANNED
    )
    return list(session.scalars(query.order_by(Visit.technician_id, Visit.starts_at, Visit.id)))


def busy_between(starts_at: datetime, ends_at: datetime) -> list[BusyBlock]:
    """When somebody is taken otherwise in that stretch of time, by technician and time."""
    query = select(BusyBlock).where(BusyBlock.starts_at < ends_at, BusyBlock.ends_at > starts_at)
    return list(session.scalars(query.order_by(BusyBlock.person_id, BusyBlock.starts_at)))


def clashes(visit: Visit) -> tuple[list[Visit], list[BusyBlock]]:
    """What else the technician has planned, and is taken by, while `visit` lasts. A warning, never a wall."""
    other = aliased(Visit)
    visits = session.scalars(
        select(other)
        .where(
            other.technician_id == visit.technician_id,
            other.id != (visit.id or 0),
            other.state == VisitState.PLANNED,
            other.starts_at < visit.ends_at,
            other.ends_at > visit.starts_at,
        )
        .options(joinedload(other.ticket).joinedload(Ticket.customer))
        .order_by(other.starts_at)
    )
    busy = session.scalars(
        select(BusyBlock)
        .where(
            BusyBlock.person_id == visit.technician_id,
            BusyBlock.starts_at < visit.ends_at,
            BusyBlock.ends_at > visit.starts_at,
        )
        .order_by(BusyBlock.starts_at)
    )
    return list(visits), list(busy)


def wanted_event(visit: Visit) -> VisitEvent | None:
    """The event that stands, or shall stand, in the technician's calendar for `visit`."""
    return session.scalar(select(VisitEvent).where(VisitEvent.visit_id == visit.id, VisitEvent.wanted))


def current_events(person_id: int, since: datetime) -> list[VisitEvent]:
    """The events in a technician's calendar that are compared: wanted, made, of visits that end after `since`."""
    query = (
        select(VisitEvent)
        .join(Visit, Visit.id == VisitEvent.visit_id)
        .where(
            VisitEvent.person_id == person_id,
            VisitEvent.wanted,
            VisitEvent.event_id.is_not(None),
            Visit.ends_at > since,
        )
    )
    return list(session.scalars(query))


def followed(since: datetime) -> Select[Person]:
    """The technicians whose calendars are followed: active staff who can be sent, or who have visits to come."""
    coming = select(Visit.technician_id).where(Visit.ends_at > since, Visit.state == VisitState.PLANNED)
    return (
        select(Person)
        .where(
            sql("people.roles <> '{}'"),
            Person.active,
            Person.mail.is_not(None),
            or_(Person.roles.overlap(["technician"]), Person.id.in_(coming)),
        )
        .order_by(Person.id)
    )
