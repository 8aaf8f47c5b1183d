"""What can be done with orders: they come from elsewhere and are taken as they are, once."""

from backend.orders.actions.writing import put_document, put_order

__all__ = ["put_document", "put_order"]
