"""The text that Outlook puts into winmail.dat: compressed RTF (MS-OXRTFCP), often HTML in disguise (MS-OXRTFEX)."""

import re
import struct
from dataclasses import dataclass
from typing import Final

from backend.mail.parse.charset import lookup, tidy
from backend.mail.parse.limit import Stopwatch

_LZFU: Final = 0x75465A4C
_MELA: Final = 0x414C454D
# The dictionary as it stands before the first byte (MS-OXRTFCP, 2.1.2.1).
_PREFILLED: Final = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_SIZE: Final = 4096
LARGEST: Final = 3_000_000
_ROUNDS: Final = 10_000
_TOKEN: Final = re.compile(
    rb"\\([a-z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z'])|([{}])|([^\\{}\r\n]+)", re.IGNORECASE
)
_UNSHOWN: Final = frozenset(
    {b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pntext", b"pict", b"object", b"header", b"footer", b"xe"}
)
_BREAKS: Final = {b"par": "\n", b"line": "\n", b"row": "\n", b"sect": "\n", b"tab": "\t", b"cell": "\t"}
_LETTERS: Final = {
    b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•", b"endash": "–",
    b"emdash": "—", b"~": "\xa0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}",
}  # fmt: skip


def read(compressed: bytes, watch: Stopwatch | None = None) -> tuple[str | None, str | None]:
    """(text, HTML) of a compressed RTF body: one of them, or neither when it cannot be read; the beginning of it when
    `watch` is over before."""
    watch = watch or Stopwatch()
    rtf = decompress(compressed, watch)
    if not rtf.startswith(b"{\\rtf"):
        return None, None
    is_html = b"\\fromhtml1" in rtf[:2_000]
    said = tidy(_Reader(is_html).read(rtf, watch))
    if not said.strip():
        return None, None
    return (None, said) if is_html else (said.strip("\n"), None)


def decompress(data: bytes, watch: Stopwatch | None = None) -> bytes:
    """The RTF in `data`, as much of it as can be read before `watch` is over."""
    if len(data) < 16:
        return b""
    size, raw_size, kind, _ = struct.unpack_from("<IIII", data)
    if kind == _MELA:
        return data[16 : 16 + min(raw_size, LARGEST)]
    if kind != _LZFU or raw_size > LARGEST:
        return b""
    return _unpacked(data[16 : size + 4], raw_size, watch or Stopwatch())


def _unpacked(data: bytes, raw_size: int, watch: Stopwatch) -> bytes:
    window = bytearray(_PREFILLED.ljust(_SIZE, b"\x00"))
    write, at, found = len(_PREFILLED), 0, bytearray()
    rounds = 0
    while at < len(data) and len(found) < raw_size:
        rounds += 1
        if not rounds % _ROUNDS and watch.over():
            break
        flags = data[at]
        at += 1
        for bit in range(8):
            if flags >> bit & 1:
                if at + 2 > len(data):
                    return bytes(found)
                pair = data[at] << 8 | data[at + 1]
                at += 2
                start, length = pair >> 4, (pair & 15) + 2
                if start == write:
                    return bytes(found[:raw_size])
                piece = [(start + n) % _SIZE for n in range(length)]
            elif at < len(data):
                window[write] = data[at]
                found.append(data[at])
                write, at = (write + 1) % _SIZE, at + 1
                continue
            else:
                break
            for place in piece:
                window[write] = window[place]
                found.append(window[place])
                write = (write + 1) % _SIZE
    return bytes(found[:raw_size])


@dataclass(slots=True)
class _Group:
    shown: bool = True
    is_tag: bool = False
    disguised: bool = False
    after: int = 1


class _Reader:
    """Reads RTF tokens; of HTML in disguise only what was HTML."""

    def __init__(self, is_html: bool) -> None:
        self.is_html = is_html
        self.codec = "cp1252"
        self.groups = [_Group()]
        self.pieces: list[str] = []
        self.pending = bytearray()
        self.starred = False
        self.skip = 0

    def read(self, rtf: bytes, watch: Stopwatch) -> str:
        for count, found in enumerate(_TOKEN.finditer(rtf), 1):
            if not count % _ROUNDS and watch.over():
                break
            word, number, code, symbol, brace, text = found.groups()
            if code:
                self._bytes(bytes([int(code, 16)]))
            elif text is not None:
                self._bytes(text)
            else:
                self._flush()
                if brace:
                    self._brace(brace)
                elif word:
                    self._word(word.lower(), int(number) if number else None)
                else:
                    self._symbol(symbol)
        self._flush()
        return "".join(self.pieces)

    def _bytes(self, data: bytes) -> None:
        if self.skip:
            cut = min(self.skip, len(data))
            self.skip -= cut
            data = data[cut:]
        group = self.groups[-1]
        if group.shown and not group.disguised:
            self.pending += data

    def _flush(self) -> None:
        if self.pending:
            self.pieces.append(self.pending.decode(self.codec, "replace"))
            self.pending.clear()

    def _say(self, text: str) -> None:
        group = self.groups[-1]
        if group.shown and not group.disguised:
            self.pieces.append(text)

    def _brace(self, brace: bytes) -> None:
        self.skip = 0
        if brace == b"{" and len(self.groups) < 1_000:
            last = self.groups[-1]
            self.groups.append(_Group(last.shown, last.is_tag, last.disguised, last.after))
        elif brace == b"}" and len(self.groups) > 1:
            self.groups.pop()
        self.starred = False

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self.starred = True
        elif symbol in _LETTERS:
            self._say(_LETTERS[symbol])
        elif symbol in (b"\r", b"\n"):
            self._say("\n")

    def _word(self, word: bytes, number: int | None) -> None:
        group, starred = self.groups[-1], self.starred
        self.starred = False
        if word == b"htmltag" and starred:
            group.is_tag = group.shown = True
        elif starred or word in _UNSHOWN:
            group.shown = False
        elif word == b"htmlrtf":
            group.disguised = number != 0
        elif word == b"ansicpg" and number:
            self.codec = lookup(f"cp{number}") or ("utf-8" if number == 65001 else "cp1252")
        elif word == b"uc":
            group.after = max(0, min(number or 0, 10))
        elif word == b"u" and number is not None:
            self._say(chr(number % 65_536) if not 0xD800 <= number % 65_536 < 0xE000 else "\ufffd")
            self.skip = group.after
        elif word in _BREAKS:
            self._say(_BREAKS[word])
        elif word in _LETTERS:
            self._say(_LETTERS[word])
