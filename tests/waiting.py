"""Waiting for something to come about, instead of sleeping."""

import os
import threading
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
Time = TypeVar("Time", int, float)

# Beside other tests the processors are shared with whatever those do, and a wait of a second says nothing about us.
_PATIENCE = 6 if "PYTEST_XDIST_WORKER" in os.environ else 1


def patient(promised: Time) -> Time:
    """How long something may take, in the unit given: as promised in a test run alone, six times that beside others.

    A test run by itself and `make bench` hold to what people are promised.
    """
    return promised * _PATIENCE


def eventually(
    ask: Callable[[], Result | None],
    *,
    seconds: float = 10.0,
    every: float = 0.03,
    otherwise: Callable[[], object] = lambda: "",
) -> Result:
    """The first truthy answer of `ask`, asked `every` so many seconds.

    Raises AssertionError with what `otherwise` says after `seconds` (see `patient`).
    """
    end, pause = time.monotonic() + patient(seconds), threading.Event()
    while not (answer := ask()):
        assert time.monotonic() < end, f"it did not come about. {otherwise()}"
        pause.wait(every)
    return answer
