"""What can be done with visits. Every verb checks its rule, changes rows, and records the Activity."""

from backend.visits.actions.planning import cancel, decline, move, restore, schedule, try_again
from backend.visits.actions.telling import answered, tell_customer, tellable

__all__ = ["answered", "cancel", "decline", "move", "restore", "schedule", "tell_customer", "tellable", "try_again"]
