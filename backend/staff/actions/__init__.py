"""What can be done with teams and groups, and how those who are given a ticket hear of it."""

from backend.staff.actions.grouping import create, delete, put_in, rename, take_out
from backend.staff.actions.telling import doubtful, not_told, overdue, tell, told

__all__ = ["create", "delete", "doubtful", "not_told", "overdue", "put_in", "rename", "take_out", "tell", "told"]
