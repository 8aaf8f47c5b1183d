"""What the desk sends: read back whole by our own reader and by the standard library's."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.mail.compose import NotAHeader, compose
from backend.mail.parse import Address, Attachment, parse

DESK = Address("Nordlicht IT – Dienst, Büro", "service@nordlicht-it.example")
JANA = Address('Jana "J" Wiedekind', "jana@kunde.example")
WHEN = datetime(2026, 11, 16, 8, 12, tzinfo=UTC)


def write(**changes: Any) -> bytes:
    given: dict[str, Any] = {
        "from_": DESK, "to": [JANA], "subject": "AW: [#10234] Drucker", "text": "Guten Tag\n\nGrüße", "date": WHEN,
        "message_id": "<ds.reply.1.x@nordlicht-it.example>", "installation": "installation-1",
    }  # fmt: skip
    return compose(**(given | changes))


def test_a_reply_arrives_as_it_was_meant() -> None:
    raw = write(
        html="<p>Grüße</p>", cc=[Address("", "chef@bücher.example")], in_reply_to="<2@kunde.example>",
        references=["<1@kunde.example>", "<2@kunde.example>"], language="de", reply_to=DESK,
    )  # fmt: skip
    mail = parse(raw)
    assert mail.from_ == DESK
    assert mail.to == (JANA,)
    assert mail.cc == (Address("", "chef@xn--bcher-kva.example"),)
    assert mail.reply_to == (DESK,)
    assert (mail.subject, mail.date) == ("AW: [#10234] Drucker", WHEN)
    assert mail.internet_message_id == "<ds.reply.1.x@nordlicht-it.example>"
    assert mail.in_reply_to == "<2@kunde.example>"
    assert mail.references == ("<1@kunde.example>", "<2@kunde.example>")
    assert (mail.text, mail.html) == ("Guten Tag\n\nGrüße", "<p>Grüße</p>")
    assert mail.header("content-language") == "de"
    assert mail.header("x-deskside-loop") == "installation-1"
    assert mail.header("auto-submitted") is None
    assert mail.problems == ()


def test_automatic_mail_says_so() -> None:
    mail = parse(write(automatic="auto-replied"))
    assert mail.header("auto-submitted") == "auto-replied"
    assert mail.header("x-auto-response-suppress") == "All"


def test_files_and_pictures_in_the_text() -> None:
    files = [
        Attachment("Größe & Maß.pdf", "application/pdf", b"%PDF" * 1_000),
        Attachment("logo.png", "image/png", b"\x89PNG", inline=True, content_id="logo@desk"),
        Attachment("böse.html", "text/html; x\r\ny", b"<b>"),
        Attachment("alt.eml", "message/rfc822", b"From: x"),
    ]
    mail = parse(write(html='<img src="cid:logo@desk">', attachments=files))
    found = {one.name: one for one in mail.attachments}
    assert set(found) == {"Größe _ Maß.pdf", "logo.png", "böse.html", "alt.eml"}
    assert found["Größe _ Maß.pdf"].data == files[0].data
    assert (found["logo.png"].inline, found["logo.png"].content_id) == (True, "logo@desk")
    assert found["böse.html"].content_type == "application/octet-stream"
    shape = [part.get_content_type() for part in message_from_bytes(write(html="x", attachments=files)).walk()]
    assert shape[:5] == ["multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html"]


def test_a_picture_without_html_is_a_file() -> None:
    raw = write(attachments=[Attachment("a.png", "image/png", b"x", inline=True, content_id="a@b")])
    assert [one.inline for one in parse(raw).attachments] == [False]


def test_other_readers_agree() -> None:
    raw = write(subject="[#1] " + "Möbel für Büro " * 12, html="<p>x</p>")
    read = message_from_bytes(raw, policy=policy.default)
    assert read["subject"] == "[#1] " + ("Möbel für Büro " * 12).strip()
    assert read["from"].addresses[0].display_name == DESK.name
    assert read["to"].addresses[0].addr_spec == JANA.address
    body = read.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").strip() == "Guten Tag\n\nGrüße"
    assert not read.defects


def test_lines_are_short_and_end_as_they_must() -> None:
    raw = write(
        text="x" * 5_000 + "\n.\nFrom a\n" + "ü" * 3_000, html="<p>" + "y" * 9_000 + "</p>", subject="z" * 700,
        message_id="<" + "a" * 700 + "@x.example>", references=[f"<{'r' * 200}{n}@x.example>" for n in range(90)],
        to=[Address(f"Name Nummer {n}", f"n{n}@x.example") for n in range(90)],
    )  # fmt: skip
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.isascii()
    mail = parse(raw)
    assert len(mail.to) == 90
    assert mail.internet_message_id == "<" + "a" * 700 + "@x.example>"
    assert (mail.text or "").startswith("x" * 5_000 + "\n.\nFrom a\n")


def test_a_long_chain_keeps_its_first_and_last_links() -> None:
    mail = parse(write(references=[f"<{n}@x.example>" for n in range(60)], in_reply_to="<parent@x.example>"))
    assert len(mail.references) == 20
    assert mail.references[0] == "<0@x.example>"
    assert mail.references[-2:] == ("<59@x.example>", "<parent@x.example>")


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "x\r\nBcc: evil@x.example"},
        {"subject": "x\nBcc: evil@x.example"},
        {"subject": "x\u2028y"},
        {"from_": Address("x\r\nBcc: a@b.example", "a@b.example")},
        {"to": [Address("x", "a@b.example>\r\nBcc: <evil@x.example")]},
        {"to": [Address("x", "a@b.example, evil@x.example")]},
        {"to": [Address("x", "no address")]},
        {"cc": [Address("x", "")]},
        {"reply_to": Address("a\x00b", "a@b.example")},
        {"message_id": "<a@b>\r\nBcc: x@y.example"},
        {"message_id": "a@b"},
        {"in_reply_to": "<a b@c>"},
        {"installation": "a\r\nb"},
        {"language": "de\r\nX: y"},
        {"automatic": "yes"},
        {"attachments": [Attachment("a\r\nb.pdf", "application/pdf", b"x")]},
        {"html": "x", "attachments": [Attachment("a.png", "image/png", b"x", True, "a>\r\nX: y")]},
    ],
)
def test_no_value_opens_a_line_of_its_own(changes: dict[str, Any]) -> None:
    with pytest.raises(NotAHeader):
        write(**changes)


def test_a_customers_odd_references_are_left_out_not_passed_on() -> None:
    mail = parse(write(references=["<ok@x.example>", "bad\r\nBcc: evil@x.example", "<also bad@x>"]))
    assert mail.references == ("<ok@x.example>",)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120), st.text(max_size=40), st.text(max_size=400))
def test_any_words_arrive_or_are_refused(subject: str, name: str, text: str) -> None:
    try:
        raw = write(subject=subject, from_=Address(name, "service@x.example"), text=text, html="<p>x</p>")
    except NotAHeader:
        return
    head = raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    names = [line.split(b":")[0].lower() for line in head if not line.startswith(b" ")]
    assert len(names) == len(set(names))
    assert set(names) <= {
        b"from",
        b"to",
        b"subject",
        b"date",
        b"message-id",
        b"x-deskside-loop",
        b"content-type",
        b"mime-version",
    }
    mail = parse(raw)
    assert mail.from_ is not None
    assert mail.from_.address == "service@x.example"
    assert [one.address for one in mail.to] == [JANA.address]
