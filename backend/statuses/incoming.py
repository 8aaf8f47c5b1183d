"""Jobs that look at the clock."""

from backend.jobs import job
from backend.statuses import actions


@job("statuses.come_back")
def come_back() -> None:
    """Has pending tickets come back whose date has come."""
    actions.come_back()


@job("statuses.close_unanswered")
def close_unanswered() -> None:
    """Closes tickets that nobody has answered for as long as the setting says."""
    actions.close_unanswered()
