"""Nothing secret is written to the logs."""

import io
import logging

import pytest
import structlog

from backend import config, log

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
        logging.getLogger("test").warning("got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl from nobody")
        logging.getLogger("test").warning("connecting to %s", SECRETS["DATABASE_URL"])
    finally:
        root.handlers = before
    text = written.getvalue()
    assert "/tickets" in text
    assert "from nobody" in text
    for secret in ("abc", "c5f", "dsk_a", "eyJ", "pa55word"):
        assert secret not in text, text


def test_the_configuration_does_not_print_secrets() -> None:
    shown = repr(config.load(SECRETS))
    assert "very-secret-value" not in shown
    assert "pa55word" not in shown
    assert "kkkk" not in shown
    assert SECRETS["CLIENT_ID"] in shown
