"""A load balancer in fifty lines: each connection goes to the next web server, or to another where that one refuses."""

import contextlib
import itertools
import socket
import threading

_PIECE = 65_536


class Spreader:
    """Listens on a port of its own until `close`."""

    def __init__(self, ports: list[str]) -> None:
        self._ports = [int(port) for port in ports]
        self._turn = itertools.count()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = str(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True, name="spreader").start()

    def close(self) -> None:
        """Takes no more connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client, next(self._turn)), daemon=True).start()

    def _serve(self, client: socket.socket, turn: int) -> None:
        with client:
            for place in range(len(self._ports)):
                port = self._ports[(turn + place) % len(self._ports)]
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as server:
                    server.settimeout(None)
                    there = threading.Thread(target=_pass_on, args=(client, server), daemon=True)
                    there.start()
                    _pass_on(server, client)
                    return  # what was begun is not begun elsewhere: that is for the client to decide


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Bytes from one to the other until either ends."""
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
