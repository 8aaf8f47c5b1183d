"""Jobs that look at the clock, and one for what would take a request too long."""

from backend.db import session
from backend.jobs import job
from backend.people.models import Person
from backend.statuses import actions


@job("statuses.come_back")
def come_back() -> None:
    """Has pending tickets come back whose date has come."""
    actions.come_back()


@job("statuses.close_unanswered")
def close_unanswered() -> None:
    """Closes tickets that nobody has answered for as long as the setting says."""
    actions.close_unanswered()


@job("statuses.change_kind")
def change_kind(key: str, kind: str, person_id: int) -> None:
    """Has a status mean something else that very many tickets have."""
    actions.change_kind(session.get_one(Person, person_id).who(), key, kind)
