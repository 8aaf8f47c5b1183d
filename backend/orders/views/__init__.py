"""Orders in the browser: seen, written by hand, taken from tables."""

from backend.orders.views import editing, importing, listing
from backend.orders.views.door import blueprint

__all__ = ["blueprint", "editing", "importing", "listing"]
