"""Visits on the desk and in the pane: the board, the form, and every change made by hand."""

from backend.visits.views import board, changing, form, unplanned
from backend.visits.views.door import blueprint

__all__ = ["blueprint", "board", "changing", "form", "unplanned"]
