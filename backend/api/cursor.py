"""Where a list goes on: an opaque text that only we can write, bound to the list it came from."""

import base64
import binascii
import hashlib
import hmac
import json

from backend import config
from backend.errors import Invalid
from backend.i18n import _

_MAC_BYTES = 16


def _mac(purpose: str, payload: bytes) -> bytes:
    key = config.current().secret_key.encode()
    return hmac.new(key, b"cursor:" + purpose.encode() + b":" + payload, hashlib.sha256).digest()[:_MAC_BYTES]


def seal(purpose: str, *position: int | str) -> str:
    """The cursor of the list `purpose` after the row at `position` (the values it is sorted by)."""
    payload = json.dumps(position, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mac(purpose, payload) + payload).decode().rstrip("=")


def unseal(purpose: str, cursor: str) -> list[int | str]:
    """The position in `cursor`. Raises Invalid when it is not one that `seal` gave out for `purpose`."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not payload or not hmac.compare_digest(mac, _mac(purpose, payload)):
        raise Invalid(
            _("Please correct the marked fields."),
            fields={"cursor": _("This is not a cursor of this list; begin without one.")},
        )
    position: list[int | str] = json.loads(payload)
    return position
