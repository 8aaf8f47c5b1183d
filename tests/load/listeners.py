"""Many open live streams at once, as many pages that are open hold them."""

import selectors
import socket
import time
from types import TracebackType


class Listeners:
    """`count` streams of `topics` at the server on `port`, spread over `cookies`; a context manager."""

    def __init__(self, port: int, cookies: list[str], topics: list[str], count: int) -> None:
        self._selector = selectors.DefaultSelector()
        self.ended = 0
        query = "&".join(f"topic={topic}" for topic in topics)
        for number in range(count):
            request = (
                f"GET /live?{query} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies[number % len(cookies)]}\r\n\r\n"
            )
            line = socket.create_connection(("127.0.0.1", port), timeout=30)
            line.sendall(request.encode())
            line.setblocking(False)
            self._selector.register(line, selectors.EVENT_READ, bytearray())
            self.count("\n\nid: ", 0)  # reads what has come, so that nothing waits
        self.opened = count

    def count(self, words: str, seconds: float, enough: int = 0) -> int:
        """On how many streams `words` have come, reading for at most `seconds` or until they are `enough`."""
        end = time.monotonic() + seconds
        while True:
            for key, _events in self._selector.select(max(0.0, min(0.2, end - time.monotonic()))):
                self._read(key)
            found = sum(words.encode() in key.data for key in self._selector.get_map().values())
            if found >= enough > 0 or time.monotonic() >= end:
                return found

    def all_ended(self, seconds: float) -> bool:
        """Whether the server has ended every one of them within `seconds`."""
        end = time.monotonic() + seconds
        while self.ended < self.opened and time.monotonic() < end:
            self.count("nothing", 0.2)
        return self.ended == self.opened

    def forget(self) -> None:
        """What has come up to now is not counted again."""
        for key in self._selector.get_map().values():
            key.data.clear()

    def _read(self, key: selectors.SelectorKey) -> None:
        assert isinstance(key.fileobj, socket.socket)
        try:
            part = key.fileobj.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        key.data.extend(part)
        if not part:
            self.ended += 1
            self._selector.unregister(key.fileobj)
            key.fileobj.close()

    def __enter__(self) -> "Listeners":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            self._selector.unregister(key.fileobj)
            key.fileobj.close()
        self._selector.close()
