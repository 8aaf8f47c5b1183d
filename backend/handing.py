"""Live streams are taken over from the web server before a byte of them was sent, and go to `lines.py`."""

from collections.abc import Callable, Iterable
from typing import Any

from backend.lines import HANDING, LINES, Handing


class HandedOver(StopIteration):
    """The connection belongs to somebody else now. gunicorn ends a request quietly that ends with StopIteration."""


def handing_over(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """The WSGI application without its live streams; its server is `thread_worker.py`."""

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
