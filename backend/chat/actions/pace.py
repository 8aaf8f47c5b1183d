"""How fast the bot may ask Teams: we keep to Microsoft's limits ourselves, all workers together.

What is allowed in one conversation and in all: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
The times are the database's, which is the one clock that all workers share and no sandbox moves.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, delete, func, select, update

from backend.chat.models import TeamsRequest
from backend.db import session

# (seconds, so many requests in them at most)
CONVERSATION = ((1, 7), (2, 8), (30, 60), (3600, 1800))
BOT = ((1, 50),)
_MARGIN = timedelta(milliseconds=250)  # a request may take longer on its way than the one after it
_LONGEST = timedelta(hours=2)
_NOW = func.clock_timestamp()


def place_of(conversation_id: str) -> str:
    """The conversation for which Teams counts what is said in `conversation_id` (Teams' own id)."""
    return conversation_id.partition(";messageid=")[0]


def wait(conversation_id: str) -> float:
    """As `take`, for what is asked so rarely that its way to Teams need not be counted: only the seconds."""
    return take(conversation_id)[0]


def take(conversation_id: str) -> tuple[float, int]:
    """(seconds until Teams may be asked something about that conversation (Teams' id), 0); or (0.0, the request's id):
    now, and it is counted. `answered` says when that request is over.

    Until the transaction ends nobody else is let through, so it has to be committed before Teams is asked.
    """
    place = place_of(conversation_id)
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("teams.pace"))))
    full = [_full(seconds, most, TeamsRequest.place == place) for seconds, most in CONVERSATION]
    full += [_full(seconds, most) for seconds, most in BOT]
    seconds = session.scalar(select(func.extract("epoch", func.greatest(*full) - _NOW)))
    if seconds is not None and seconds > 0:
        return float(seconds), 0
    request = TeamsRequest(place=place)
    session.add(request)
    session.flush()
    return 0.0, request.id


def answered(request_id: int) -> None:
    """Counts the request from now on: Teams counts it when it arrives, on a busy way long after it was sent."""
    session.execute(update(TeamsRequest).where(TeamsRequest.id == request_id).values(at=_NOW))


def _full(seconds: int, most: int, *where: ColumnElement[bool]) -> ScalarSelect[datetime]:
    """When the window of so many seconds has room again; null when it has now."""
    length = timedelta(seconds=seconds) + _MARGIN
    last = select(TeamsRequest.at + length).where(TeamsRequest.at > _NOW - length, *where)
    return last.order_by(TeamsRequest.at.desc()).offset(most - 1).limit(1).scalar_subquery()


def forget() -> None:
    """Lets go of requests that count in no window any more."""
    session.execute(delete(TeamsRequest).where(TeamsRequest.at < _NOW - _LONGEST))
