"""What can be done with mentions, and how technicians are told of whatever concerns them."""

from backend.mentions.actions.mentioning import (
    VERBS,
    doubtful,
    mention,
    not_told,
    overdue,
    pressed,
    staff_by_address,
    told,
)

__all__ = ["VERBS", "doubtful", "mention", "not_told", "overdue", "pressed", "staff_by_address", "told"]
