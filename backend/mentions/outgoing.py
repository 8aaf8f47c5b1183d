"""The job that does not let a mention wait for Teams for ever."""

from sqlalchemy import select

from backend.db import session
from backend.jobs import job
from backend.mentions import actions
from backend.mentions.models import Mention


@job("mentions.overdue")
def overdue(mention_id: int) -> None:
    """Tells of a mention by mail when its card has not gone out."""
    one = session.scalar(select(Mention).where(Mention.id == mention_id).with_for_update(key_share=True))
    if one is not None:
        actions.overdue(one)
