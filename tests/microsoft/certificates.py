"""Certificates as an administrator makes them, each in a file with its key."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

DAYS = 365


def make(folder: Path, *, days: float = DAYS, passphrase: str = "", name: str = "desk.pem") -> tuple[Path, str]:
    """A file with key and certificate that only its owner reads, and the certificate alone, as it is uploaded."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Deskside")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    lock = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock).decode()
    public = certificate.public_bytes(serialization.Encoding.PEM).decode()
    path = folder / name
    path.touch(mode=0o600)
    path.write_text(private + public)
    return path, public
