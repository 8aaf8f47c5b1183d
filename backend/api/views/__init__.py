"""The REST API's routes."""

from backend.api.operation import blueprint
<<<<<<< HEAD
from backend.api.views import chats, customers, description, mails, messages, orders, tickets

__all__ = ["blueprint", "chats", "customers", "description", "mails", "messages", "orders", "tickets"]
=======
from backend.api.views import customers, description, mails, messages, orders, tickets, visits

__all__ = ["blueprint", "customers", "description", "mails", "messages", "orders", "tickets", "visits"]
>>>>>>> visits
