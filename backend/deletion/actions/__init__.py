"""Deleting tickets, bringing them back, and destroying them for good."""

from backend.deletion.actions.contents import forget
from backend.deletion.actions.deleting import delete, empty_old, restore

__all__ = ["delete", "empty_old", "forget", "restore"]
