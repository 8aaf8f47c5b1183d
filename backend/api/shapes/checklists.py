"""Checklists of tickets."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, model_validator
from pydantic.config import ConfigDict

from backend.api.sentences import wrong
from backend.api.shapes.values import LongLine, Name, Shape, without_defaults
from backend.i18n import _

ItemText = Annotated[LongLine, Field(max_length=500)]


class ItemOut(Shape):
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
    items: list[ItemOut]


class ChecklistIn(Shape):
    """A new checklist: a copy of a template, or one of its own name and items."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["template"]}, {"required": ["name"]}]})

    template: Name | None = None
    """The name of a template; the items are its own then."""
    name: Name | None = None
    in_order: bool = False
    items: Annotated[list[ItemText], Field(max_length=200)] = []

    @model_validator(mode="after")
    def _of_something(self) -> "ChecklistIn":
        if (self.template is None) == (self.name is None):
            raise wrong(_("Either template or name is needed."), "name")
        return self


class ItemIn(Shape):
    """One more thing to be done, at the end of the list."""

    text: ItemText


class ItemPatch(Shape):
    """What is to be changed of an item; everything else stays."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    text: ItemText = ""
    done: bool = False
    """true ticks the item, false takes the tick off."""
