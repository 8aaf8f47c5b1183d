"""The REST API's routes."""

from backend.api.operation import blueprint
from backend.api.views import chats, customers, description, mails, messages, orders, tickets, visits, writing

__all__ = [
    "blueprint",
    "chats",
    "customers",
    "description",
    "mails",
    "messages",
    "orders",
    "tickets",
    "visits",
    "writing",
]
