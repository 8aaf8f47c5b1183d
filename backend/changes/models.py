"""What was changed of a customer's contract or a contact, found again by what it is about."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, bindparam, literal_column, select

from backend.db import session
from backend.tickets.models import Activity

VERB = "changed"
SHOWN = 50
# Written as in the index `ix_activities_about`.
_OF = literal_column("activities.data ->> 'about'", Text) == bindparam("about")


def about(thing: Any) -> str:
    """The word under which the log keeps what happened to a row that is no ticket: "contracts:7"."""
    return f"{thing.__tablename__}:{thing.id}"


def changes_of(thing: Any) -> Sequence[Any]:
    """The newest changes of `thing`: who, when, what, from what, to what."""
    query = (
        select(Activity.actor_name, Activity.at, Activity.data, Activity.before, Activity.after)
        .where(Activity.verb == VERB, _OF)
        .order_by(Activity.id.desc())
        .limit(SHOWN)
    )
    return session.execute(query, {"about": about(thing)}).all()
