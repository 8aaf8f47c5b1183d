"""Live streams as the production server holds them: sockets that one thread writes to."""

import socket
from collections.abc import Iterator

import pytest

from backend import auth, live
from backend.db import scope, session
from backend.lines import Lines, Listener
from backend.live import HUB
from tests.waiting import eventually
from tests.world import World

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
OWNER = 9_000_003  # whom nobody else is: streams of other tests of this process may still be ending


@pytest.fixture
def session_id(world: World) -> str:
    """A technician's sign-in."""
    with scope(), session.begin():
        cookie = auth.begin_session(world.staff("Lineke Hort", "technician").id, "browser")
    with scope():
        who = auth.who_signed_in(cookie)
    assert who is not None
    return who.session_id


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection: the server's and the reader's."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(10)
    yield ours, theirs
    theirs.close()


def _until(reader: socket.socket, wanted: bytes) -> bytes:
    heard = b""
    while wanted not in heard:
        part = reader.recv(65_536)
        assert part, heard
        heard += part
    return heard


def _told(*topics: str) -> None:
    with scope(), session.begin():
        live.tell(*topics)


def _listener(session_id: str, *topics: str, cursor: int = 0) -> Listener:
    return Listener(frozenset(topics), cursor, OWNER, session_id)


def test_a_line_says_what_is_told_and_nothing_else(ends: tuple[socket.socket, socket.socket], session_id: str) -> None:
    ours, reader = ends
    Lines().take(ours, HEAD, _listener(session_id, "lines:1"))
    assert ours.fileno() < 0  # nobody else closes it
    assert _until(reader, b"id: ").startswith(HEAD + b"retry: 1000\n")
    _told("lines:2", "lines:1")
    heard = _until(reader, b"data: lines:1\n\n")
    assert b"lines:2" not in heard
    assert b"event: look\n" in heard


def test_who_comes_back_hears_what_was_told_meanwhile(
    ends: tuple[socket.socket, socket.socket], session_id: str
) -> None:
    _words = live.first_words(0, frozenset({"lines:3"}))
    _told("lines:3")
    Lines().take(ends[0], HEAD, _listener(session_id, "lines:3", cursor=_words[0]))
    assert _until(ends[1], b"data: lines:3\n\n")


def test_a_line_ends_with_its_sign_in(ends: tuple[socket.socket, socket.socket], session_id: str) -> None:
    lines = Lines(ping=0.05)
    lines.take(ends[0], HEAD, _listener(session_id, "lines:4"))
    _until(ends[1], b": still here\n\n")
    with scope(), session.begin():
        auth.end_session(session_id)
    while ends[1].recv(65_536):
        pass


def test_a_line_ends_when_its_time_is_over_or_its_reader_is_gone(session_id: str) -> None:
    before = HUB.open_streams
    ours, reader = socket.socketpair()
    Lines(ping=0.05, longest=0.1).take(ours, HEAD, _listener(session_id, "lines:5"))
    reader.settimeout(10)
    while reader.recv(65_536):
        pass
    ours, gone = socket.socketpair()
    Lines().take(ours, HEAD, _listener(session_id, "lines:5"))
    gone.close()
    eventually(lambda: HUB.open_streams <= before, seconds=10)
    reader.close()


def test_who_does_not_read_is_dropped(ends: tuple[socket.socket, socket.socket], session_id: str) -> None:
    topics = [f"lines:{number}{'x' * 240}" for number in range(50)]
    before = HUB.open_streams
    Lines().take(ends[0], HEAD, _listener(session_id, *topics))
    assert HUB.open_streams == before + 1

    def dropped() -> bool:
        _told(*topics)
        return HUB.open_streams <= before

    eventually(dropped, seconds=30)
