"""The header Idempotency-Key: the same request sent again does nothing more and gets the same answer."""

import hashlib
import re

from flask import request

from backend import receipts
from backend.auth import me
from backend.errors import Invalid
from backend.i18n import _

_KEY = re.compile(r"[\x21-\x7e]{1,200}")


def _source() -> str:
    return f"api:{me().name}:{request.path}"


def earlier() -> str | None:
    """What came of this request when it was sent before; None when it is new or has no key.

    Raises Invalid when the key cannot be one, Conflict when it was used for another body.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise Invalid(
            _("Please correct the marked fields."),
            fields={"Idempotency-Key": _("1 to 200 visible ASCII characters are needed.")},
        )
    return receipts.earlier(_source(), key, hashlib.sha256(request.get_data()).hexdigest())


def keep(result: str) -> None:
    """Writes down what came of this request, where it has a key."""
    key = request.headers.get("Idempotency-Key")
    if key is not None:
        receipts.keep(_source(), key, result)
