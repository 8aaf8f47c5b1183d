"""Published signing keys, kept for a day and read again when a key is unknown, but not for everybody who says so."""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import jwt
import requests
import structlog
from jwt.algorithms import RSAAlgorithm

from backend import clock

log = structlog.get_logger(__name__)
Key = TypeVar("Key")
_LAST = 24 * 3600.0  # seconds after which keys are read again
_REFRESH = 60.0  # least seconds between two reads for the sake of an unknown key
_MISSING = 3.0  # least seconds between two reads while there are none


class NoKeys(Exception):
    """The keys could not be read at all yet."""


class Keys(Generic[Key]):
    """Keys by their id, as `read` finds them where they are published."""

    def __init__(self, read: Callable[[], dict[str, Key]]) -> None:
        self._read_now = read
        self._lock = threading.Lock()
        self._keys: dict[str, Key] = {}
        self._read_at = float("-inf")

    def find(self, key_id: str) -> Key | None:
        """The key `key_id`; where they are published is asked when it is unknown, at most once a minute.

        Raises NoKeys as long as no keys could be read at all.
        """
        with self._lock:
            age = clock.now().timestamp() - self._read_at
            pause = _REFRESH if self._keys else _MISSING
            if not 0 <= age <= _LAST or (key_id not in self._keys and age > pause):
                self._read()
            if not self._keys:
                raise NoKeys
            return self._keys.get(key_id)

    def _read(self) -> None:
        # Noted before the answer: while Microsoft is down, tokens with made-up key ids must not slow everybody.
        self._read_at = clock.now().timestamp()
        try:
            self._keys = self._read_now()
        except (requests.RequestException, ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
            log.warning("the signing keys could not be read", error=str(error)[:300])


def signing_keys(document: Any) -> dict[str, Any]:
    """The RSA keys for signatures in a JWKS document, by their ids. Raises what a malformed one brings about."""
    return {
        one["kid"]: RSAAlgorithm.from_jwk(one)
        for one in document["keys"]
        if one.get("kty") == "RSA" and one.get("use", "sig") == "sig" and one.get("kid")
    }
