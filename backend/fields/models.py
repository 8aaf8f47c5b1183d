"""Fields of the installation's own on tickets, and which fields customers may see or change.

Values stand in `tickets.fields` under the field's key. A field that is removed is not shown any more; what tickets hold
in it stays, and comes back with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import Mapped, mapped_column

from backend.auth import Who
from backend.db import Base, session


class FieldKind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes-no"


class Customers(StrEnum):
    """What customers may do with a field."""

    EDITABLE = "editable"
    VIEW = "view"  # of built-in fields alone
    HIDDEN = "hidden"


BUILT_IN = ("status", "priority", "impact", "type", "product_family")


class CustomField(Base):
    """A field that administrators have added; `types`: of which tickets, none named means all."""

    __tablename__ = "custom_fields"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    options: Mapped[list[str]] = mapped_column(default=list)
    types: Mapped[list[str]] = mapped_column(default=list)
    position: Mapped[int]
    customers: Mapped[str] = mapped_column(default=Customers.HIDDEN)
    needed: Mapped[bool] = mapped_column(default=False)  # when a ticket is opened by hand or by another system
    removed: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)  # counts its changes: who changes an older one is told


@dataclass(frozen=True)
class Definition:
    """A field in force, as pages and verbs want it."""

    key: str
    name: str
    kind: str
    options: tuple[str, ...]
    types: tuple[str, ...]
    customers: str
    needed: bool

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Its options as a form offers them."""
        return [(option, option) for option in self.options]

    def belongs_to(self, ticket_type: str) -> bool:
        """Whether tickets of that type have it."""
        return not self.types or ticket_type in self.types


_WANTED = ("key", "name", "kind", "options", "types", "customers", "needed")
# All fields in force as one value, to be a column of another query or a query of its own.
DEFINED: ColumnElement[Any] = (
    select(
        func.coalesce(
            func.jsonb_agg(
                aggregate_order_by(
                    func.jsonb_build_object(*(part for name in _WANTED for part in (name, getattr(CustomField, name)))),
                    CustomField.position,
                    CustomField.id,
                )
            ),
            literal([], JSONB),
        )
    )
    .where(~CustomField.removed)
    .scalar_subquery()
)


def for_person(rows: Iterable[dict[str, Any]], who: Who) -> list[Definition]:
    """What DEFINED gave, narrowed to the fields `who` may see."""
    found = [Definition(**{**row, "options": tuple(row["options"]), "types": tuple(row["types"])}) for row in rows]
    return found if who.is_staff else [each for each in found if each.customers == Customers.EDITABLE]


def definitions(who: Who) -> list[Definition]:
    """The fields in force that `who` may see, in their order."""
    return for_person(session.scalar(select(DEFINED)) or [], who)


def keys_for(who: Who) -> ColumnElement[Any]:
    """The keys of those fields, as a column of another query."""
    query = select(func.array_agg(CustomField.key)).where(~CustomField.removed)
    if not who.is_staff:
        query = query.where(CustomField.customers == Customers.EDITABLE)
    return query.scalar_subquery()


def all_fields() -> list[CustomField]:
    """Every field in its order, removed ones too."""
    return list(session.scalars(select(CustomField).order_by(CustomField.position, CustomField.id)))
