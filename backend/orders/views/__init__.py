"""Orders in the browser: seen, written by hand, taken from tables."""

from backend.orders.views import importing, listing
from backend.orders.views.door import blueprint

__all__ = ["blueprint", "importing", "listing"]
