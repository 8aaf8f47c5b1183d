"""winmail.dat: the body and files that Outlook wraps for Outlook (MS-OXTNEF)."""

import struct
from dataclasses import dataclass, field
from typing import Final

import tnefparse

from backend.mail.parse import rtf
from backend.mail.parse.charset import decode, tidy
from backend.mail.parse.limit import Stopwatch

_SIGNATURE: Final = b"\x78\x9f\x3e\x22"
# Body, MAPI properties, code page, and all that makes an attachment. Recipient tables and the like are
# left out: nothing of them is used, and the reader trusts their counts.
_NEEDED: Final = {0x800C, 0x9003, 0x9007, 0x9002, 0x8010, 0x800F, 0x9005, 0x9006}
LARGEST: Final = 60_000_000
MOST_OBJECTS: Final = 2_000


@dataclass(slots=True)
class Wrapped:
    """What was inside: texts as far as they are in a readable format, files as (name, content)."""

    text: str | None = None
    html: str | None = None
    files: list[tuple[str, bytes]] = field(default_factory=list)
    rtf: bool = False


def unwrap(data: bytes, watch: Stopwatch) -> Wrapped | None:
    """What `data` (a winmail.dat) holds; None when it is none, cannot be read, or not before `watch` is over."""
    if not data.startswith(_SIGNATURE) or len(data) > LARGEST:
        return None
    slim = _needed(data)
    if slim is None:
        return None
    try:
        opened = tnefparse.TNEF(slim, do_checksum=False)
        files = [(str(one.long_filename() or ""), bytes(one.data or b"")) for one in opened.attachments]
    # The reader says "cannot be read" with whatever its bytes lead it to: struct, index, type, key errors.
    except Exception:
        return None
    found = Wrapped(files=[(tidy(name), content) for name, content in files if content])
    found.text, found.html = _text(opened.body), _text(opened.htmlbody)
    # `rtfbody` of the reader wants another package to unpack it; what it would unpack is here.
    packed = getattr(opened, "_rtfbody", None)
    if isinstance(packed, bytes) and not found.html:
        text, found.html = rtf.read(packed, watch)
        found.text = found.text or text
        found.rtf = not found.text and not found.html
    return found


def _needed(data: bytes) -> bytes | None:
    """`data` with the needed objects only; None when there are too many (each one copies the rest)."""
    kept, offset, objects = [data[:6]], 6, 0
    while offset + 11 <= len(data):
        _, name, _, length = struct.unpack_from("<BHHI", data, offset)
        end = offset + 9 + length + 2
        if name in _NEEDED:
            kept.append(data[offset:end])
            objects += 1
        if objects > MOST_OBJECTS:
            return None
        offset = end
    return b"".join(kept)


def _text(body: object) -> str | None:
    if isinstance(body, list):
        body = next(iter(body), None)
    if isinstance(body, bytes):
        body = decode(body, None)[0]
    return tidy(body).strip("\x00\n ") or None if isinstance(body, str) else None
