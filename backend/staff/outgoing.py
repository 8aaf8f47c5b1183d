"""The jobs by which those who are given a ticket hear of it."""

from sqlalchemy import select

from backend.db import session
from backend.jobs import job
from backend.staff import actions
from backend.staff.models import AssignmentNotice


@job("staff.tell")
def tell(activity_id: int) -> None:
    """Tells those whom that activity gave a ticket to."""
    actions.tell(activity_id)


@job("staff.overdue")
def overdue(notice_id: int) -> None:
    """Tells by mail when the card has not gone out."""
    query = select(AssignmentNotice).where(AssignmentNotice.id == notice_id)
    one = session.scalar(query.with_for_update(key_share=True))
    if one is not None:
        actions.overdue(one)
