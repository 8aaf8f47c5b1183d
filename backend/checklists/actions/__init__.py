"""What can be done with checklists and their templates."""

from backend.checklists.actions.templates import put_template, remove_template
from backend.checklists.actions.ticking import (
    MAX_ITEMS,
    add_checklist,
    add_from_template,
    add_item,
    change_checklist,
    change_item,
    move_item,
    remove_checklist,
    remove_item,
    restore_checklist,
    tick,
)

__all__ = [
    "MAX_ITEMS",
    "add_checklist",
    "add_from_template",
    "add_item",
    "change_checklist",
    "change_item",
    "move_item",
    "put_template",
    "remove_checklist",
    "remove_item",
    "remove_template",
    "restore_checklist",
    "tick",
]
