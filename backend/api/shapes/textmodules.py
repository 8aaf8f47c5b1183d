"""Text modules, and one of them filled for a ticket."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from backend.api.shapes.values import Line, Name, PageQuery, Shape, Text
from backend.textmodules.models import ModuleKind

Language = Literal["", "de", "en", "es", "fr", "it"]
ModuleName = Annotated[Name, Field(max_length=100)]
ModuleText = Annotated[Text, Field(min_length=1, max_length=20_000)]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]


class TextModuleIn(Shape):
    """A text module."""

    name: ModuleName
    kind: ModuleKind = ModuleKind.REPLY
    text: ModuleText
    """With placeholders such as {{ticket.number}} and gaps such as {{? which printer}}."""
    language: Language = ""
    """The language it is written in; empty: fits any."""
    category: Annotated[Line, Field(max_length=60)] = ""
    words: Line = ""
    """Further words it is found by."""
    shortcut: Annotated[Line, Field(max_length=40)] = ""
    """Typed in a message and followed by a space, it becomes the text, for example ;hello."""
    shared: bool = True
    """Whether everybody at the desk has it; a program has none of its own."""


class TextModuleOut(Shape):
    """A text module."""

    id: int
    name: str
    kind: ModuleKind
    text: str
    language: str
    category: str
    words: str
    shortcut: str
    shared: bool
    created_at: datetime
    updated_at: datetime


class TextModulesQuery(PageQuery):
    """Which text modules."""

    q: Line | None = None
    """Words of name, category, search words or shortcut."""
    kind: ModuleKind | None = None


class FilledQuery(Shape):
    """For which ticket."""

    ticket: Number
    """Its number."""


class FilledOut(Shape):
    """A text module, filled for a ticket. What is still to be filled in stands as ⟨…⟩ and is refused when sent."""

    text: str
    gaps: list[str]
    """What people are to fill in."""
    missing: list[str]
    """The placeholders that have no value for this ticket, as they stand in the text."""
