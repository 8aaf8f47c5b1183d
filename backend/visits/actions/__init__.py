"""What can be done with visits. Every verb checks its rule, changes rows, and records the Activity."""

from backend.visits.actions.planning import cancel, decline, move, schedule, try_again
from backend.visits.actions.restoring import restore
from backend.visits.actions.telling import tellable

__all__ = ["cancel", "decline", "move", "restore", "schedule", "tellable", "try_again"]
