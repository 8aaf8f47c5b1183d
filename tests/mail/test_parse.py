"""Any bytes become a mail; what cannot be read is said, and nothing is lost."""

import base64
import struct
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.mail import problems
from backend.mail.parse import Address, Mail, parse

HEAD = (
    b"From: =?utf-8?Q?J=C3=BCrgen_Wei=C3=9F?= <Juergen.Weiss@Kunde.example>\r\n"
    b"To: service@nordlicht-it.example\r\nMessage-ID: <1@kunde.example>\r\n"
    b"Date: Mon, 16 Nov 2026 09:12:00 +0100\r\nSubject: Drucker\r\nMIME-Version: 1.0\r\n"
)


def mail(rest: bytes, head: bytes = HEAD) -> Mail:
    return parse(head + rest)


def plain(body: bytes, charset: str = "utf-8", encoding: str = "8bit") -> Mail:
    kind = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return mail(kind.encode() + body)


def multipart(kind: str, *parts: bytes, extra: str = "") -> bytes:
    joined = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="b"{extra}\r\n\r\n'.encode() + joined + b"--b--\r\n"


TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nHallo"
HTML = b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Hallo</p>"


def test_an_ordinary_mail() -> None:
    found = mail(
        b'Cc: "Brandis, Lena" <lena@x.example>, (Piet) piet@x.example\r\nReply-To: <antwort@kunde.example>\r\n'
        b"In-Reply-To: <0@desk.example>\r\nReferences: <a@x>\r\n\t<0@desk.example> <a@x>\r\n\r\nHallo\r\nWelt\r\n"
    )
    assert found.from_ == Address("Jürgen Weiß", "juergen.weiss@kunde.example")
    assert found.to == (Address("", "service@nordlicht-it.example"),)
    assert found.cc == (Address("Brandis, Lena", "lena@x.example"), Address("Piet", "piet@x.example"))
    assert found.reply_to == (Address("", "antwort@kunde.example"),)
    assert found.internet_message_id == "<1@kunde.example>"
    assert found.in_reply_to == "<0@desk.example>"
    assert found.references == ("<a@x>", "<0@desk.example>")
    assert found.date == datetime(2026, 11, 16, 8, 12, tzinfo=UTC)
    assert (found.subject, found.text, found.html) == ("Drucker", "Hallo\nWelt", None)
    assert found.problems == ()


def test_text_html_and_files_find_their_places() -> None:
    image = b'Content-Type: image/png; name="logo.png"\r\nContent-ID: <logo@x>\r\nContent-Disposition: inline\r\n'
    image += b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo="
    pdf = b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe.pdf"
    pdf += b"\r\n\r\n%PDF"
    both = multipart("alternative", TEXT, HTML).replace(b"--b", b"--c").replace(b'"b"', b'"c"')
    found = mail(multipart("mixed", both, image, pdf))
    assert (found.text, found.html) == ("Hallo", "<p>Hallo</p>")
    assert [(one.name, one.content_type, one.inline, one.content_id) for one in found.attachments] == [
        ("logo.png", "image/png", True, "logo@x"),
        ("Größe.pdf", "application/pdf", False, None),
    ]
    assert found.attachments[0].data.startswith(b"\x89PNG")


def test_pieces_of_text_around_files_are_all_kept() -> None:
    found = mail(multipart("mixed", TEXT, HTML, b"Content-Type: text/plain\r\n\r\n<Fuss>"))
    assert found.text == "Hallo\n\n<Fuss>"
    assert found.html is not None
    assert found.html.index("Hallo") < found.html.index("<p>Hallo</p>") < found.html.index("&lt;Fuss&gt;")


@pytest.mark.parametrize(
    ("body", "charset", "text", "problem"),
    [
        ("Grüße".encode(), "utf-8", "Grüße", False),
        ("Grüße".encode(), "iso-8859-1", "Grüße", True),
        ("Grüße €".encode("cp1252"), "iso-8859-1", "Grüße €", False),
        ("Grüße".encode("cp1252"), "utf-8", "Grüße", True),
        ("Grüße".encode("cp1252"), "x-unknown", "Grüße", False),
        ("한국말".encode("cp949"), "ks_c_5601-1987", "한국말", False),
        ("日本".encode("iso-2022-jp"), "iso-2022-jp", "日本", False),
        ("Grüße".encode(), "zlib", "Grüße", False),
        ("Grüße".encode(), "idna", "Grüße", False),
        (b"a\x00b\x07c", "us-ascii", "abc", False),
        ("Grüße".encode("utf-16"), "utf-16", "Grüße", False),
    ],
)
def test_character_sets_and_their_lies(body: bytes, charset: str, text: str, problem: bool) -> None:
    found = plain(body, charset)
    assert found.text == text
    assert (problems.CHARSET in found.problems) is problem


def test_words_cut_in_the_middle_of_a_letter_are_joined() -> None:
    found = parse(b"From: a@b.example\nSubject: =?utf-8?B?R3LDvMM=?=\n =?utf-8?B?n2U=?= an alle\n\nx")
    assert found.subject == "Grüße an alle"


def test_a_line_break_in_a_name_stays_on_one_line() -> None:
    found = parse(b"From: =?utf-8?Q?Jana=0D=0ABcc:_x@evil.example?= <jana@x.example>\nSubject: =?utf-8?Q?a=0Ab?=\n\nx")
    assert found.from_ == Address("Jana Bcc: x@evil.example", "jana@x.example")
    assert found.subject == "a b"


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("Big Bug bb@bug.example", Address("Big Bug", "bb@bug.example")),
        ('"a@evil.example" <real@x.example>', Address("a@evil.example", "real@x.example")),
        ("alice@x.example)bob@evil.example", Address("", "")),
        ("MAILER-DAEMON <>", Address("MAILER-DAEMON", "")),
        ("<a@b@c.example>", Address("", "")),
        ('"Wiedekind; Jana, Frau" <j@x.example>', Address("Wiedekind; Jana, Frau", "j@x.example")),
        ("=?utf-8?Q?evil@x.example=2C?= <real@x.example>", Address("evil@x.example,", "real@x.example")),
        ("j@x.example (Jana)", Address("Jana", "j@x.example")),
        ("Team: a@x.example, b@x.example;", Address("", "a@x.example")),
        ("undisclosed-recipients:;", None),
        ("", None),
    ],
)
def test_senders_are_read_as_they_are_meant(value: str, address: Address | None) -> None:
    found = parse(f"From: {value}\nTo: x@y.example\n\nx".encode())
    expected = None if address == Address("", "") else address
    assert found.from_ == expected
    if expected is None or not expected.address:
        assert problems.BAD_FROM in found.problems


def test_doubled_headers_do_no_harm() -> None:
    found = parse(
        b"From:\nFrom: a@x.example\nFrom: b@x.example\nSubject: 1\nSubject: 2\nTo: c@x.example\nTo: d@x.example\n\nx"
    )
    assert found.from_ == Address("", "a@x.example")
    assert found.subject == "1"
    assert [one.address for one in found.to] == ["c@x.example", "d@x.example"]


@pytest.mark.parametrize(
    "date",
    [
        "x" * 181,
        "Mon, 30 Jun 3609 15:33:50 +0600",
        "Mon, 32 Foo 2026",
        "0",
        "Mon, 16 Nov 2026 09:12:00 +9999999",
        "\x80",
    ],
)
def test_a_broken_date_is_no_lost_mail(date: str) -> None:
    found = parse(f"From: a@x.example\nDate: {date}\n\nx".encode("latin-1"))
    assert found.date is None
    assert problems.BAD_DATE in found.problems
    assert found.text == "x"


def test_a_mail_in_a_mail_is_a_file() -> None:
    inner = b"Content-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\nSubject: Alt/Neu\r\n\r\nInnen"
    found = mail(multipart("mixed", TEXT, inner))
    assert found.text == "Hallo"
    assert [(one.name, one.content_type) for one in found.attachments] == [("Neu.eml", "message/rfc822")]
    assert b"Innen" in found.attachments[0].data


def test_a_mail_in_a_mail_may_be_in_base64() -> None:
    data = base64.b64encode(b"From: x@y.example\r\nSubject: A\r\n\r\nInnen")
    inner = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + data
    found = mail(multipart("mixed", TEXT, inner))
    assert b"Innen" in found.attachments[0].data


def test_an_invitation_is_a_file() -> None:
    invitation = b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR"
    found = mail(multipart("alternative", TEXT, invitation))
    assert found.text == "Hallo"
    assert [one.name for one in found.attachments] == ["invitation.ics"]


def test_a_signed_mail_is_read_inside_its_signature() -> None:
    signature = b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\n\r\nxxx'
    found = mail(multipart("signed", HTML, signature))
    assert found.html == "<p>Hallo</p>"
    assert found.attachments == ()


def test_a_sealed_mail_says_so() -> None:
    found = mail(b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nxxx")
    assert [one.name for one in found.attachments] == ["smime.p7m"]
    assert problems.ENCRYPTED in found.problems
    pgp = mail(multipart("encrypted", b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1"))
    assert problems.PGP_ENCRYPTED in pgp.problems


def test_uuencoded_files_leave_the_text() -> None:
    found = plain(b"Anbei.\n\nbegin 644 ../liste.txt\n+:&%L;&\\@=V5L=&@\n`\nend\nGruss\nbegin 644 nie\nkein Ende")
    assert [(one.name, one.data) for one in found.attachments] == [("liste.txt", b"hallo welth")]
    assert found.text is not None
    assert "Gruss" in found.text
    assert "kein Ende" in found.text
    assert "&%L" not in found.text


def _tnef(*objects: tuple[int, int, int, bytes]) -> bytes:
    data = struct.pack("<IH", 0x223E9F78, 1)
    for level, name, kind, content in objects:
        data += struct.pack("<BHHI", level, name, kind, len(content)) + content
        data += struct.pack("<H", sum(content) & 0xFFFF)
    return data


def test_winmail_dat_is_opened() -> None:
    data = _tnef(
        (1, 0x9007, 6, struct.pack("<II", 1252, 0)),
        (1, 0x800C, 2, b"Text aus Outlook\x00"),
        (2, 0x9002, 6, b"\x00" * 14),
        (2, 0x8010, 1, b"Liste.csv\x00"),
        (2, 0x800F, 6, b"a;b"),
    )
    found = mail(
        b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.b64encode(data)
    )
    assert found.text == "Text aus Outlook"
    assert [(one.name, one.data) for one in found.attachments] == [("Liste.csv", b"a;b")]
    assert found.problems == ()


@pytest.mark.parametrize(
    "data", [b"x", struct.pack("<IH", 0x223E9F78, 1) + b"\xff" * 50, _tnef(*[(1, 0x8010, 1, b"")] * 5_000)]
)
def test_a_broken_winmail_dat_is_kept(data: bytes) -> None:
    part = b"Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(data)
    found = mail(multipart("mixed", TEXT, part))
    assert found.text == "Hallo"
    names = [(one.name, one.data) for one in found.attachments]
    assert names == ([("winmail.dat", data)] if problems.TNEF in found.problems else [])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ('x"><svg onload=alert(1)>.png', "x___svg onload=alert(1)_.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Temp\\Liste.xls", "Liste.xls"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("CON.txt", "_CON.txt"),
        ("...", "attachment-1.pdf"),
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
        ("  Rechnung   1 .pdf ", "Rechnung 1 .pdf"),
        ("x.\x00pdf", "x.pdf"),
    ],
)
def test_file_names_are_harmless(name: str, expected: str) -> None:
    encoded = base64.b64encode(name.encode()).decode()
    disposition = f'Content-Disposition: attachment; filename="=?utf-8?B?{encoded}?="'
    found = mail(f"Content-Type: application/pdf\r\n{disposition}\r\n\r\nx".encode())
    assert found.attachments[0].name == expected


def test_flowed_text_is_put_together() -> None:
    kind = b"Content-Type: text/plain; format=flowed\r\n\r\n"
    found = mail(kind + b"Ein langer \nSatz.\n> zitiert \n> weiter\nEnde\n-- \nName")
    assert found.text == "Ein langer Satz.\n> zitiert weiter\nEnde\n-- \nName"


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Type: multipart/mixed\r\n\r\nohne Grenze",
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nohne Grenze',
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(b"ohne Grenze")[:-1],
        b"Content-Transfer-Encoding: base64;\r\n\r\n" + base64.b64encode(b"ohne Grenze") + b"!!!",
        b"Content-Type: text/plain; charset*=bogus''%FF\r\n\r\nohne Grenze",
        b"Content-Type: ;;;\r\n\r\nohne Grenze",
        b"Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nohne Grenze",
        b"\x80\xff: \xfe\r\n\r\nohne Grenze",
    ],
)
def test_damaged_mails_keep_their_words(rest: bytes) -> None:
    assert "ohne Grenze" in (mail(rest).text or "")


def test_deep_nesting_ends_with_what_can_be_read() -> None:
    levels = 3_000
    raw = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(levels))
    started = time.thread_time()
    found = mail(raw + b"\r\nHallo")
    assert time.thread_time() - started < 3
    assert found.from_ is not None
    assert found.problems


def test_moderate_nesting_says_where_it_stops() -> None:
    raw = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(60))
    found = mail(raw + b"\r\nHallo")
    assert problems.TOO_DEEP in found.problems
    assert found.attachments[-1].data == HEAD + raw + b"\r\nHallo"


def test_reading_ends_in_time_and_the_original_is_attached() -> None:
    raw = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(200))
    started = time.thread_time()
    found = mail(raw + b"\r\n" + b"Zeile\r\n" * 200_000)
    assert time.thread_time() - started < 4
    assert problems.TOO_SLOW in found.problems
    assert found.attachments[-1].name == "original.eml"


def test_many_parts_end() -> None:
    found = mail(multipart("mixed", *[TEXT] * 3_000))
    assert problems.TOO_MANY_PARTS in found.problems
    assert (found.text or "").startswith("Hallo")


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"\r\n" + b"x" * 20_000_000,
        HEAD + b"\r\n" + b"zeile\r\n" * 500_000,
        b"Subject: " + b"=?utf-8?Q?a?= " * 200_000 + b"\n\nx",
        b"From: " + b"a," * 500_000 + b"\n\nx",
        b"From: " + b"(" * 500_000 + b"\n\nx",
        b"References: " + b"<a@b> " * 200_000 + b"\n\nx",
        b"Content-Type: text/plain" + b"; a=b" * 200_000 + b"\n\nx",
        b'Content-Type: multipart/mixed; a="' + b";" * 1_000_000 + b"\n\nx",
        b"Content-Type: multipart/mixed; boundary=" + b"b" * 3_000_000 + b"\n\nx",
        b"Content-Disposition: attachment" + b"; filename*0=x" * 100_000 + b"\n\nx",
        b"".join(b"X-%d: y\n" % number for number in range(50_000)) + b"\nx",
        HEAD + b"\r\n" + b"begin 644 x\n" * 50_000 + b"\nend",
    ],
    ids=lambda raw: repr(raw[:12]),
)
def test_huge_mails_are_read_in_seconds(raw: bytes) -> None:
    started = time.thread_time()
    found = parse(raw)
    assert time.thread_time() - started < 3
    assert len(found.text or "") <= 2_000_000


def test_an_overlong_text_is_kept_as_a_file_too() -> None:
    found = mail(b"\r\n" + b"x" * 5_000_000)
    assert problems.TOO_LONG in found.problems
    assert len(found.attachments[0].data) == 5_000_000


def test_the_hash_tells_contents_apart_but_not_ways() -> None:
    one = mail(b"\r\nHallo  Welt\r\n")
    moved = parse((HEAD + b"X-Way: other\r\n\r\nHallo Welt").replace(b"Juergen.Weiss@K", b"juergen.weiss@k"))
    other = mail(b"\r\nHallo Mond\r\n")
    assert one.content_hash == moved.content_hash
    assert one.content_hash != other.content_hash
    assert len(one.content_hash) == 64


def _fits_everywhere(found: Mail) -> None:
    texts = [found.subject, found.text or "", found.html or "", found.internet_message_id or "", *found.references]
    texts += [one.name for one in found.attachments] + [one.name + one.address for one in found.to]
    texts += [value for values in found.headers.values() for value in values]
    for text in texts:
        text.encode("utf-8")
        assert "\x00" not in text
    assert "\n" not in found.subject


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    _fits_everywhere(parse(raw))


_HEADERS = st.sampled_from(
    "From To Subject Date Message-ID References Content-Type Content-Disposition Content-ID MIME-Version"
    " Content-Transfer-Encoding Auto-Submitted".split()
)
_VALUES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "multipart/mixed; boundary=b",
            "multipart/alternative; boundary=b",
            "multipart/signed; boundary=b",
            "multipart/report; report-type=delivery-status; boundary=b",
            "message/rfc822",
            "message/delivery-status",
            "text/html; charset=utf-7",
            "text/plain; charset=punycode",
            "text/plain; charset*0*=utf-8''x; charset*1*=%FF",
            "application/ms-tnef",
            "attachment; filename*0*=x''%; filename*1=b",
            "base64",
            "uuencode",
            "quoted-printable",
            "=?utf-8?B?/w==?=",
        ]
    ),
)
_BODIES = st.lists(
    st.one_of(st.sampled_from(["--b", "--b--", "", "begin 644 x", "end"]), st.text(max_size=40)), max_size=12
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_HEADERS, _VALUES), max_size=8), _BODIES, st.lists(st.tuples(_HEADERS, _VALUES), max_size=4))
def test_any_headers_are_a_mail(headers: list[tuple[str, str]], lines: list[str], inner: list[tuple[str, str]]) -> None:
    head = "\n".join(f"{name}: {value}" for name, value in headers)
    part = "\n".join(f"{name}: {value}" for name, value in inner)
    raw = "\n".join([head, "", "--b", part, "", *lines]).encode("utf-8", "surrogatepass")
    _fits_everywhere(parse(raw))
