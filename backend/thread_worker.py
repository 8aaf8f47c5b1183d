"""gunicorn's worker with threads, for an application that hands live streams over (`handing.py`)."""

import os
import socket
import struct
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

BIRTH = struct.Struct("=QI")  # what a worker says of itself: its age, as gunicorn counts them, and process id
_SECONDS_TO_BE_ADOPTED = 10.0


class Worker(ThreadWorker):  # type: ignore[misc]
    """Keeps its threads for requests that end."""

    births: int | None = None  # the pipe to the arbiter, if a nursery forks this worker

    def init_process(self) -> None:
        """Says that it lives, and begins to answer once the nursery is gone and the arbiter its parent."""
        if self.births is not None:
            os.write(self.births, BIRTH.pack(self.age, os.getpid()))
            os.close(self.births)
            end = time.monotonic() + _SECONDS_TO_BE_ADOPTED
            while os.getppid() != self.ppid and time.monotonic() < end:
                time.sleep(0.001)
        super().init_process()

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Closes or keeps the connection, unless it was handed over."""
        connection: socket.socket = conn.sock
        if connection.fileno() < 0:
            self.nr_conns -= 1
        else:
            super().finish_request(conn, fs)
