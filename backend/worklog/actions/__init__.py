"""What can be done with worked time, with items, and with the timers."""

from backend.worklog.actions.entries import (
    change_time,
    currency_under,
    note_time,
    remove_time,
    restore_time,
    ticket_first,
)
from backend.worklog.actions.items import add_item, change_item, remove_item, restore_item
from backend.worklog.actions.saving import save_hidden, save_timer, take_back
from backend.worklog.actions.timers import (
    alone,
    answer_gap,
    be_active,
    clock_now,
    counted_on,
    discard,
    discard_short,
    leave,
    own_timer,
    pause,
    reopen,
    resume,
    start,
    topic,
)

__all__ = [
    "add_item",
    "alone",
    "answer_gap",
    "be_active",
    "change_item",
    "change_time",
    "clock_now",
    "counted_on",
    "currency_under",
    "discard",
    "discard_short",
    "leave",
    "note_time",
    "own_timer",
    "pause",
    "remove_item",
    "remove_time",
    "reopen",
    "restore_item",
    "restore_time",
    "resume",
    "save_hidden",
    "save_timer",
    "start",
    "take_back",
    "ticket_first",
    "topic",
]
