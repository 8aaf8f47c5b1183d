"""Header lines of a mail: encoded words, addresses, ids, dates; as they come, never raising."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from backend.mail.parse.charset import decode, tidy

# RFC 2047, but lenient: spaces inside the word and words inside quotation marks occur.
_WORD: Final = re.compile(r"=\?([A-Za-z0-9_.:+-]{1,40})(?:\*[A-Za-z0-9-]{0,20})?\?([bBqQ])\?([^?\r\n]*)\?=")
_ID: Final = re.compile(r"<([^<>\s]{1,900})>")
_INVISIBLE: Final = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\u00ad]")
LONGEST: Final = 20_000
MOST_ADDRESSES: Final = 1_000
MOST_REFERENCES: Final = 200


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox as a header names it. `address` is in lower case; empty when none could be read."""

    name: str
    address: str


def raw_text(value: str) -> str:
    """A header value as the parser of the standard library leaves it (bytes as surrogates), as text."""
    if value.isascii():
        return value
    data = value.encode("utf-8", "surrogateescape")
    return decode(data, None)[0]


def decode_words(value: str) -> str:
    """`value` with its encoded words (RFC 2047) as text, on one line.

    Neighbouring words of one character set are joined before they are decoded, since many senders
    cut in the middle of a character.
    """
    value = " ".join(value[:LONGEST].split())
    pieces: list[str] = []
    pending: tuple[str, bytes] | None = None
    end = 0
    for found in _WORD.finditer(value):
        between = value[end : found.start()]
        charset, data = found[1].lower(), _word_bytes(found[2], found[3])
        if pending and not between.strip() and pending[0] == charset:
            pending = (charset, pending[1] + data)
        else:
            if pending:
                pieces.append(decode(pending[1], pending[0])[0])
                between = between if between.strip() else ""
            pieces.append(between)
            pending = (charset, data)
        end = found.end()
    if pending:
        pieces.append(decode(pending[1], pending[0])[0])
    pieces.append(value[end:])
    return " ".join(_INVISIBLE.sub("", tidy("".join(pieces))).split())


def _word_bytes(encoding: str, content: str) -> bytes:
    if encoding in "bB":
        content = "".join(content.split()).rstrip("=")
        content = content[: len(content) - (len(content) % 4 == 1)]
        try:
            return base64.b64decode(content.encode("ascii", "ignore") + b"=" * (-len(content) % 4))
        except (binascii.Error, ValueError):
            return b""
    return binascii.a2b_qp(content.encode("latin-1", "replace"), header=True)


def cut(text: str, longest: int) -> str:
    """`text`, ended with … when it has more than `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def addresses(value: str) -> tuple[Address, ...]:
    """The mailboxes in an address header (RFC 5322, 3.4), group names left out.

    Names are decoded after the list was taken apart, so that an encoded comma or bracket in a name
    can never become an address.
    """
    found = []
    for piece in _split(value[:LONGEST]):
        address = _one(piece)
        if address.address or address.name:
            found.append(address)
        if len(found) >= MOST_ADDRESSES:
            break
    return tuple(found)


def _split(value: str) -> list[str]:
    """Cuts an address list at its commas (and semicolons), those in quotes, brackets, comments left alone."""
    pieces, start, quoted, angle, depth, index = [], 0, False, False, 0, 0
    while index < len(value):
        letter = value[index]
        word = _WORD.match(value, index) if letter == "=" else None
        if word:
            index = word.end() - 1
        elif letter == "\\" and (quoted or depth):
            index += 1
        elif letter == '"' and not depth:
            quoted = not quoted
        elif quoted:
            pass
        elif letter == "(":
            depth += 1
        elif letter == ")" and depth:
            depth -= 1
        elif depth:
            pass
        elif letter in "<>":
            angle = letter == "<"
        elif letter in ",;" and not angle:
            pieces.append(value[start:index])
            start = index + 1
        elif letter == ":" and not angle and "@" not in value[start:index]:
            start = index + 1
        index += 1
    pieces.append(value[start:])
    return [piece.strip() for piece in pieces if piece.strip()]


def _one(piece: str) -> Address:
    opening = piece.rfind("<")
    if opening >= 0:
        inside, _, _ = piece[opening + 1 :].partition(">")
        name = piece[:opening]
    else:
        bare = _without_comments(piece)
        words = bare.split()
        inside = next((word for word in reversed(words) if "@" in word), "")
        name = " ".join(word for word in words if word != inside) or _comment(piece)
    return Address(name=cut(_name(name), 200), address=_address(inside))


def _name(raw: str) -> str:
    raw = raw.strip()
    if len(raw) >= 2 and raw[0] == raw[-1] == '"':
        raw = re.sub(r"\\(.)", r"\1", raw[1:-1])
    return decode_words(raw).strip(" '\"")


def _address(raw: str) -> str:
    """`raw` as an address in lower case; empty when it is none."""
    address = "".join(raw.split()).strip("<>'\"").lower()
    address = address.removeprefix("mailto:").removeprefix("smtp:")
    local, _, domain = address.rpartition("@")
    if not local or not domain or len(address) > 320 or any(letter in address for letter in '<>(),;:"\\[]'):
        return ""
    return "" if "@" in local or tidy(address) != address else address


def name_and_address(name: str, address: str) -> str:
    """`name <address>` as a page offers it and gets it back; unlike in a mail, any letters may be in both."""
    if not name.strip():
        return address
    quoted = " ".join(name.split()).replace("\\", "\\\\").replace('"', '\\"')
    plain = all(letter.isalnum() or letter in " -'" for letter in quoted)
    return f"{quoted} <{address}>" if plain else f'"{quoted}" <{address}>'


def _without_comments(piece: str) -> str:
    kept, depth = [], 0
    for letter in piece:
        if letter == "(":
            depth += 1
        elif letter == ")" and depth:
            depth -= 1
        elif not depth:
            kept.append(letter)
    return "".join(kept)


def _comment(piece: str) -> str:
    opening, closing = piece.find("("), piece.rfind(")")
    return piece[opening + 1 : closing] if 0 <= opening < closing else ""


def ids(value: str) -> tuple[str, ...]:
    """The message ids in Message-ID, In-Reply-To or References, each with its angle brackets, no doubles.

    An id without brackets, as some programs write it, gets them. At most 200: the first and the last.
    """
    value = raw_text(value)[: LONGEST * 5]
    found = [f"<{inner}>" for inner in _ID.findall(value)]
    if not found:
        found = [f"<{word.strip('<>')}>" for word in value.split() if "@" in word and len(word) < 900][:1]
    unique = [tidy(one) for one in dict.fromkeys(found)]
    if len(unique) > MOST_REFERENCES:
        unique = unique[:1] + unique[1 - MOST_REFERENCES :]
    return tuple(unique)


def date(value: str) -> datetime | None:
    """The Date header in UTC, or None when it cannot be read or is far from any mail's time."""
    try:
        moment = parsedate_to_datetime(" ".join(value[:120].split()))
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError, AttributeError):
        return None
    return moment if 1971 <= moment.year <= 2200 else None
