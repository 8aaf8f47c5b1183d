"""Child processes that never outlive their parent, and process groups that end for certain."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_PR_SET_PDEATHSIG = 1
# Looked up here, not after the fork: a child between fork and exec must not load anything.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def _tied(parent: int, last_signal: int) -> Callable[[], None] | None:
    """What a new child does before exec, so that the kernel sends it `last_signal` when its parent dies."""
    if _prctl is None:
        return None

    def tie() -> None:
        _prctl(_PR_SET_PDEATHSIG, last_signal)
        if os.getppid() != parent:  # died between fork and prctl
            os._exit(1)

    return tie


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path | str | None = None,
    output: IO[bytes] | int | None = None,
    user: tuple[int, int] | None = None,
    last_signal: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Starts `command` in a process group of its own, as `user` (uid, gid) when given.

    Standard output and errors go to `output`. When the calling thread ends, also by kill -9 of its process, the
    kernel sends `last_signal` (Linux only), so call it from a thread that lives as long as the child shall.
    Raises OSError when the program cannot be started.
    """
    account: dict[str, Any] = {"user": user[0], "group": user[1], "extra_groups": []} if user else {}
    return subprocess.Popen(
        [str(part) for part in command],
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
        preexec_fn=_tied(os.getpid(), last_signal),
        **account,
    )


def end(process: subprocess.Popen[bytes], *steps: tuple[int, float]) -> int:
    """Ends `process`: each of `steps` is a signal and the seconds it gets; at last its whole group is killed.

    Returns the exit code as Popen gives it (negative: the signal).
    """
    for number, seconds in steps:
        if process.poll() is not None:
            break
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    # The leader may be gone while a process it started hangs.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def wait_gone(pid: int, seconds: float) -> bool:
    """Whether the process `pid`, no child of ours, is gone within `seconds`."""
    until = time.monotonic() + seconds
    while True:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
