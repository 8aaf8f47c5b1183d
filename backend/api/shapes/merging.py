"""Merging and deleting tickets."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from backend.api.shapes.values import Shape


class MergeIn(Shape):
    """Into which ticket."""

    into: Annotated[int, Field(ge=1, le=2**31 - 1)]
    """Its number."""
    confirmed: bool = False
    """Needed where the tickets belong to different customers."""


class DeleteQuery(Shape):
    """How a ticket is deleted."""

    unbilled: bool = False
    """Needed where work on it is still to be billed, which is lost with it."""


class DeletedOut(Shape):
    """What is left of a deleted ticket."""

    number: int
    deleted_with: int
    """The number of the ticket it was merged into and deleted with; its own otherwise."""
    deleted_by: str
    deleted_at: datetime
    restorable: bool
    """Whether it can still be brought back."""
