"""The daily tidying of drafts."""

from backend.drafts.actions import forget_old
from backend.jobs import job


@job("drafts.forget_old")
def forget_old_drafts() -> None:
    """Forgets drafts of more than a month ago."""
    forget_old()
