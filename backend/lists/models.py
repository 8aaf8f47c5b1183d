"""Lists that somebody wants to see again, and how each person likes theirs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import Mapped, mapped_column

from backend.auth import Who
from backend.db import Base, session

MOST_VIEWS = 50  # of one person


class SavedView(Base):
    """One list under a name: the filters of its address, and its columns. A shared one is in everybody's menu."""

    __tablename__ = "saved_views"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    query: Mapped[str]
    columns: Mapped[list[str]] = mapped_column(default=list)
    shared: Mapped[bool] = mapped_column(default=False, index=True)
    created_at: Mapped[datetime]


class ListChoice(Base):
    """Which columns a person wants in lists of tickets, and in which order the tickets stand."""

    __tablename__ = "list_choices"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    columns: Mapped[list[str]] = mapped_column(default=list)
    sort: Mapped[str] = mapped_column(default="")


def views_of(person_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """For another query: the views in the menu of that person as a list of objects, the own ones first."""
    one = func.jsonb_build_object(
        "id", SavedView.id, "name", SavedView.name, "query", SavedView.query, "columns", SavedView.columns,
        "shared", SavedView.shared, "own", SavedView.owner_id == person_id,
    )  # fmt: skip
    order = ((SavedView.owner_id == person_id).desc(), func.lower(SavedView.name), SavedView.id)
    listed = func.jsonb_agg(aggregate_order_by(one, *order), type_=JSONB)
    return select(listed).where(or_(SavedView.owner_id == person_id, SavedView.shared)).scalar_subquery()


def choice_of(person_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """For another query: what that person has chosen, as an object, or NULL."""
    chosen = func.jsonb_build_object("columns", ListChoice.columns, "sort", ListChoice.sort, type_=JSONB)
    return select(chosen).where(ListChoice.person_id == person_id).scalar_subquery()


def view_for(who: Who, view_id: int) -> SavedView | None:
    """The saved view, if it is in the menu of `who`."""
    mine = or_(SavedView.owner_id == (who.person_id or 0), SavedView.shared)
    return session.scalar(select(SavedView).where(SavedView.id == view_id, mine)) if who.is_staff else None
