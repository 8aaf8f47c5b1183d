"""Microsoft's word that something has changed in a technician's calendar: only which event it was is believed."""

from datetime import timedelta
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend import notices
from backend.auth import open_to
from backend.db import session
from backend.jobs import in_a_moment, later
from backend.visits.models import CalendarWatch, VisitEvent

_SETTLED = timedelta(seconds=30)  # several changes of a calendar are one question
blueprint = Blueprint("visit_notices", __name__)


def _watched(ids: list[str]) -> dict[str, tuple[str, tuple[int, str]]]:
    """The calendars that these subscriptions follow: by subscription, the word's resource, person, mailbox."""
    watches = session.scalars(select(CalendarWatch).where(CalendarWatch.subscription_id.in_(ids)))
    return {one.subscription_id: (f"calendar:{one.mailbox}", (one.person_id, one.mailbox)) for one in watches}


def _event_id(notice: dict[str, Any]) -> str:
    data = notice.get("resourceData")
    return str(data.get("id") or "")[:1000] if isinstance(data, dict) else ""


@blueprint.post("/microsoft/calendar/notifications")
@open_to("Microsoft has no account here; each notification brings a secret word", cross_site=True, door="webhooks")
def notifications() -> ResponseReturnValue:
    """Events have changed. Ours are looked at; of the others it is asked only when their owner is free, a bit later."""
    question = notices.handshake()
    if question is not None:
        return question
    told: dict[tuple[int, str], set[str]] = {}
    for watch, notice in notices.believed(_watched):
        told.setdefault(watch, set()).add(_event_id(notice))
    # In one order always: two requests that ask for the same jobs would wait for one another else.
    for (person_id, mailbox), ids in sorted(told.items()):
        rows = session.execute(
            select(VisitEvent.id, VisitEvent.event_id, VisitEvent.wanted)
            .where(VisitEvent.mailbox == mailbox, VisitEvent.event_id.in_(ids))
            .order_by(VisitEvent.id)
        ).all()
        for row in rows:
            if row.wanted:
                later("visits.look", once=f"visits.look:{row.id}", visit_event_id=row.id, again=False)
        if ids - {row.event_id for row in rows}:
            key = f"visits.look_busy_of:{person_id}"
            later("visits.look_busy_of", once=key, at=in_a_moment(_SETTLED), person_id=person_id)
    return "", 202


@blueprint.post("/microsoft/calendar/lifecycle")
@open_to("Microsoft has no account here; each notification brings a secret word", cross_site=True, door="webhooks")
def lifecycle() -> ResponseReturnValue:
    """A subscription needs care, has ended, or notifications were lost: it is seen to, and the calendar compared."""
    question = notices.handshake()
    if question is not None:
        return question
    for person_id, mailbox in sorted({watch for watch, _notice in notices.believed(_watched)}):
        later("visits.subscribe_calendar", once=f"visits.subscribe:{person_id}", person_id=person_id)
        later("visits.compare", once=f"visits.compare:{mailbox}", mailbox=mailbox)
    return "", 202
