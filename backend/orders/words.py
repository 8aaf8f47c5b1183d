"""What the states and fields of an order are called, in the reader's language."""

from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency

from backend import i18n
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


def field_name(name: str) -> str:
    """The name of a field of an order or of one of its lines."""
    known = {
        "number": _("Order number"),
        "customer": _("Customer number"),
        "customer_name": _("Customer"),
        "ordered_on": _("Date"),
        "status": _("Status"),
        "currency": _("Currency"),
        "title": _("Title"),
        "contact": _("Contact's e-mail"),
        "site": _("Site"),
        "total": _("Total"),
        "position": _("Position"),
        "sku": _("Article number"),
        "description": _("Description"),
        "quantity": _("Quantity"),
        "unit": _("Unit"),
        "price": _("Price"),
        "delivered": _("Delivered quantity"),
        "due_on": _("Due on"),
        "line": _("Line"),
    }
    return known.get(name, name)


def field_value(value: Any, name: str, currency: str) -> str:
    """A value of the field `name` as people read it; a dash where there is none."""
    if name == "line" and isinstance(value, dict):
        amount = f"{i18n.quantity(value['quantity'])} {value.get('unit', '')}".strip()
        return f"{amount} × {value.get('description') or value.get('sku')}"
    if name == "status":
        return status_name(str(value))
    if isinstance(value, date):
        return i18n.date(value)
    if isinstance(value, Decimal):
        if name not in ("price", "total"):
            return i18n.quantity(value)
        # All its digits: prices have up to four, and a change in the last one is a change.
        return str(format_currency(value, currency, locale=i18n.language(), decimal_quantization=False))
    return str(value or "–")
