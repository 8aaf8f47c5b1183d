"""Devices on a ticket and on a contact's page, and the administrators' page of links that connect."""

from backend.devices.views import links, using
from backend.devices.views.door import blueprint

__all__ = ["blueprint", "links", "using"]
