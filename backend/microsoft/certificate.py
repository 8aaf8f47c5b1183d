"""The certificate with which the app proves who it is in place of a secret: one PEM file with key and certificate.

Nothing that is said or logged here holds any of the key.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from backend import setting_values
from backend.config import Config

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_LEAST_BITS = 2048


class Unusable(Exception):
    """The file cannot be used. The message is a sentence that says why, and what to do."""


@dataclass(frozen=True)
class Certificate:
    """What the file holds. `key` and `public` are PEM, the key perhaps locked with the passphrase."""

    key: str = field(repr=False)
    passphrase: str = field(repr=False)
    public: str = field(repr=False)
    thumbprint: str
    begins: datetime
    ends: datetime

    @property
    def credential(self) -> dict[str, str]:
        """As MSAL wants it, which takes the SHA-256 thumbprint from the certificate then."""
        passphrase = {"passphrase": self.passphrase} if self.passphrase else {}
        return {"private_key": self.key, "public_certificate": self.public, **passphrase}


def stamp(settings: Config) -> int:
    """Another number once the file has been replaced; 0 without one."""
    path = settings.client_certificate
    try:
        return path.stat().st_mtime_ns if path else 0
    except OSError:
        return -1


def read(path: Path, passphrase: str = "") -> Certificate:
    """The certificate in the file at `path`, and the key that belongs to it. Raises Unusable."""
    try:
        text = setting_values.key_file(str(path)).read_text()
    except (ValueError, OSError) as error:
        raise Unusable(f"CLIENT_CERTIFICATE {error}.") from error
    blocks = [(match[1], match[0]) for match in _BLOCK.finditer(text)]
    keys = [block for kind, block in blocks if kind.endswith("PRIVATE KEY")]
    if len(keys) != 1:
        raise Unusable("CLIENT_CERTIFICATE must hold one private key in PEM, and the certificate that belongs to it.")
    key = _key(keys[0], passphrase)
    for kind, block in blocks:
        if kind == "CERTIFICATE":
            found = _fitting(block, key)
            if found is not None:
                return Certificate(
                    key=keys[0],
                    passphrase=passphrase if "ENCRYPTED" in keys[0] else "",
                    public=block,
                    thumbprint=found.fingerprint(hashes.SHA256()).hex().upper(),
                    begins=found.not_valid_before_utc,
                    ends=found.not_valid_after_utc,
                )
    raise Unusable("CLIENT_CERTIFICATE holds no certificate that belongs to its private key.")


def _key(block: str, passphrase: str) -> rsa.RSAPrivateKey:
    locked = "ENCRYPTED" in block
    if locked and not passphrase:
        raise Unusable("The key in CLIENT_CERTIFICATE is encrypted: set CLIENT_CERTIFICATE_PASSPHRASE.")
    try:
        key: PrivateKeyTypes = serialization.load_pem_private_key(
            block.encode(), passphrase.encode() if locked else None
        )
    except (ValueError, TypeError):
        why = "CLIENT_CERTIFICATE_PASSPHRASE is wrong, or the key is damaged." if locked else "The key is damaged."
        raise Unusable(f"The key in CLIENT_CERTIFICATE cannot be read. {why}") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < _LEAST_BITS:
        raise Unusable(f"The key in CLIENT_CERTIFICATE must be RSA with at least {_LEAST_BITS} bits.")
    return key


def _fitting(block: str, key: rsa.RSAPrivateKey) -> x509.Certificate | None:
    try:
        found = x509.load_pem_x509_certificate(block.encode())
    except ValueError as error:
        raise Unusable("CLIENT_CERTIFICATE holds a certificate that cannot be read.") from error
    return found if found.public_key() == key.public_key() else None
