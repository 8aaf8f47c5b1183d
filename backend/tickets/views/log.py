"""The activity tab: what happened to a ticket, and to those merged into it."""

from typing import Any

from sqlalchemy import or_, select

from backend.auth import Who
from backend.db import session
from backend.tickets import words
from backend.tickets.conversation import CHANGES
from backend.tickets.models import Activity, Ticket, told_to

LOGGED = 500
EARLIER = ("message_edited", "message_deleted", "reply_taken_back")  # verbs whose log keeps what was said


def log_of(facts: Any, who: Who, before: int = 0) -> tuple[list[dict[str, Any]], int]:
    """What happened to the ticket, and to those that are merged into it: these with their number; newest first.

    `before`: only what happened before the event with that id. The number beside it is where to go on; 0 at the
    beginning.
    """
    query = (
        select(Activity)
        .with_only_columns(
            Activity.id,
            Activity.verb,
            Activity.actor_name,
            Activity.before,
            Activity.after,
            Activity.data,
            Activity.at,
            Ticket.number,
        )
        .join(Ticket, Ticket.id == Activity.ticket_id)
        .where(told_to(who))
        .order_by(Activity.id.desc())
        .limit(LOGGED + 1)
    )
    if before:
        query = query.where(Activity.id < before)
    if facts.merged:
        found = list(session.execute(query.where(or_(Ticket.id == facts.id, Ticket.merged_into_id == facts.id))))
    else:
        found = list(session.execute(query.where(Activity.ticket_id == facts.id)))
    rows = found[:LOGGED]
    log = [
        {
            "number": row.number if row.number != facts.number else 0,
            "actor": row.actor_name,
            "at": row.at,
            "happened": "" if row.verb in CHANGES else words.happened(row.verb, row.data, row.before, row.after),
            "earlier": row.before if row.verb in EARLIER else "",
            "to": row.after if row.verb == "chat_handed_over" else "",
            "name": words.property_name(row.verb),
            "before": words.value_name(row.verb, row.before),
            "after": words.value_name(row.verb, row.after),
        }
        for row in rows
    ]
    return log, rows[-1].id if len(found) > LOGGED else 0
