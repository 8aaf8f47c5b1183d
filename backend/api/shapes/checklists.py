"""Checklists of tickets."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from pydantic.config import ConfigDict

from backend.api.shapes.values import LongLine, Name, Shape, without_defaults

ItemText = Annotated[LongLine, Field(max_length=500)]


class ChecklistItemOut(Shape):
    """One thing to be done."""

    id: int
    text: str
    done: bool
    done_by: str
    """Who ticked it."""
    done_at: datetime | None


class ChecklistOut(Shape):
    """A checklist of a ticket."""

    id: int
    name: str
    in_order: bool
    """An item can be ticked only after those before it."""
    items: list[ChecklistItemOut]


class ChecklistIn(Shape):
    """A new checklist of a ticket."""

    name: Name
    """Its name; with `from_template` the name of the template it is a copy of."""
    from_template: bool = False
    in_order: bool = False
    """An item can be ticked only after those before it; a template says so itself."""
    items: Annotated[list[ItemText], Field(max_length=200)] = []
    """The items of a list without a template."""


class ChecklistItemIn(Shape):
    """One more thing to be done, at the end of the list."""

    text: ItemText


class ChecklistItemPatch(Shape):
    """What is to be changed of an item; everything else stays."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    text: ItemText = ""
    done: bool = False
    """true ticks the item, false takes the tick off."""
