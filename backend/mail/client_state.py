"""The secret word by which notifications are believed."""

import hashlib
import hmac

from backend import config


def client_state(address: str) -> str:
    """The word that notifications for the mailbox `address` must bring: made of our key, so nobody else knows it."""
    key = config.current().secret_key.encode()
    return hmac.new(key, f"subscription:{address}".encode(), hashlib.sha256).hexdigest()
