"""Who has a ticket before their eyes right now, and who is writing on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from backend.auth import Who
from backend.db import Base, session
from backend.people.models import Person
from backend.tickets.models import Ticket, visible

LIVE = timedelta(seconds=30)  # so long after its last sign of life a page counts
KEPT = timedelta(minutes=10)
PLACES = 4  # shown beside the own one; the others stand in a menu


class Presence(Base):
    """One open page of one ticket. The pane and the desk are two of them: who closes one is still there by the other.

    Worth nothing after a crash, so not written to the log of the database.
    """

    __tablename__ = "presences"
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    page: Mapped[str] = mapped_column(primary_key=True)  # a word by which the page knows itself
    composing: Mapped[str] = mapped_column(default="")  # reply or note, while one is being typed
    seen_at: Mapped[datetime]
    __table_args__ = {"prefixes": ["UNLOGGED"]}


@dataclass(frozen=True)
class Watcher:
    """One person on one ticket, by whatever pages."""

    person_id: int
    name: str
    composing: str
    until: datetime  # gone then, unless another sign of life comes


def _watchers(rows: Iterable[Any]) -> list[Watcher]:
    """One for each person: those who write first, then by name, so that nobody changes place with each sign of life."""
    found: dict[int, Watcher] = {}
    for row in rows:
        known, until = found.get(row.person_id), row.seen_at + LIVE
        composing = (known.composing if known else "") or row.composing
        until = max(until, known.until) if known else until
        found[row.person_id] = Watcher(row.person_id, row.name, composing, until)
    return sorted(found.values(), key=lambda one: (not one.composing, one.name.casefold(), one.person_id))


_ROWS = select(
    Presence.ticket_id, Presence.person_id, Presence.page, Presence.composing, Presence.seen_at, Person.name
).join(Person, Person.id == Presence.person_id)


def pages_on(ticket_id: int, now: datetime) -> list[Any]:
    """The open pages of the ticket, as rows."""
    return list(session.execute(_ROWS.where(Presence.ticket_id == ticket_id, Presence.seen_at > now - LIVE)))


def others_in(pages: Iterable[Any], person_id: int | None) -> list[Watcher]:
    """The people behind `pages`, without that person."""
    return _watchers(row for row in pages if row.person_id != person_id)


def watched(who: Who, now: datetime) -> dict[int, list[Watcher]]:
    """By number of ticket the others who are on it, of all tickets `who` may see."""
    query = _ROWS.add_columns(Ticket.number).join(Ticket, Ticket.id == Presence.ticket_id)
    by_ticket: dict[int, list[Any]] = {}
    others = Presence.person_id != (who.person_id or 0)
    for row in session.execute(query.where(visible(who), others, Presence.seen_at > now - LIVE)):
        by_ticket.setdefault(row.number, []).append(row)
    return {number: _watchers(rows) for number, rows in by_ticket.items()}
