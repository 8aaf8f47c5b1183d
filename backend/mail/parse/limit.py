"""How long the reading of one mail may take: what nobody foresaw ends with what was read by then."""

import time
from typing import Final

SECONDS: Final = 2.0


class Stopwatch:
    """Counts this thread's own work, not the time it waits for a busy machine: the same mail ends at the same place."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._end = time.thread_time() + seconds

    def over(self) -> bool:
        """Whether the time is used up."""
        return time.thread_time() >= self._end
