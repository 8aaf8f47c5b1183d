"""Pages and fragments about worked time, items and timers."""

from backend.worklog.views import entries, items, listing, timers
from backend.worklog.views.door import blueprint

__all__ = ["blueprint", "entries", "items", "listing", "timers"]
