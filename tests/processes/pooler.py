"""A pooler in transaction mode, as small as can be: all clients share one connection of the server."""

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict

REFUSAL = "unsupported startup parameter in options: statement_timeout"  # PgBouncer's words


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _exactly(line: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        piece = line.recv(size - len(found))
        if not piece:
            raise ConnectionError
        found += piece
    return found


def _read(line: socket.socket) -> tuple[bytes, bytes]:
    head = _exactly(line, 5)
    return head[:1], _exactly(line, struct.unpack("!i", head[1:])[0] - 4)


class _Server:
    """The one connection to PostgreSQL, and who has it."""

    def __init__(self, url: str) -> None:
        self.lock = threading.Lock()
        given = conninfo_to_dict(url)
        with psycopg.connect(url) as first:
            place, port, user = first.info.host, first.info.port, first.info.user
        if place.startswith("/"):
            self.line = socket.socket(socket.AF_UNIX)
            self.line.connect(f"{place}/.s.PGSQL.{port}")
        else:
            self.line = socket.create_connection((place, port))
        body = struct.pack("!i", 196608)
        for word in ("user", user, "database", str(given["dbname"])):
            body += word.encode() + b"\0"
        self.line.sendall(struct.pack("!i", len(body) + 5) + body + b"\0")
        self.greeting = b""
        kind = b""
        while kind != b"Z":
            kind, body = _read(self.line)
            self.greeting += _message(kind, body)

    def answer(self, client: socket.socket) -> bool:
        """Passes an answer on; whether a transaction goes on after it."""
        while True:
            kind, body = _read(self.line)
            client.sendall(_message(kind, body))
            if kind == b"Z":
                return body != b"I"


class _Client(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server: _Server | None = self.server.postgres  # type: ignore[attr-defined]
        held = False
        try:
            self._start()
            if server is None:
                self.request.sendall(_message(b"E", b"SFATAL\0C08P01\0M" + REFUSAL.encode() + b"\0\0"))
                return
            self.request.sendall(server.greeting)
            while True:
                kind, body = _read(self.request)
                if kind == b"X":
                    return
                if not held:
                    held = server.lock.acquire(timeout=10)
                server.line.sendall(_message(kind, body))
                if kind in b"QS":
                    held = server.answer(self.request)
                    if not held:
                        server.lock.release()
        except ConnectionError:
            return
        finally:
            if held and server is not None:
                server.lock.release()

    def _start(self) -> None:
        while True:
            size = struct.unpack("!i", _exactly(self.request, 4))[0]
            body = _exactly(self.request, size - 4)
            if struct.unpack("!i", body[:4])[0] == 196608:
                return
            self.request.sendall(b"N")  # neither TLS nor GSSAPI


@contextmanager
def pooling(url: str, *, refusing: bool = False) -> Iterator[str]:
    """An address of the database behind the pooler; `refusing`: it takes no settings of a session."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Client)
    server.daemon_threads = True
    server.postgres = None if refusing else _Server(url)  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"postgresql://somebody@127.0.0.1:{server.server_address[1]}/tests?gssencmode=disable"
    finally:
        server.shutdown()
        server.server_close()
