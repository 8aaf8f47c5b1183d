"""Fields of the installation's own."""

from backend.api.shapes.values import Shape
from backend.fields.models import Customers, FieldKind
from backend.tickets.models import TicketType


class FieldOut(Shape):
    """A field that tickets have under `fields`, by its key."""

    key: str
    name: str
    kind: FieldKind
    """text and choice take a text, number a number with up to three decimals, date 2026-11-24, yes-no true or false."""
    options: list[str]
    """Of a choice: the texts it takes."""
    types: list[TicketType]
    """Of which tickets; none named: of all."""
    customers: Customers
    """Whether customers see and change it."""
    needed: bool
    """Whether a new ticket needs it."""
