"""The REST API's routes."""

from backend.api.operation import blueprint
from backend.api.views import chats, customers, description, items, mails, messages, orders, tickets, visits, worklog

__all__ = [
    "blueprint",
    "chats",
    "customers",
    "description",
    "items",
    "mails",
    "messages",
    "orders",
    "tickets",
    "visits",
    "worklog",
]
