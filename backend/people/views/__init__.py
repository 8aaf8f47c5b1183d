"""The desk's pages about customers and their contacts, and what people choose for themselves."""

from backend.people.views import contacts, customers, finding, own
from backend.people.views.door import blueprint

__all__ = ["blueprint", "contacts", "customers", "finding", "own"]
