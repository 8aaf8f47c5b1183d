"""Jobs that turn what happens in technicians' calendars into verbs."""

from backend.visits.incoming import events, taken, watching

__all__ = ["events", "taken", "watching"]
