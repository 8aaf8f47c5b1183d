"""gunicorn's arbiter, whose workers share what they have loaded with each other, and not with the arbiter.

With gunicorn's `preload_app` the arbiter loads the application and forks the workers. It then keeps its own copy of
each page that they write to, and CPython writes to most of what it uses, because an object counts who refers to it: a
fifth of the memory of the web side. Here a process in between, the nursery, loads the application, forks the workers
and ends. Linux gives orphans to the nearest ancestor that asked for them (`PR_SET_CHILD_SUBREAPER` of prctl(2)), and
that is the arbiter, which waits for its workers as ever.
"""

import ctypes
import os
import queue
import select
import signal
import sys
import traceback
from typing import Any, NoReturn

from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer

from backend.thread_worker import BIRTH

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_LOOKS_SECONDS = 0.2
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


def adopts() -> bool:
    """Makes this process the parent of its orphaned descendants; False where the system knows no such thing."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (AttributeError, OSError):
        return False


class NurseryArbiter(Arbiter):  # type: ignore[misc]
    """Forks the workers that are missing from one nursery; the process has to have said `adopts`.

    Workers are `thread_worker.Worker`. Those made by a reload (SIGHUP) load the application each for itself.
    """

    def spawn_workers(self) -> None:
        """As many as are missing. Raises HaltServer when the application cannot be loaded."""
        missing = {worker.age: worker for worker in map(self._unborn, range(self.num_workers - len(self.WORKERS)))}
        reading, writing = os.pipe()
        nursery = os.fork()
        if nursery == 0:
            os.close(reading)
            self._raise_workers(list(missing.values()), writing)
        os.close(writing)
        for age, pid in self._births(reading, nursery):
            worker = missing.pop(age)
            worker.pid = pid
            self.WORKERS[pid] = worker
        for worker in missing.values():
            worker.tmp.close()
        if not self.WORKERS and not self._ending():
            raise HaltServer("App failed to load.", self.APP_LOAD_ERROR)

    def _unborn(self, _number: int) -> Any:
        """A worker whose sign of life the arbiter can see already, as a file that both have open."""
        self.worker_age += 1
        return self.worker_class(  # type: ignore[no-untyped-call]
            self.worker_age, self.pid, self.LISTENERS, self.app, self.timeout / 2.0, self.cfg, self.log
        )

    def _raise_workers(self, workers: list[Any], births: int) -> NoReturn:
        """The nursery's life; each worker leaves it by SystemExit at its own end."""
        for number in _ENDING:
            signal.signal(number, signal.SIG_DFL)
        try:
            self.app.wsgi()
        except BaseException:
            traceback.print_exc()
            os._exit(self.APP_LOAD_ERROR)
        for worker in workers:
            worker.births = births
            self.worker_class = lambda *_given, worker=worker: worker
            super().spawn_worker()
        os._exit(0)

    def _births(self, reading: int, nursery: int) -> list[tuple[int, int]]:
        """Age and process id of each worker, once nobody is left who could say more."""
        told = b""
        with open(reading, "rb", buffering=0) as pipe:
            while True:
                if not select.select([pipe], [], [], _LOOKS_SECONDS)[0]:
                    if self._ending():
                        os.kill(nursery, signal.SIGKILL)
                    continue
                if not (part := pipe.read(BIRTH.size)):
                    return list(BIRTH.iter_unpack(told))
                told += part

    def _ending(self) -> bool:
        """Whether this process was told to end; what it was told stays in its queue."""
        told = []
        try:
            while True:
                told.append(self.SIG_QUEUE.get_nowait())
        except queue.Empty:
            for number in told:
                self.SIG_QUEUE.put_nowait(number)
        return any(number in _ENDING for number in told)
