"""Counting how much is asked for at once and in a stretch of time."""

from collections import Counter, deque
from threading import Lock


class Limits:
    """Requests that are under way, and amounts in sliding windows; by whatever key the caller counts."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._under_way: Counter[str] = Counter()
        self._windows: dict[str, deque[tuple[float, int]]] = {}

    def enter(self, key: str, most: int) -> bool:
        """Counts one more under way unless there are `most`; who was let in must `leave`."""
        with self._lock:
            if self._under_way[key] >= most:
                return False
            self._under_way[key] += 1
            return True

    def leave(self, key: str) -> None:
        """One less."""
        with self._lock:
            self._under_way[key] -= 1

    def take(self, key: str, amount: int, *, most: int, seconds: float, now: float) -> float:
        """0.0 when `amount` fits into `most` per `seconds`, and is counted; otherwise the seconds until it may fit."""
        with self._lock:
            window = self._windows.setdefault(key, deque())
            # A clock that was set back leaves amounts in the future behind.
            while window and not now - seconds < window[0][0] <= now:
                window.popleft()
            if sum(one for _at, one in window) + amount <= most:
                window.append((now, amount))
                return 0.0
            return window[0][0] + seconds - now if window else seconds

    def forget(self) -> None:
        """Empties the windows; what is under way stays so."""
        with self._lock:
            self._windows.clear()
