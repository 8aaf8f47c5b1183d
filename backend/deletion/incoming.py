"""The daily end of what was deleted long ago."""

from backend.deletion.actions import empty_old
from backend.jobs import job


@job("deletion.empty")
def empty() -> None:
    """Destroys for good what was deleted more than a month ago."""
    empty_old()
