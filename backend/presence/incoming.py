"""The tidying of signs of life."""

from backend.jobs import job
from backend.presence.actions import forget_gone


@job("presence.forget_gone")
def forget_gone_pages() -> None:
    """Forgets the pages that were closed without a word."""
    forget_gone()
