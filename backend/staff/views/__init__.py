"""The settings pages on the provider's own people: teams, groups, roles."""

from backend.staff.views import roles, teams
from backend.staff.views.door import blueprint

__all__ = ["blueprint", "roles", "teams"]
