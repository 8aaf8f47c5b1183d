"""The ground's own tidying: rows that have served their time."""

from datetime import timedelta

from sqlalchemy import delete, func

from backend import clock
from backend.auth import SignIn
from backend.db import session
from backend.jobs import job
from backend.limits import Turns
from backend.live import LiveEvent
from backend.receipts import Receipt

EVENTS = timedelta(hours=1)
SESSIONS = timedelta(days=7)  # after their end, so that a late question still finds when it was
RECEIPTS = timedelta(days=60)  # longer than anybody repeats a request


@job("ground.tidy")
def tidy() -> None:
    """Forgets old live events, sessions and minutes that ended, and receipts that nobody asks for any more."""
    now = clock.now()
    session.execute(delete(LiveEvent).where(LiveEvent.at < now - EVENTS))
    session.execute(delete(SignIn).where(SignIn.expires_at < now - SESSIONS))
    session.execute(delete(Turns).where(Turns.ends_at < func.now()))  # by the database's clock, as they are counted
    session.execute(delete(Receipt).where(Receipt.at < now - RECEIPTS))
