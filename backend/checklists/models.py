"""Checklists of tickets, and the templates they are made of."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from backend.auth import Who
from backend.db import Base, session
from backend.tickets.models import Ticket, visible


class ChecklistTemplate(Base):
    """What a checklist begins with; lists on tickets are copies and stay as they are when it changes."""

    __tablename__ = "checklist_templates"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    in_order: Mapped[bool]
    items: Mapped[list[str]]
    version: Mapped[int] = mapped_column(default=1)  # counts its changes: who changes an older one is told


class Checklist(Base):
    """A list of things to be done on a ticket."""

    __tablename__ = "checklists"
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    in_order: Mapped[bool] = mapped_column(default=False)  # an item can be ticked only after those before it
    removed_at: Mapped[datetime | None]


class ChecklistItem(Base):
    """One thing to be done; `done_by` is the name of whoever ticked it."""

    __tablename__ = "checklist_items"
    id: Mapped[int] = mapped_column(primary_key=True)
    checklist_id: Mapped[int] = mapped_column(ForeignKey("checklists.id", ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str] = mapped_column(default="")
    __table_args__ = (Index(None, "checklist_id", "position"),)


@dataclass(frozen=True)
class Shown:
    """A checklist with its items, as every door shows it."""

    id: int
    name: str
    in_order: bool
    items: tuple[ChecklistItem, ...]

    @property
    def done(self) -> int:
        """How many items are ticked."""
        return sum(item.done_at is not None for item in self.items)

    @property
    def next(self) -> int:
        """The id of the item whose turn it is; 0 when all are ticked."""
        return next((item.id for item in self.items if item.done_at is None), 0)


def any_of(ticket_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether the ticket has checklists, as a column of another query."""
    return exists().where(Checklist.ticket_id == ticket_id, Checklist.removed_at.is_(None))


def checklists_of(ticket_id: int) -> list[Shown]:
    """The checklists of a ticket that the caller may see, in the order they were added."""
    rows = session.execute(
        select(Checklist.id, Checklist.name, Checklist.in_order, ChecklistItem)
        .outerjoin(ChecklistItem, ChecklistItem.checklist_id == Checklist.id)
        .where(Checklist.ticket_id == ticket_id, Checklist.removed_at.is_(None))
        .order_by(Checklist.id, ChecklistItem.position, ChecklistItem.id)
        .execution_options(populate_existing=True)
    )
    heads: dict[int, tuple[str, bool]] = {}
    items: dict[int, list[ChecklistItem]] = {}
    for row in rows:
        heads[row.id] = (row.name, row.in_order)
        items.setdefault(row.id, []).extend([row.ChecklistItem] if row.ChecklistItem is not None else [])
    return [Shown(key, *head, items=tuple(items[key])) for key, head in heads.items()]


def progress(lists: list[Shown]) -> tuple[int, int]:
    """(items ticked, items) of all these lists together."""
    return sum(each.done for each in lists), sum(len(each.items) for each in lists)


def open_items(ticket_id: int) -> int:
    """How many items of a ticket's checklists are not ticked."""
    query = (
        select(func.count())
        .select_from(ChecklistItem)
        .join(Checklist, Checklist.id == ChecklistItem.checklist_id)
        .where(Checklist.ticket_id == ticket_id, Checklist.removed_at.is_(None), ChecklistItem.done_at.is_(None))
    )
    return session.scalar(query) or 0


def checklists_visible_to(who: Who) -> Select[Checklist]:
    """The checklists `who` may see, removed ones too: they are for staff, customers have none."""
    query = select(Checklist).join(Ticket, Ticket.id == Checklist.ticket_id).where(visible(who))
    return query if who.is_staff else query.where(Checklist.id.is_(None))


def templates() -> list[ChecklistTemplate]:
    """All templates by name."""
    return list(session.scalars(select(ChecklistTemplate).order_by(func.lower(ChecklistTemplate.name))))
