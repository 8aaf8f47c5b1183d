"""The activity log: who did what, when, from what to what. Written once, never changed."""

from typing import Any

from backend import clock, live
from backend.auth import Who
from backend.db import session
from backend.tickets.models import Activity, Ticket


def record(ticket: Ticket, actor: Who, verb: str, *, before: str = "", after: str = "", **data: Any) -> Activity:
    """Writes down that `actor` did `verb` on `ticket`, and tells every open page that shows it."""
    activity = Activity(
        ticket_id=ticket.id,
        verb=verb,
        actor_id=actor.person_id,
        actor_name=actor.name,
        before=before,
        after=after,
        data=data,
        at=clock.now(),
    )
    session.add(activity)
    live.tell(f"ticket:{ticket.id}", "tickets")
    for relative in (ticket.parent_id, ticket.problem_id):
        if relative:
            live.tell(f"ticket:{relative}")  # it lists this one
    if ticket.customer_id:
        live.tell(f"customer:{ticket.customer_id}")
    return activity
