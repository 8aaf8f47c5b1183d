"""The daily end of what was deleted long ago."""

from backend.deletion.actions import empty_old
from backend.deletion.actions import forget as forget_contents
from backend.jobs import job


@job("deletion.empty")
def empty() -> None:
    """Destroys for good what was deleted more than a month ago."""
    empty_old()


@job("deletion.forget")
def forget(contents: list[str]) -> None:
    """Removes the contents of files that went with a destroyed ticket and that nothing else names."""
    forget_contents(contents)
