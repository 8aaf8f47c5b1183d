"""The REST API's routes."""

from backend.api.operation import blueprint
from backend.api.views import chats, customers, description, family, mails, messages, orders, tickets, visits

__all__ = [
    "blueprint", "chats", "customers", "description", "family", "mails", "messages", "orders", "tickets", "visits",
]  # fmt: skip
