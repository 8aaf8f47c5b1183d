"""Text modules, and what a ticket has to fill them with."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, false, func, or_, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, aliased, joinedload, mapped_column

from backend import clock
from backend.auth import Who
from backend.db import Base, session
from backend.orders.models import Order
from backend.people.models import Customer, Person
from backend.tickets.models import Status, Ticket
from backend.visits.models import Visit, VisitKind, VisitState, visits_visible_to


class ModuleKind(StrEnum):
    """What a text module is for."""

    REPLY = "reply"
    NOTE = "note"
    NEW_TICKET = "new-ticket"
    TIME_ENTRY = "time-entry"
    FORWARD = "forward"
    FOLLOW_UP = "follow-up"


class TextModule(Base):
    """A prepared text: somebody's own, or (without an owner) everybody's."""

    __tablename__ = "text_modules"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default=ModuleKind.REPLY)
    language: Mapped[str] = mapped_column(default="")  # empty: fits any
    text: Mapped[str]
    category: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")  # further words it is found by
    shortcut: Mapped[str] = mapped_column(default="")  # ";gruss"; typed in a message it becomes the text
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]  # kept for a while, so that it can be taken back
    __table_args__ = (
        Index(
            "ix_text_modules_shortcut",
            func.coalesce(owner_id, 0),
            "shortcut",
            unique=True,
            postgresql_where=sql("shortcut <> '' and deleted_at is null"),
        ),
    )

    @property
    def shared(self) -> bool:
        """Whether everybody at the desk has it."""
        return self.owner_id is None


def text_modules_visible_to(who: Who, *, deleted: bool = False) -> Select[TextModule]:
    """The text modules `who` may use: the shared ones and the own; customers have none."""
    if not who.is_staff:
        return select(TextModule).where(false())
    mine = TextModule.owner_id == (who.person_id or 0)
    state = TextModule.deleted_at.is_not(None) if deleted else TextModule.deleted_at.is_(None)
    return select(TextModule).where(or_(TextModule.owner_id.is_(None), mine), state)


def holding(query: Select[Any], words: str) -> Select[Any]:
    """`query` of text modules, narrowed to those that hold every one of `words`."""
    anything = func.lower(
        func.concat_ws(" ", TextModule.name, TextModule.category, TextModule.words, TextModule.shortcut)
    )
    for word in words.lower().split()[:10]:
        query = query.where(anything.contains(word, autoescape=True))
    return query


def matching(query: Select[Any], words: str) -> Select[Any]:
    """The same, names that begin with `words` first."""
    query = holding(query, words)
    begins = func.lower(TextModule.name).startswith(words.strip().lower(), autoescape=True)
    return query.order_by(begins.desc()) if words.strip() else query


_contact, _technician = aliased(Person), aliased(Person)


def facts_of_ticket(ticket: Ticket) -> Any:
    """What fills placeholders for `ticket`, but for its visits: one row."""
    return session.execute(
        select(
            Ticket.number,
            Ticket.subject,
            Ticket.priority,
            Ticket.type,
            Ticket.category,
            Ticket.created_at,
            Status.key.label("status_key"),
            Status.name.label("status_name"),
            _contact,
            Customer,
            _technician.name.label("technician"),
            _technician.phone.label("technician_phone"),
            _technician.mail.label("technician_mail"),
            Order,
        )
        .join(Status, Status.id == Ticket.status_id)
        .outerjoin(_contact, _contact.id == Ticket.contact_id)
        .outerjoin(Customer, Customer.id == Ticket.customer_id)
        .outerjoin(_technician, _technician.id == Ticket.assignee_id)
        .outerjoin(Order, Order.id == Ticket.order_id)
        .where(Ticket.id == ticket.id)
    ).one()


def next_visit(who: Who, ticket: Ticket) -> Visit | None:
    """The next visit of `ticket` that is planned, as far as `who` may see it; with its technician."""
    return session.scalar(
        visits_visible_to(who)
        .options(joinedload(Visit.technician))
        .where(
            Visit.ticket_id == ticket.id,
            Visit.state == VisitState.PLANNED,
            Visit.kind != VisitKind.BLOCK,
            Visit.ends_at > clock.now(),
        )
        .order_by(Visit.starts_at, Visit.id)
        .limit(1)
    )
