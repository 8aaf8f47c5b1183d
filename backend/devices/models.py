"""Devices of contacts, and the links by which a technician connects to one."""

from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Select, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from backend.auth import Who
from backend.db import Base, session
from backend.people.models import Person, contacts_visible_to


class Device(Base):
    """Something a contact works with; `remote_id`: by what the tool for remote control knows it (id or address)."""

    __tablename__ = "devices"
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="")
    serial: Mapped[str] = mapped_column(default="")
    remote_id: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)  # counts its changes: who changes an older one is told
    removed: Mapped[bool] = mapped_column(default=False)


class ConnectLink(Base):
    """A tool for remote control: its name, and the address that opens it for a device."""

    __tablename__ = "connect_links"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]


def any_of(contact_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether the contact has devices, as a column of another query."""
    return exists().where(Device.contact_id == contact_id, ~Device.removed)


def devices_visible_to(who: Who, *, removed: bool = False) -> Select[Device]:
    """The devices `who` may see: staff all, a contact the own ones; `removed`: those that were taken off instead."""
    query = select(Device).where(Device.removed if removed else ~Device.removed)
    if who.is_staff:
        return query
    return query.where(Device.contact_id.in_(contacts_visible_to(who).with_only_columns(Person.id)))


def devices_of(who: Who, contact_id: int) -> list[Device]:
    """The devices of that contact by name."""
    query = devices_visible_to(who).where(Device.contact_id == contact_id)
    return list(session.scalars(query.order_by(func.lower(Device.name), Device.id)))


def connect_links() -> list[ConnectLink]:
    """The tools for remote control by name."""
    return list(session.scalars(select(ConnectLink).order_by(func.lower(ConnectLink.name))))
