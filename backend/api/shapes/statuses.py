"""Statuses and root causes of the installation."""

from typing import Literal

from backend.api.shapes.values import Shape
from backend.tickets.models import Channel, StatusKind, TicketType


class StatusOut(Shape):
    """A status that a ticket can have."""

    key: str
    """What tickets name it by."""
    name: str
    """As people read it, in the language asked for."""
    kind: StatusKind
    """What it means, whatever it is called; the last status is always closed."""
    root_cause: Literal["free", "required", "forbidden"]
    """Whether a ticket needs a root cause to get it, or cannot be given one while it has it."""


class RootCauseOut(Shape):
    """A root cause, and on which lists it stands."""

    name: str
    types: list[TicketType]
    """The types of ticket on whose list it stands; of the lists of a ticket's type and source together the first
    hundred are offered.
    """
    sources: list[Channel]
    """The doors on whose list it stands."""
