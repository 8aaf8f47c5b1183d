"""What the states of an order are called, in the reader's language."""

from backend.i18n import _
from backend.orders.models import OrderStatus


def status_name(value: str) -> str:
    """The name of an order's status."""
    known: dict[str, str] = {
        OrderStatus.OPEN: _("Ordered"),
        OrderStatus.PARTIAL: _("Partly delivered"),
        OrderStatus.DELIVERED: _("Delivered"),
        OrderStatus.INVOICED: _("Invoiced"),
        OrderStatus.CANCELLED: _("Cancelled"),
    }
    return known.get(value, value)
