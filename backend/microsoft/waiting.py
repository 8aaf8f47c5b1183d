"""How long Microsoft asks to wait."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from backend import clock

_LONGEST = 3600.0  # seconds


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header (RFC 9110, 10.2.3), at least 1 and at most an hour; None without a readable one.

    `headers` may be in any case.
    """
    value = headers.get("Retry-After") or headers.get("retry-after") or ""
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - clock.now()).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(_LONGEST, max(1.0, seconds))
