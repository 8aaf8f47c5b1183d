"""The log of what is no ticket: who changed what, from what to what. Written once, never changed."""

from typing import Any

from backend import clock
from backend.auth import Who
from backend.changes.models import VERB, about
from backend.db import session
from backend.tickets.models import Activity


def write_down(actor: Who, verb: str, before: str, after: str, **data: Any) -> None:
    """An entry on no ticket: `actor` did `verb`, which `data` tells more of."""
    session.add(
        Activity(
            ticket_id=None,
            verb=verb,
            actor_id=actor.person_id,
            actor_name=actor.name,
            before=before,
            after=after,
            data=data,
            at=clock.now(),
        )
    )


def note_change(actor: Who, thing: Any, what: str, *, before: str, after: str) -> None:
    """Writes down that `actor` changed `what` of `thing`, a row with an id. The same before and after is no change."""
    if before != after:
        write_down(actor, VERB, before, after, about=about(thing), what=what)
