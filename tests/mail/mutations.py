"""Mails from samples, changed byte by byte and part by part. The same random numbers make the same mail."""

import base64
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.mail import disasters

_FIXTURES: Final = Path(__file__).parent / "fixtures"
LARGEST: Final = 3_000_000

_TOKENS: Final = [
    b"\x00", b"\r", b"\n", b"\n\n", b"\r\n\r\n", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\xef\xbf\xbe", b"--",
    b"--=_b", b"--=_b--\r\n", b"=?utf-8?B?", b"?=", b"=?x?q?=FF?=", b"begin 644 x\n", b"\nend\n", b"From ", b"From: ",
    b"> ", b"<", b">", b"<!--", b"]]>", b"</", b"<table><tr><td>", b"<style>", b"<script>", b"&#0;", b"&#xD800;",
    b"&#1114112;", b"=00", b"=\n", b"%00", b"'", b'"', b"\\", b"@", b",", b";", b":", b"(", b"-- \n",
    b"Am 16.11.2026 schrieb x:", b"On 1 Jan 2026, x wrote:", b"-----Original Message-----", b"Von: x@y.example\n",
    b"[#10001]", b"[#99999999999999999999]", b"\xfe\xff", b"+ADw-", b"\x1b$B", b"Content-Type: text/html\r\n\r\n",
    b"Content-Type: multipart/mixed; boundary==_b\r\n\r\n", b"\x78\x9f\x3e\x22",
]  # fmt: skip
_HEADERS: Final[dict[bytes, list[bytes]]] = {
    b"From": [
        b"", b"<>", b"x", b"@", b"a@b@c.example", b"\xff <x@y.example>", b"x@y.example, z@y.example",
        b"noreply@y.example", b"MAILER-DAEMON <>", b"service@nordlicht-it.example", b"=?utf-8?B?AAAA?= <x@y.example>",
        b"x" * 400 + b"@y.example",
    ],
    b"To": [b"", b"undisclosed-recipients:;", b"service@nordlicht-it.example" + b", x@y.example" * 300, b"(((("],
    b"Reply-To": [b"", b"\x00@x", b"y@z.example"],
    b"Subject": [
        b"", b"Re: " * 300, b"=?utf-8?B?gICA?=", b"\x00", b"x" * 70_000, b"Out of Office: x", b"Undelivered Mail",
        b"[#10000]", b"WG: Fwd: \xe2\x80\xaex", b"Automatische Antwort: x",
    ],
    b"Date": [
        b"", b"0", b"x" * 181, b"Mon, 31 Feb 2026 99:99:99 +9999", b"Thu, 01 Jan 1970 00:00:00 GMT",
        b"31 Dec 9999 23:59 -1200",
    ],
    b"Message-ID": [
        b"", b"<>", b"<x>", b"<" + b"m" * 880 + b"@x>", b"x y z", b"<\xff@x>",
        b"<ds.reply.1.aaaa@nordlicht-it.example>",
    ],
    b"In-Reply-To": [b"", b"<disaster@moebelwerk-tressow.example>", b"<x> <y>", b"\x00"],
    b"References": [b"<a@b> " * 500, b"<disaster@moebelwerk-tressow.example>"],
    b"Content-Type": [
        b"", b"text/html", b"text/plain; charset=utf-16", b"text/plain; charset=idna", b"text/x-none", b"x",
        b"multipart/mixed", b"multipart/mixed; boundary=\"=_b\"", b"multipart/alternative; boundary=\"=_b\"",
        b"multipart/digest; boundary=\"=_b\"", b"multipart/report; report-type=delivery-status; boundary=\"=_b\"",
        b"message/rfc822", b"message/partial", b"message/delivery-status", b"message/external-body",
        b"application/ms-tnef", b"text/calendar; method=REPLY", b"application/pkcs7-mime",
        b"multipart/encrypted; boundary=\"=_b\"", b"text/plain; charset*=x''%FF; format=flowed",
    ],
    b"Content-Transfer-Encoding": [b"", b"base64", b"quoted-printable", b"x-uuencode", b"7bit;", b"binary", b"\xff"],
    b"Content-Disposition": [
        b"attachment", b"inline; filename=\"\x00\"", b"attachment; filename*0*=utf-8''%FF; filename*2=x", b"x",
    ],
    b"Content-ID": [b"<a>", b"<\xff>", b"x" * 3_000],
    b"Auto-Submitted": [b"auto-replied", b"no", b"auto-generated", b"\xff"],
    b"Precedence": [b"bulk", b"list"],
    b"List-Id": [b"<x>"],
    b"Return-Path": [b"<>", b"\xff"],
    b"X-Deskside-Loop": [b"x"],
    b"X-Failed-Recipients": [b"x@y.example", b"\xff" * 50],
}  # fmt: skip


def samples(reference: Path) -> list[bytes]:
    """Mails of machines and of people (as far as `reference` is there), our own, and the small disasters."""
    found = [make() for make in disasters.SMALL.values()]
    machines, replies = reference / "mail" / "machine_mail.json", reference / "mail" / "replies.json"
    if machines.exists():
        found += [base64.b64decode(one["raw_base64"]) for one in json.loads(machines.read_text(encoding="utf-8"))]
    if replies.exists():
        texts = [one["text"] for one in json.loads(replies.read_text(encoding="utf-8"))]
        found += [disasters.plain(text.encode()) for text in texts]
    for path in sorted(_FIXTURES.glob("replies_*.txt")):
        for block in path.read_text(encoding="utf-8").split("\n=== "):
            body = block.partition("\n")[2].partition("\n--- expected")[0].encode()
            kind = "text/html; charset=utf-8" if body.startswith(b"<") else "text/plain; charset=utf-8"
            found.append(disasters.plain(body, kind))
    return found


def mutated(chance: random.Random, corpus: list[bytes]) -> bytes:
    """One of `corpus`, changed one to six times."""
    raw = chance.choice(corpus)
    for _ in range(chance.choice((1, 1, 2, 3, 4, 6))):
        change = chance.choice(_CHANGES)
        raw = change(chance, raw, corpus)[:LARGEST]
    return raw


def _place(chance: random.Random, raw: bytes) -> int:
    """Some place in `raw`, often among its headers."""
    return chance.randint(0, min(len(raw), chance.choice((200, 2_000, len(raw)))))


def _span(chance: random.Random, raw: bytes) -> tuple[int, int]:
    start = _place(chance, raw)
    return start, min(len(raw), start + chance.choice((1, 4, 30, 300, 3_000)))


def _flip(chance: random.Random, raw: bytes, _corpus: list[bytes]) -> bytes:
    changed = bytearray(raw)
    for _ in range(chance.choice((1, 3, 20)) if raw else 0):
        changed[min(_place(chance, raw), len(raw) - 1)] = chance.randrange(256)
    return bytes(changed)


def _insert(chance: random.Random, raw: bytes, _corpus: list[bytes]) -> bytes:
    at = _place(chance, raw)
    return raw[:at] + chance.choice(_TOKENS) * chance.choice((1, 1, 1, 5, 300)) + raw[at:]


def _noise(chance: random.Random, raw: bytes, _corpus: list[bytes]) -> bytes:
    at = _place(chance, raw)
    return raw[:at] + chance.randbytes(chance.choice((1, 8, 100, 2_000))) + raw[at:]


def _remove(chance: random.Random, raw: bytes, _corpus: list[bytes]) -> bytes:
    start, end = _span(chance, raw)
    return raw[:start] + raw[end:]


def _double(chance: random.Random, raw: bytes, _corpus: list[bytes]) -> bytes:
    start, end = _span(chance, raw)
    return raw[:end] + raw[start:end] * chance.choice((1, 2, 10, 200)) + raw[end:]


def _amplify(chance: random.Random, raw: bytes, _corpus: list[bytes]) -> bytes:
    """One piece, as often as a megabyte holds it."""
    start, end = _span(chance, raw)
    piece = raw[start:end] or b" "
    if chance.random() < 0.8:
        return raw[:end] + piece * 50 + raw[end:]
    return raw[:end] + piece * (1_000_000 // len(piece)) + raw[end:]


def _swap(chance: random.Random, raw: bytes, _corpus: list[bytes]) -> bytes:
    (a, b), (c, d) = sorted((_span(chance, raw), _span(chance, raw)))
    return raw if c < b else raw[:a] + raw[c:d] + raw[b:c] + raw[a:b] + raw[d:]


def _cut(chance: random.Random, raw: bytes, _corpus: list[bytes]) -> bytes:
    return raw[: _place(chance, raw)]


def _splice(chance: random.Random, raw: bytes, corpus: list[bytes]) -> bytes:
    other = chance.choice(corpus)
    return raw[: _place(chance, raw)] + other[_place(chance, other) :]


def _line_ends(chance: random.Random, raw: bytes, _corpus: list[bytes]) -> bytes:
    plain = raw.replace(b"\r\n", b"\n")
    return plain.replace(b"\n", chance.choice((b"\r", b"\n", b"\r\n", b"\r\r\n", b"\n\n", b"\n ", b"\x0b", b"\x85")))


def _header(chance: random.Random, raw: bytes, _corpus: list[bytes]) -> bytes:
    """A header replaced, doubled, dropped or brought in, in the mail's head or in a part's."""
    name = chance.choice(list(_HEADERS))
    line = name + b": " + chance.choice(_HEADERS[name]) + b"\r\n"
    there = list(re.finditer(rb"(?im)^%s:.*(?:\r?\n[ \t].*)*\r?\n" % name, raw[:200_000]))
    if not there or chance.random() < 0.2:
        starts = [0] + [found.end() for found in re.finditer(rb"(?m)^--[^\r\n]{1,70}\r?\n", raw[:200_000])]
        at = chance.choice(starts)
        return raw[:at] + line + raw[at:]
    found = chance.choice(there)
    new = chance.choice((line, b"", found[0] + line, found[0] * 2))
    return raw[: found.start()] + new + raw[found.end() :]


def _shuffle(chance: random.Random, raw: bytes, _corpus: list[bytes]) -> bytes:
    head, gap, rest = raw.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    chance.shuffle(lines)
    return b"\r\n".join(lines) + gap + rest


def _wrap(chance: random.Random, raw: bytes, corpus: list[bytes]) -> bytes:
    """The whole mail inside another one."""
    kind = chance.choice(
        ("mixed", "alternative", "related", "signed", "report; report-type=delivery-status", "digest", "encrypted")
    )
    inner = chance.choice(
        (
            lambda: b"Content-Type: message/rfc822\r\n\r\n" + raw,
            lambda: raw,
            lambda: disasters.file(raw, "message/rfc822", "mail.eml"),
            lambda: disasters.file(raw, "application/octet-stream", "winmail.dat"),
            lambda: b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(raw),
        )
    )()
    pieces = [disasters.TEXT, inner, chance.choice(corpus)[:50_000]]
    chance.shuffle(pieces)
    return disasters.mail(disasters.parts(*pieces[: chance.randint(1, 3)], kind=kind))


_CHANGES: Final[list[Callable[[random.Random, bytes, list[bytes]], bytes]]] = [
    _flip, _insert, _noise, _remove, _double, _amplify, _swap, _cut, _splice, _line_ends, _header, _header, _header,
    _header, _shuffle, _wrap, _wrap,
]  # fmt: skip
