"""What administrators do with statuses and root causes, and what happens to tickets by itself as time passes."""

from backend.statuses.actions.arranging import add_status, move_status, remove_status, rename_status
from backend.statuses.actions.causes import (
    add_causes,
    move_cause,
    put_cause,
    remove_cause,
    rename_cause,
    set_list,
    set_rule,
)
from backend.statuses.actions.meaning import change_kind, set_kind, set_tone
from backend.statuses.actions.waiting import close_unanswered, come_back

__all__ = [
    "add_causes",
    "add_status",
    "change_kind",
    "close_unanswered",
    "come_back",
    "move_cause",
    "move_status",
    "put_cause",
    "remove_cause",
    "remove_status",
    "rename_cause",
    "rename_status",
    "set_kind",
    "set_list",
    "set_rule",
    "set_tone",
]
