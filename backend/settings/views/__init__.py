"""The administrators' pages: settings by subject, and what was changed by whom."""

from backend.settings.views import pages
from backend.settings.views.door import blueprint

__all__ = ["blueprint", "pages"]
