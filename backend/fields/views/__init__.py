"""Fields of the installation's own: filled in on a ticket, defined on the administrators' page."""

from backend.fields.views import defining, filling
from backend.fields.views.door import blueprint

__all__ = ["blueprint", "defining", "filling"]
