"""A part of a mail as bytes again, as it came. The standard library's generator would fold its headers anew, which
takes minutes for hostile ones.
"""

from collections.abc import Iterator
from email.message import Message


def flat(message: Message) -> bytes:
    """`message` with its headers and parts. Raises RecursionError when these are nested too deeply."""
    return b"".join(_pieces(message))


def _pieces(message: Message) -> Iterator[bytes]:
    for name, value in message.raw_items():
        yield _bytes(f"{name}: {value}\n")
    yield b"\n"
    payload = message.get_payload()
    if not isinstance(payload, list):
        yield _bytes(payload) if isinstance(payload, str) else b""
        return
    parts = [one for one in payload if isinstance(one, Message)]
    if message.get_content_maintype() != "multipart":
        for one in parts:
            yield from _pieces(one)
        return
    boundary = _bytes(str(message.get_boundary() or ""))
    yield _bytes(message.preamble or "")
    for one in parts:
        yield b"\n--" + boundary + b"\n"
        yield from _pieces(one)
    yield b"\n--" + boundary + b"--\n" + _bytes(message.epilogue or "")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
