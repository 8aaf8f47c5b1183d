"""Files of strangers do nothing, whatever they are and however they are called."""

import pytest
from flask import Flask
from werkzeug.http import parse_options_header

from backend.mail.parse.names import safe_name
from backend.web import file_response

RUNS = (
    "image/svg+xml", "text/html", "application/xhtml+xml", "text/xml", "application/xml", "text/plain", "IMAGE/PNG",
    "image/png; charset=utf-7", "text/javascript", "application/octet-stream", "message/rfc822", "", "x\r\nX-Evil: 1",
)  # fmt: skip
NAMES = (
    '"><svg onload=alert(1)>.txt',
    "<img src=x onerror=alert(1)>.pdf",
    "a\"; filename*=UTF-8''evil.exe; x=\".txt",
    "a\r\nSet-Cookie: x=1\r\n.txt",
    "..\\..\\x.txt",
    "Rechnung\u202efdp.exe",
)


@pytest.mark.parametrize("content_type", RUNS)
def test_an_svg_or_html_file_never_runs_in_the_desks_origin(content_type: str) -> None:
    with Flask("test").test_request_context():
        answer = file_response(b"<svg/>", name="bild.svg", content_type=content_type, inline=True)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert {"sandbox", "default-src 'none'"} <= {
        part.strip() for part in answer.headers["Content-Security-Policy"].split(";")
    }


@pytest.mark.parametrize("content_type", ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"])
def test_a_plain_picture_is_shown_and_still_cannot_act(content_type: str) -> None:
    with Flask("test").test_request_context():
        answer = file_response(b"x", name="bild.png", content_type=content_type, inline=True)
    assert answer.headers["Content-Disposition"].startswith("inline;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_name_with_markup_is_kept_without_it(name: str) -> None:
    kept = safe_name(name, "text/plain", 1)
    assert not set(kept) & set("<>\"'\\/\r\n\u202e;")
    assert kept


@pytest.mark.parametrize("name", NAMES)
def test_no_name_breaks_the_header_that_tells_it(name: str) -> None:
    with Flask("test").test_request_context():
        answer = file_response(b"x", name=name, content_type="text/plain")
    raw = answer.headers["Content-Disposition"]
    assert raw.isascii()
    assert raw.isprintable()
    kind, options = parse_options_header(raw)
    assert kind == "attachment"
    assert set(options) == {"filename"}
    assert not set(options["filename"]) & set('"\\/\r\n\u202e')
    assert "Set-Cookie" not in answer.headers
