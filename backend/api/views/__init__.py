"""The REST API's routes."""

from backend.api.operation import blueprint
from backend.api.views import (
    chats,
    contracts,
    customers,
    description,
    family,
    items,
    mails,
    merging,
    messages,
    orders,
    statuses,
    surveys,
    textmodules,
    tickets,
    visits,
    worklog,
)

__all__ = [
    "blueprint",
    "chats",
    "contracts",
    "customers",
    "description",
    "family",
    "items",
    "mails",
    "merging",
    "messages",
    "orders",
    "statuses",
    "surveys",
    "textmodules",
    "tickets",
    "visits",
    "worklog",
]
