"""What was changed of a customer's contract or a contact, found again by what it is about."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, literal_column, select

from backend.db import session
from backend.tickets.models import Activity

VERB = "changed"
SHOWN = 50
_ABOUT = literal_column("activities.data ->> 'about'", Text)  # written as in its index


def about(thing: Any) -> str:
    """The word under which the log keeps what happened to a row that is no ticket: "contracts:7"."""
    return f"{thing.__tablename__}:{thing.id}"


def changes_of(thing: Any) -> Sequence[Any]:
    """The newest changes of `thing`: who, when, what, from what, to what."""
    return session.execute(
        select(Activity.actor_name, Activity.at, Activity.data, Activity.before, Activity.after)
        .where(Activity.verb == VERB, about(thing) == _ABOUT)
        .order_by(Activity.id.desc())
        .limit(SHOWN)
    ).all()
