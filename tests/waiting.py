"""Waiting for something to come about, instead of sleeping."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def eventually(
    ask: Callable[[], Result | None],
    *,
    seconds: float = 10.0,
    every: float = 0.03,
    otherwise: Callable[[], object] = lambda: "",
) -> Result:
    """The first truthy answer of `ask`, asked `every` so many seconds.

    Raises AssertionError with what `otherwise` says after `seconds`.
    """
    end, pause = time.monotonic() + seconds, threading.Event()
    while not (answer := ask()):
        assert time.monotonic() < end, f"it did not come about. {otherwise()}"
        pause.wait(every)
    return answer
