"""Checklists on a ticket's page, and the administrators' page of templates."""

from backend.checklists.views import items, lists, templates
from backend.checklists.views.door import blueprint

__all__ = ["blueprint", "items", "lists", "templates"]
