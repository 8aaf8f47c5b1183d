"""Merging tickets, and taking it back."""

from backend.merging.actions.merging import merge, merge_many
from backend.merging.actions.undoing import undo

__all__ = ["merge", "merge_many", "undo"]
