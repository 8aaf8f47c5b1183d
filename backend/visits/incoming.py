"""Jobs that turn what happens in technicians' calendars into verbs."""

from backend.jobs import job


@job("visits.sweep")
def sweep() -> None:
    """Looks at all our events, whether or not anybody said that something changed."""


@job("visits.subscribe")
def subscribe() -> None:
    """Sees to it that Microsoft tells of changes in each technician's calendar."""


@job("visits.look_busy")
def look_busy() -> None:
    """Asks when the technicians are busy otherwise."""
