"""The REST API"s routes."""

from backend.api.operation import blueprint
from backend.api.views import (
    chats,
    checklists,
    customers,
    description,
    devices,
    fields,
    mails,
    messages,
    orders,
    tickets,
    visits,
)

__all__ = [
    "blueprint",
    "chats",
    "checklists",
    "customers",
    "description",
    "devices",
    "fields",
    "mails",
    "messages",
    "orders",
    "tickets",
    "visits",
]
