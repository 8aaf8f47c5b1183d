"""Links by which a customer opens a file from the chat without signing in: made by us, for one file, for two weeks."""

import hashlib
import hmac
from datetime import timedelta

from backend import clock, config

_VALID = timedelta(days=14)


def _mark(attachment_id: int, until: int) -> str:
    key = config.current().secret_key.encode()
    return hmac.new(key, f"chat-file:{attachment_id}:{until}".encode(), hashlib.sha256).hexdigest()[:32]


def link(attachment_id: int) -> str:
    """The address of that file for whoever has it."""
    until = int((clock.now() + _VALID).timestamp())
    return f"{config.current().url}/chats/files/{attachment_id}/{until}/{_mark(attachment_id, until)}"


def opens(attachment_id: int, until: int, mark: str) -> bool:
    """Whether `mark` is ours for that file, and the link is still good."""
    fresh = until > clock.now().timestamp()
    return hmac.compare_digest(mark.encode(), _mark(attachment_id, until).encode()) and fresh
