"""Mails as nobody should write them, each of which somebody has: what the fuzzing begins with."""

import base64
import random
import struct
import zlib
from collections.abc import Callable
from typing import Final

HEAD: Final = (
    b"From: Jana Wiedekind <jana.wiedekind@moebelwerk-tressow.example>\r\nTo: service@nordlicht-it.example\r\n"
    b"Message-ID: <disaster@moebelwerk-tressow.example>\r\nDate: Mon, 16 Nov 2026 09:12:00 +0100\r\n"
    b"Subject: Drucker im Einkauf\r\nMIME-Version: 1.0\r\n"
)
TEXT: Final = b"Content-Type: text/plain; charset=utf-8\r\n\r\nDer Drucker druckt nicht.\r\n"
HTML: Final = b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Der Drucker <b>druckt</b> nicht.</p>\r\n"


def mail(rest: bytes) -> bytes:
    """Headers of an ordinary mail, then `rest`."""
    return HEAD + rest


def plain(body: bytes, kind: str = "text/plain; charset=utf-8", encoding: str = "8bit") -> bytes:
    """A mail of one text."""
    return mail(f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body)


def parts(*inner: bytes, kind: str = "mixed", boundary: bytes = b"=_b") -> bytes:
    """A multipart part around `inner`."""
    lines = b"".join(b"--" + boundary + b"\r\n" + one + b"\r\n" for one in inner)
    head = b"Content-Type: multipart/" + kind.encode() + b'; boundary="' + boundary + b'"\r\n\r\n'
    return head + lines + b"--" + boundary + b"--\r\n"


def file(content: bytes, kind: str, name: str) -> bytes:
    """A part that is a file in base64."""
    head = f'Content-Type: {kind}; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
    return f"{head}Content-Transfer-Encoding: base64\r\n\r\n".encode() + base64.encodebytes(content)


def tnef(*objects: tuple[int, int, int, bytes]) -> bytes:
    """A winmail.dat (MS-OXTNEF) of objects (level, name, type, content)."""
    data = struct.pack("<IH", 0x223E9F78, 1)
    for level, name, kind, content in objects:
        data += struct.pack("<BHHI", level, name, kind, len(content)) + content
        data += struct.pack("<H", sum(content) & 0xFFFF)
    return data


def _nested_messages(levels: int) -> bytes:
    return mail(
        b"Content-Type: message/rfc822\r\n\r\n" + (HEAD + b"Content-Type: message/rfc822\r\n\r\n") * levels + TEXT
    )


def _nested_parts(levels: int, text: bytes = b"Der Drucker druckt nicht.") -> bytes:
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(levels)
    )
    return mail(opened + b"\r\n" + text)


def _noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def _uu(content: bytes) -> bytes:
    lines = [base64.b16encode(content[:20])]
    return b"begin 644 liste.xls\n#86)C\n`\nend\n" + lines[0]


def _calendar(method: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method}", "BEGIN:VEVENT", "UID:1@x.example"]
    lines += ["DTSTART:20261116T090000Z", "SUMMARY:Besuch", "END:VEVENT", "END:VCALENDAR"]
    return f"Content-Type: text/calendar; method={method}; charset=utf-8\r\n\r\n".encode() + "\r\n".join(lines).encode()


def _report(status: bytes) -> bytes:
    delivery = b"Content-Type: message/delivery-status\r\n\r\n" + status
    returned = b"Content-Type: message/rfc822\r\n\r\n" + HEAD + b"\r\nAlt\r\n"
    return mail(parts(TEXT, delivery, returned, kind="report; report-type=delivery-status"))


def _words(size: int) -> bytes:
    chosen = random.Random(size)
    letters = "abcdefghijklmnopqrstuvwxyzäöüß"
    words = (("".join(chosen.choices(letters, k=7))) for _ in range(size // 8))
    return " ".join(words).encode()


def _html(body: bytes) -> bytes:
    return plain(b"<html><body>" + body + b"</body></html>", "text/html; charset=utf-8")


SMALL: Final[dict[str, Callable[[], bytes]]] = {
    "empty": lambda: b"",
    "one line end": lambda: b"\r\n",
    "only headers": lambda: HEAD,
    "no headers": lambda: b"\r\nDer Drucker druckt nicht.",
    "text alone": lambda: b"Der Drucker druckt nicht.",
    "bare CR": lambda: (HEAD + b"\r\nEins\r\nZwei").replace(b"\r\n", b"\r"),
    "mixed line ends": lambda: HEAD.replace(b"\r\n", b"\n") + b"\rEins\n\r\nZwei\r\r\nDrei",
    "NUL everywhere": lambda: HEAD.replace(b"Drucker", b"Dru\x00cker") + b"\r\na\x00b" + b"\x00" * 500,
    "181-character Date": lambda: HEAD.replace(b"Mon, 16", b"x" * 181) + b"\r\nx",
    "date of year 0": lambda: HEAD.replace(b"2026", b"0000") + b"\r\nx",
    "date with a huge zone": lambda: HEAD.replace(b"+0100", b"+99999999") + b"\r\nx",
    "no sender": lambda: HEAD.replace(b"From:", b"X-From:") + b"\r\nx",
    "sender without address": lambda: HEAD.replace(b"<jana.wiedekind@moebelwerk-tressow.example>", b"") + b"\r\nx",
    "sender of 5,000 letters": lambda: HEAD.replace(b"jana.w", b"j" * 5_000) + b"\r\nx",
    "sender with surrogates": lambda: HEAD.replace(b"Jana", b"=?utf-8?B?7aCA?= \xed\xa0\x80") + b"\r\n\xed\xa0\x80",
    "message id of 5,000 letters": lambda: HEAD.replace(b"<disaster", b"<" + b"i" * 5_000) + b"\r\nx",
    "message id of 895 wide letters": lambda: HEAD.replace(b"<disaster", b"<" + "é€😀".encode() * 290) + b"\r\nx",
    "subject in every encoding": lambda: (
        HEAD.replace(b"Drucker", b"=?utf-8?B?8J+WqO+4jw==?= =?x-none?Q?=FF=FE?= \xff") + b"\r\nx"
    ),
    "subject of bidi": lambda: (
        HEAD.replace(b"Drucker", "\u202egnp.exe\u202c \u2066x\u2069".encode()) + b"\r\n\xe2\x80\xae"
    ),
    "charset unknown": lambda: plain(b"Gr\xfc\xdfe", "text/plain; charset=x-nowhere"),
    "charset wrong": lambda: plain("Grüße €".encode("utf-16"), "text/plain; charset=utf-8"),
    "charset zlib": lambda: plain(zlib.compress(b"a" * 100_000), "text/plain; charset=zlib"),
    "charset utf-7": lambda: plain(b"+AMQ-+ADw-script+AD4-", "text/html; charset=utf-7"),
    "base64 broken": lambda: plain(base64.b64encode(b"Der Drucker druckt nicht.")[:-3] + b"\xff!!", encoding="base64"),
    "quoted-printable broken": lambda: plain(b"=C3=\r\n=ZZ=F=", encoding="quoted-printable"),
    "encoding unknown": lambda: plain(b"Der Drucker", encoding="x-none; base64"),
    "boundary missing": lambda: mail(b"Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\nDer Drucker\r\n--x--"),
    "boundary wrong": lambda: mail(parts(TEXT, HTML).replace(b"--=_b", b"--=_c")),
    "boundary never closed": lambda: mail(parts(TEXT, HTML)[:-12]),
    "boundary a prefix of another": lambda: mail(
        parts(parts(TEXT, HTML, kind="alternative", boundary=b"=_b2"), file(b"x", "image/png", "a.png"))
    ),
    "boundary of an inner one reused": lambda: mail(parts(parts(TEXT, HTML, kind="alternative"), TEXT)),
    "boundary of blanks": lambda: mail(parts(TEXT, HTML, boundary=b"   ")),
    "boundary of 5,000 letters": lambda: mail(parts(TEXT, HTML, boundary=b"b" * 5_000)),
    "mail in a mail": lambda: _nested_messages(1),
    "200 mails in one another": lambda: _nested_messages(200),
    "60 levels of parts": lambda: _nested_parts(60),
    "3,000 levels of parts": lambda: _nested_parts(3_000),
    "uuencoded": lambda: plain(b"Anbei.\n" + _uu(b"abc") + b"\nbegin 644 x\n(((\nend\nbegin 644"),
    "winmail.dat": lambda: mail(
        parts(
            file(
                tnef((1, 0x9007, 6, struct.pack("<II", 1252, 0)), (1, 0x800C, 2, b"Text aus Outlook\x00")),
                "application/ms-tnef",
                "winmail.dat",
            )
        )
    ),
    "winmail.dat cut": lambda: mail(
        parts(TEXT, file(tnef((2, 0x800F, 6, b"abc"))[:-4], "application/ms-tnef", "w.dat"))
    ),
    "winmail.dat of noise": lambda: mail(
        parts(TEXT, file(b"\x78\x9f\x3e\x22" + _noise(5_000), "application/ms-tnef", "winmail.dat"))
    ),
    "invitation": lambda: mail(parts(TEXT, HTML, _calendar("REQUEST"), kind="alternative")),
    "invitation alone": lambda: mail(_calendar("REPLY")),
    "S/MIME signed": lambda: mail(
        parts(HTML, file(b"0\x82", "application/pkcs7-signature", "smime.p7s"), kind="signed; micalg=sha-256")
    ),
    "S/MIME signed, opaque": lambda: mail(
        file(b"0\x82\x01" + TEXT, 'application/pkcs7-mime; smime-type="signed-data"', "smime.p7m")
    ),
    "S/MIME sealed": lambda: mail(file(_noise(900), "application/pkcs7-mime; smime-type=enveloped-data", "smime.p7m")),
    "PGP sealed": lambda: mail(
        parts(
            b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n",
            b"Content-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n",
            kind="encrypted",
        )
    ),
    "bounce": lambda: _report(b"Final-Recipient: rfc822; x@y.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"),
    "bounce of noise": lambda: _report(_noise(3_000)),
    "huge parameters": lambda: mail(b"Content-Type: text/plain" + b"; a*0*=%FF" * 20_000 + b"\r\n\r\nx"),
    "content type of noise": lambda: mail(b"Content-Type: \xff/\x00;;; charset\r\n\r\nx"),
    "name with markup": lambda: mail(parts(TEXT, file(b"x", "image/svg+xml", "x'><svg onload=alert(1)>.svg"))),
    "name that climbs": lambda: mail(parts(TEXT, file(b"x", "text/html", "../../etc/passwd\x00.html"))),
    "name of 5,000 letters": lambda: mail(parts(TEXT, file(b"x", "application/pdf", "n" * 5_000 + ".pdf"))),
    "content id of noise": lambda: mail(
        parts(b"Content-Type: image/png\r\nContent-ID: \xff\x00<>\r\n\r\nx", HTML, kind="related")
    ),
    "style to leave the page": lambda: _html(b"<div style='position:fixed;top:0;background:url(//e.example)'>x</div>"),
    "comment never closed": lambda: _html(b"<p>Drucker</p><!--" * 50),
    "half a tag": lambda: _html(b"<p>Drucker</p><" + b"a" * 100 + b" b='"),
    "reaction": lambda: plain(b"Jana reacted to your message:\r\n", "text/plain; charset=utf-8"),
    "number too large for a ticket": lambda: HEAD.replace(b"Drucker", b"[#99999999999999999999] Drucker") + b"\r\nx",
}

LARGE: Final[dict[str, Callable[[], bytes]]] = {
    "25 MB attachment": lambda: mail(parts(TEXT, file(_noise(25_000_000), "application/zip", "bilder.zip"))),
    "text of 10 MB": lambda: plain(_words(10_000_000)),
    "text of 10 MB in one word": lambda: plain(b"x" * 10_000_000),
    "HTML of 10 MB": lambda: _html(b"<p>" + _words(1_000_000) * 10 + b"</p>"),
    "megabytes of white space": lambda: plain(b" \t\r\n" * 1_500_000),
    "HTML of white space": lambda: _html(b"<p>" + b" " * 3_000_000 + b"x</p>" + b"\n" * 3_000_000),
    "2,000 links": lambda: _html(b"<a href='http://www.kunde.example/seite?x=1&y=2'>Seite</a> und\r\n" * 2_000),
    "2,000 pictures": lambda: _html(b"<img src='http://www.kunde.example/bild.png' width=40>" * 2_000),
    "HTML 20,000 levels deep": lambda: _html(b"<div>" * 20_000 + b"x" + b"</div>" * 20_000),
    "tables in tables": lambda: _html(b"<table><tr><td>" * 5_000 + b"x"),
    "formatting never closed": lambda: _html(b"<p><b><i><font size=2>x" * 5_000),
    "quotes in quotes": lambda: _html(b"<blockquote type=cite><p>x</p>" * 3_000),
    "quoted text of 200,000 lines": lambda: plain(b"> a\r\nb\r\n" * 100_000),
    "5,000 recipients": lambda: (
        HEAD.replace(
            b"To: ", b"To: " + b", ".join(b"Person %d <person%d@kunde.example>" % (n, n) for n in range(5_000)) + b", "
        )
        + b"\r\nx"
    ),
    "50,000 header lines": lambda: HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(50_000)) + b"\r\nx",
    "header of 2 MB": lambda: HEAD.replace(b"Drucker", b"Drucker " * 250_000) + b"\r\nx",
    "200,000 encoded words": lambda: HEAD.replace(b"Drucker", b"=?utf-8?Q?a?= " * 200_000) + b"\r\nx",
    "200,000 references": lambda: HEAD + b"References: " + b"<a@b.example> " * 200_000 + b"\r\n\r\nx",
    "References, all different": lambda: (
        HEAD + b"References:" + b"".join(b" <%d@b.example>" % n for n in range(9_000)) + b"\r\n\r\nx"
    ),
    "3,000 parts": lambda: mail(parts(*[TEXT] * 3_000)),
    "900 files": lambda: mail(parts(TEXT, *[file(b"x%d" % n, "text/csv", f"{n}.csv") for n in range(900)])),
    "300 levels around 3 MB": lambda: _nested_parts(300, b"Eine Zeile Text.\r\n" * 170_000),
    "mails in one another around 8 MB": lambda: mail(
        (b"Content-Type: message/rfc822\r\n\r\n" + HEAD) * 150 + parts(TEXT, file(_noise(6_000_000), "a/b", "x"))
    ),
    "50,000 files begun in the text": lambda: plain(b"begin 644 x\n" * 50_000 + b"\nend"),
    "winmail.dat of 5,000 objects": lambda: mail(
        parts(TEXT, file(tnef(*[(1, 0x8010, 1, b"")] * 5_000), "application/ms-tnef", "winmail.dat"))
    ),
    "a megabyte of brackets": lambda: HEAD.replace(b"From: ", b"From: " + b"(<" * 500_000) + b"\r\nx",
    "dashes": lambda: plain(b"-" * 1_000_000 + b"\r\n" + b"--------\r\n" * 100_000),
    "lines that look like attributions": lambda: plain(b"Am 1.1.2020 um 10:10 schrieb x@y.example\r\n" * 20_000),
    "flowed": lambda: plain(b"> > a \r\n" * 200_000, "text/plain; format=flowed; delsp=yes"),
    "ampersands": lambda: _html(b"&" * 1_000_000),
    "a style of a megabyte": lambda: _html(b"<p style='" + b"color:red;" * 100_000 + b"'>x</p>"),
}
