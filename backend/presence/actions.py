"""Coming to a ticket, writing on it, and leaving it. Told to other pages only when somebody would see a difference."""

from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from backend import clock, live
from backend.db import session
from backend.presence.models import KEPT, Presence, pages_on


def _tell(ticket_id: int) -> None:
    live.tell(f"presence:{ticket_id}", "presences")


def _composing(pages: list[Any]) -> str:
    return next((page.composing for page in pages if page.composing), "")


def beat(ticket_id: int, person_id: int, page: str, composing: str) -> list[Any]:
    """A sign of life of a page; returns the pages that are open on the ticket, this one left out.

    Told when the person has appeared, or begins or ends to write.
    """
    now = clock.now()
    pages = pages_on(ticket_id, now)
    own = [one for one in pages if one.person_id == person_id]
    rest = [one for one in own if one.page != page]
    row = {"ticket_id": ticket_id, "person_id": person_id, "page": page, "composing": composing, "seen_at": now}
    written = insert(Presence).values(row)
    session.execute(
        written.on_conflict_do_update(
            index_elements=[Presence.ticket_id, Presence.person_id, Presence.page],
            set_={"composing": written.excluded.composing, "seen_at": written.excluded.seen_at},
        )
    )
    if not own or _composing(own) != (_composing(rest) or composing):
        _tell(ticket_id)
    return [one for one in pages if (one.person_id, one.page) != (person_id, page)]


def leave(ticket_id: int, person_id: int, page: str) -> None:
    """The page was closed, or shows something else; told when the person has no other one on the ticket."""
    pages = [one for one in pages_on(ticket_id, clock.now()) if one.person_id == person_id]
    session.execute(
        delete(Presence).where(Presence.ticket_id == ticket_id, Presence.person_id == person_id, Presence.page == page)
    )
    rest = [one for one in pages if one.page != page]
    if pages and (not rest or _composing(pages) != _composing(rest)):
        _tell(ticket_id)


def forget_gone() -> None:
    """Forgets pages that have been silent for long."""
    session.execute(delete(Presence).where(Presence.seen_at < clock.now() - KEPT))
