"""Nothing secret is written to the logs."""

import io
import logging

import pytest
import structlog

from backend import config, log
from tests import loglines

SECRETS = {
    "SECRET_KEY": "k" * 40,
    "CLIENT_SECRET": "very-secret-value",
    "DATABASE_URL": "postgresql://desk:pa55word@db/deskside",
    "TENANT_ID": "11111111-aaaa-4aaa-8aaa-000000000001",
    "CLIENT_ID": "22222222-bbbb-4bbb-8bbb-000000000001",
}


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_are_hidden(form: str) -> None:
    settings = config.load({**SECRETS, "LOG_FORMAT": form})
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    try:
        log.configure(settings)
        written = io.StringIO()
        handler = root.handlers[0]
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(written)
        structlog.get_logger("test").warning(
            "asked", authorization="Bearer abc", csrf_token="c5f", path="/tickets", note="dsk_" + "a" * 30
        )
        key = f"-----BEGIN {'PRIVATE'} KEY-----\nMIIEvQ\nZm9v\n-----END {'PRIVATE'} KEY-----"
        structlog.get_logger("test").warning(
            "kept", passphrase="f0ur", client_private_key="MIIx", error=f"in {key} file"
        )
        logging.getLogger("test").warning("got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl from nobody")
        logging.getLogger("test").warning("connecting to %s", SECRETS["DATABASE_URL"])
    finally:
        root.handlers = before
    text = written.getvalue()
    assert "/tickets" in text
    assert "from nobody" in text
    for secret in ("abc", "c5f", "dsk_a", "eyJ", "pa55word", "f0ur", "MII", "Zm9v"):
        assert secret not in text, text


def test_the_configuration_does_not_print_secrets() -> None:
    shown = repr(config.load(SECRETS))
    assert "very-secret-value" not in shown
    assert "pa55word" not in shown
    assert "kkkk" not in shown
    assert SECRETS["CLIENT_ID"] in shown


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (f"token {loglines.JWT}", "an access token"),
        (f"asked with {loglines.API_TOKEN}", "an API token"),
        ("Cookie: __Host-deskside=x", "a cookie"),
        (f"session {loglines.COOKIE}", "a session"),
        (f"state={loglines.STATE}", "a CSRF token"),
        ("https://graph.microsoft.com/v1.0/x/delta?$deltatoken=abc", "a delta token"),
        ("postgresql://desk:pa55word@db/deskside", "a password"),
        (f"received {loglines.WORDS} from x", loglines.WORDS),
    ],
)
def test_the_look_at_whole_logs_finds_what_is_there(line: str, what: str) -> None:
    """tests/installation.py holds the logs of each installation to this."""
    written = loglines.lines(f"web      | 2026-11-26 [warning  ] {line}\nsandbox  | {line}")
    assert len(written) == 1
    assert any(what in offence for offence in loglines.leaks(written, {loglines.WORDS}))
    harmless = "web      | 2026-11-26 08:04:35 [warning  ] a token was refused reason=no key id=6f2a"
    assert loglines.leaks(loglines.lines(harmless), {loglines.WORDS}) == []
