"""Sub-tickets, and tickets linked to a problem."""

from typing import Annotated

from pydantic import Field

from backend.api.shapes.tickets import Subject
from backend.api.shapes.values import Mail, Name, Shape, Text, Word
from backend.tickets.models import Priority


class SubTicketIn(Shape):
    """A new ticket below another one, about the same customer, who never sees it."""

    subject: Subject
    priority: Priority = Priority.MEDIUM
    status: Word | None = None
    assignee: Mail | None = None
    """The e-mail address of one of the provider's people."""
    team: Name | None = None
    group: Name | None = None
    """Instead of `team`: a set of teams."""
    comment: Text = ""
    """Its first internal note."""


class LinkIn(Shape):
    """A ticket that is to be linked."""

    ticket: Annotated[int, Field(ge=1, le=2**31 - 1)]
    """Its number."""


class AnswerAllIn(Shape):
    """One answer for the customers of all open linked tickets."""

    text: Annotated[Text, Field(min_length=1)]
    status: Word | None = None
    """The status each of these tickets gets with it."""


class NotDone(Shape):
    """A ticket to which it was not done, and why."""

    ticket: int
    sentence: str


class OutcomeOut(Shape):
    """What became of something that was done to many tickets."""

    done: list[int]
    """The numbers of the tickets to which it was done."""
    not_done: list[NotDone]
