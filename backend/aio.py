"""One event loop in one thread per process, for the libraries that are asynchronous only."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")
_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def _running() -> asyncio.AbstractEventLoop:
    """The loop, started at the first call (so after a fork, never before)."""
    global _loop
    with _lock:
        if _loop is None:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="aio", daemon=True).start()
            _loop = loop
        return _loop


def run(work: Coroutine[Any, Any, Result], *, seconds: float = 60.0) -> Result:
    """Waits for `work` on the process's loop and returns its result.

    Raises what `work` raises, and TimeoutError after `seconds` (the work is then cancelled).
    """
    future = asyncio.run_coroutine_threadsafe(work, _running())
    try:
        return future.result(seconds)
    except TimeoutError:
        future.cancel()
        raise
