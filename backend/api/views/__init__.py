"""The REST API's routes."""

from backend.api.operation import blueprint
from backend.api.views import (
    chats,
    contracts,
    customers,
    description,
    family,
    mails,
    merging,
    messages,
    orders,
    statuses,
    surveys,
    tickets,
    visits,
)

__all__ = [
    "blueprint",
    "chats",
    "contracts",
    "customers",
    "description",
    "family",
    "mails",
    "merging",
    "messages",
    "orders",
    "statuses",
    "surveys",
    "tickets",
    "visits",
]
