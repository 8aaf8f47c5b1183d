"""What an invitation to a visit says, and what is answered to it; `ical.py` writes and reads them."""

from dataclasses import dataclass
from datetime import datetime

from backend.visits.models import Response


@dataclass(frozen=True)
class Invitation:
    """What an invitation says. `start` and `end` are naive wall times in the IANA zone `zone`; names may be empty."""

    key: str  # of the visit: it names the event for good
    sequence: int
    method: str  # REQUEST, CANCEL
    start: datetime
    end: datetime
    zone: str
    summary: str
    description: str
    place: str
    organizer: tuple[str, str]  # name, address
    attendee: tuple[str, str]
    stamp: datetime


@dataclass(frozen=True)
class Answer:
    """What a program answered: to which visit (its key), to which invitation, and what."""

    key: str
    sequence: int
    response: Response
