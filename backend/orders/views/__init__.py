"""Orders in the browser: seen, written by hand, taken from tables."""

from backend.orders.views import listing
from backend.orders.views.door import blueprint

__all__ = ["blueprint", "listing"]
