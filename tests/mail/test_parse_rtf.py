"""Outlook's own text in winmail.dat, by the examples of its specification and a mail of ours."""

import base64
import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.mail import problems
from backend.mail.parse import parse, rtf

HELLO = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)
CROSSING = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
DISGUISED = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}}{\*\htmltag19 <html>}{\*\htmltag64 <p>}"
    rb"\htmlrtf \par\htmlrtf0 Gr\'fc\'dfe {\*\htmltag84 <b>}\htmlrtf {\b \htmlrtf0 fett\htmlrtf }\htmlrtf0 "
    rb"{\*\htmltag92 </b>} \u8364? \{x\}{\*\htmltag72 </p>}{\*\generator Evil <script>}}"
)
PLAIN = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\pard Hallo\tab Welt\par Gr\'fc\'dfe{\pict ffd8}\par}"


def stored(content: bytes) -> bytes:
    """`content` as an uncompressed stream."""
    return struct.pack("<IIII", len(content) + 12, len(content), 0x414C454D, 0) + content


def test_the_specifications_examples() -> None:
    assert rtf.decompress(HELLO) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert rtf.decompress(CROSSING) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_html_in_disguise_comes_out() -> None:
    assert rtf.read(stored(DISGUISED)) == (None, "<html><p>Grüße <b>fett</b> € {x}</p>")


def test_plain_rtf_becomes_text() -> None:
    assert rtf.read(stored(PLAIN)) == ("Hallo\tWelt\nGrüße", None)


@pytest.mark.parametrize(
    "data", [b"", b"x" * 15, stored(b"no rtf"), HELLO[:20], struct.pack("<IIII", 9, 1 << 31, 0x75465A4C, 0)]
)
def test_what_is_none_is_none(data: bytes) -> None:
    assert rtf.read(data) == (None, None)


def _winmail(packed: bytes) -> bytes:
    """A winmail.dat whose only content is a compressed RTF body (MAPI property 0x1009, binary)."""
    padded = packed + b"\x00" * (-len(packed) % 4)
    properties = struct.pack("<IHHII", 1, 0x0102, 0x1009, 1, len(packed)) + padded
    body = struct.pack("<BHHI", 1, 0x9003, 6, len(properties)) + properties
    return struct.pack("<IH", 0x223E9F78, 1) + body + struct.pack("<H", sum(properties) & 0xFFFF)


def _mail(data: bytes) -> bytes:
    head = b"From: a@x.example\nContent-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n"
    return head + base64.b64encode(data)


def test_a_mail_that_is_only_winmail_dat_is_read() -> None:
    found = parse(_mail(_winmail(stored(DISGUISED))))
    assert found.html == "<html><p>Grüße <b>fett</b> € {x}</p>"
    assert found.problems == ()


def test_what_only_outlook_can_read_is_kept() -> None:
    data = _winmail(stored(b"{\\rtf1 }"))
    found = parse(_mail(data))
    assert problems.TNEF_RTF in found.problems
    assert [(one.name, one.data) for one in found.attachments] == [("winmail.dat", data)]


def test_large_texts_take_less_than_three_seconds() -> None:
    started = time.thread_time()
    packed = b"\xff" + b"\x00\x0f" * 8
    rtf.decompress(struct.pack("<IIII", len(packed) * 20_000 + 12, 2_500_000, 0x75465A4C, 0) + packed * 20_000)
    rtf.read(stored(b"{\\rtf1 " + b"{\\b x}\\par " * 100_000))
    assert time.thread_time() - started < 3


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_not(data: bytes) -> None:
    for body in (data, stored(b"{\\rtf1 " + data), HELLO[:16] + data):
        text, html = rtf.read(body)
        (text or html or "").encode("utf-8")
        assert text is None or html is None
