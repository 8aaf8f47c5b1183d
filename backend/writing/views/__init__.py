"""Requests about what somebody wrote: changing and taking it back."""

from backend.writing import tools
from backend.writing.views import mailing, own
from backend.writing.views.door import blueprint

blueprint.add_app_template_filter(tools.waits_for)
blueprint.add_app_template_filter(tools.own_tools)

__all__ = ["blueprint", "mailing", "own"]
