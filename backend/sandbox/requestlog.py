"""Remembers the latest requests to the Microsoft side of the sandbox, without their secrets."""

import json
import re
from collections import deque
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Request, Response

_CUT = 64 * 1024  # characters kept of a body
_KEPT = 20_000  # requests
_KEPT_BYTES = 64 * 1024 * 1024
_SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization", "set-cookie"}
_SECRET_FIELDS = {
    "client_secret", "code", "code_verifier", "refresh_token", "client_assertion", "assertion", "password",
    "access_token", "id_token",
}  # fmt: skip
_JSON_SECRET = re.compile(r'("(?:access_token|id_token|refresh_token)"\s*:\s*")[^"]*')
REMOVED = "(removed)"


def _form(text: str) -> str:
    fields = parse_qsl(text, keep_blank_values=True)
    return urlencode([(name, REMOVED if name in _SECRET_FIELDS else value) for name, value in fields])


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")[:_CUT]


class RequestLog:
    """A ring: the oldest entries go when there are too many or they are too large."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: deque[dict[str, Any]] = deque()
        self._bytes = 0
        self._next = 1

    def add(self, request: Request, body: bytes, response: Response, at: str, fault: bool) -> None:
        """Writes down one request and its answer; `fault` says that the sandbox misbehaved on order."""
        kind = (request.content_type or "").lower()
        shown = _form(_text(body)) if "form-urlencoded" in kind else _text(body)
        answer = "" if response.direct_passthrough or response.is_streamed else _text(response.get_data())
        entry = {
            "at": at,
            "fault": fault,
            "method": request.method,
            "path": request.path,
            "query": _form(request.query_string.decode("utf-8", "replace")),
            "headers": {
                name: REMOVED if name.lower() in _SECRET_HEADERS else value for name, value in request.headers.items()
            },
            "body": shown,
            "status": response.status_code,
            "answer_headers": {
                name: REMOVED if name.lower() in _SECRET_HEADERS else value for name, value in response.headers.items()
            },
            "answer": _JSON_SECRET.sub(rf"\1{REMOVED}", answer),
        }
        size = len(json.dumps(entry))
        with self._lock:
            self._entries.append({"index": self._next, "size": size, **entry})
            self._next += 1
            self._bytes += size
            while len(self._entries) > _KEPT or self._bytes > _KEPT_BYTES:
                self._bytes -= self._entries.popleft()["size"]

    def since(self, index: int) -> list[dict[str, Any]]:
        """The entries with a higher index than `index`, oldest first."""
        with self._lock:
            found = [entry for entry in self._entries if entry["index"] > index]
        return [{name: value for name, value in entry.items() if name != "size"} for entry in found]

    def empty(self) -> None:
        """Forgets all; the numbering goes on."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0
