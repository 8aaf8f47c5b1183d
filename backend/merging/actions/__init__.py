"""Merging tickets, and taking it back."""

from backend.merging.actions.merging import merge
from backend.merging.actions.undoing import undo

__all__ = ["merge", "undo"]
