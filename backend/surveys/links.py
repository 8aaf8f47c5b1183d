"""Links to a whole answer, for somebody without a session: signed, good for exactly seven days."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from backend import clock, config

VALID = timedelta(days=7)


def _mark(ticket_id: int, until: int) -> str:
    key = config.current().secret_key.encode()
    return hmac.new(key, f"survey-answer:{ticket_id}:{until}".encode(), hashlib.sha256).hexdigest()[:32]


def link(ticket_id: int) -> tuple[str, datetime]:
    """(the address of that ticket's answer for whoever has it, the moment it ends)."""
    ends = clock.now() + VALID
    until = round(ends.timestamp() * 1000)
    return f"{config.current().url}/survey-answers/{ticket_id}/{until}/{_mark(ticket_id, until)}", ends


def ours(ticket_id: int, until: int, mark: str) -> bool:
    """Whether we made this link, however long ago."""
    return hmac.compare_digest(mark.encode(), _mark(ticket_id, until).encode())


def ended(until: int) -> datetime | None:
    """When the link ended; None while it is good."""
    ends = datetime.fromtimestamp(min(until, 2**41) / 1000, UTC)
    return ends if ends <= clock.now() else None
