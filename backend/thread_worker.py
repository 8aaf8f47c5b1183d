"""gunicorn's worker with threads, which hands live streams over to `lines.py`."""

import socket
from collections.abc import Callable, Iterable
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from backend.lines import HANDING, LINES, Handing


class HandedOver(StopIteration):
    """The connection belongs to somebody else now. gunicorn ends a request quietly that ends with StopIteration."""


def handing_over(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """The WSGI application whose live streams are taken over before a byte was sent."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        handing = Handing()
        begun: list[tuple[Any, ...]] = []
        token = HANDING.set(handing)
        try:
            body = application(environ, lambda *given: begun.append(given))
        finally:
            HANDING.reset(token)
        if handing.listener is None:
            start_response(*begun[-1])
            return body
        if callable(close := getattr(body, "close", None)):
            close()
        status, headers = begun[-1][:2]
        LINES.take(environ["gunicorn.socket"], _head(status, headers), handing.listener)
        raise HandedOver

    return answer


def _head(status: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """The head of an answer that lasts until the connection ends."""
    told = [f"{name}: {value}" for name, value in headers if name.lower() not in ("content-length", "connection")]
    return "\r\n".join([f"HTTP/1.1 {status}", *told, "Connection: close", "", ""]).encode("latin-1")


class Worker(ThreadWorker):  # type: ignore[misc]
    """Keeps its threads for requests that end."""

    def load_wsgi(self) -> None:
        """Loads the application and takes its streams."""
        super().load_wsgi()
        self.wsgi: Any = handing_over(self.wsgi)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Closes or keeps the connection, unless it was handed over."""
        connection: socket.socket = conn.sock
        if connection.fileno() < 0:
            self.nr_conns -= 1
        else:
            super().finish_request(conn, fs)
