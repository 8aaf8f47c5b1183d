"""How the values of settings are read: each says what is wrong with a text by a ValueError."""

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")


def text(raw: str) -> str:
    """`raw` as it is."""
    return raw


def path(raw: str) -> Path:
    """A path, absolute."""
    return Path(raw).expanduser().absolute()


def key_file(raw: str) -> Path:
    """A PEM file with a private key that nobody else can read; one of root's may be read by a group, as PostgreSQL
    has it too (that is how containers hand over secrets)."""
    found = path(raw)
    try:
        about, text = found.stat(), found.read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text, and must be PEM"
        raise ValueError(f"cannot be read: {reason}") from error
    wrong = stat.S_IRWXO | (stat.S_IWGRP | stat.S_IXGRP if about.st_uid == 0 != os.geteuid() else stat.S_IRWXG)
    if about.st_mode & wrong:
        raise ValueError("can be read by others: `chmod 600` leaves it to the user that Deskside runs as")
    if "PRIVATE KEY-----" not in text or "-----BEGIN CERTIFICATE-----" not in text:
        raise ValueError("must hold a private key and its certificate, both in PEM")
    return found


def whole(low: int, high: int) -> Callable[[str], int]:
    """Reads a whole number from `low` to `high`."""

    def read(raw: str) -> int:
        if not raw.isascii() or not raw.isdigit() or not low <= int(raw) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(raw)

    return read


def url(raw: str) -> str:
    """An http or https address without a slash at its end."""
    parts = urlsplit(raw)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as https://desk.example.com")
    if parts.query or parts.fragment:
        raise ValueError("must not have a query or a fragment")
    return raw.rstrip("/")


def guid(raw: str) -> str:
    """A GUID in small letters."""
    if not _GUID.fullmatch(raw):
        raise ValueError("must be an id such as 00000000-0000-0000-0000-000000000000")
    return raw.lower()


def guids(raw: str) -> tuple[str, ...]:
    """GUIDs separated by commas or blanks."""
    return tuple(guid(part) for part in re.split(r"[,\s]+", raw) if part)


def addresses(raw: str) -> tuple[str, ...]:
    """E-mail addresses separated by commas, in small letters."""
    parts = tuple(part.lower() for part in re.split(r"[,;\s]+", raw) if part)
    wrong = [part for part in parts if not _ADDRESS.fullmatch(part)]
    if wrong:
        raise ValueError(f"must be e-mail addresses separated by commas; {wrong[0]!r} is none")
    return parts


def one_of(*allowed: str) -> Callable[[str], str]:
    """Reads one of these words, in any case."""

    def read(raw: str) -> str:
        if raw.lower() not in allowed:
            raise ValueError("must be one of " + ", ".join(allowed))
        return raw.lower()

    return read


def zone(raw: str) -> str:
    """An IANA time zone."""
    try:
        ZoneInfo(raw)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("must be an IANA time zone such as Europe/Berlin") from error
    return raw


def postgres(raw: str) -> str:
    """A PostgreSQL address."""
    if not raw.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        raise ValueError("must be a PostgreSQL address such as postgresql://user:password@host/name")
    return raw


def secret(raw: str) -> str:
    """A key long enough to sign with."""
    if len(raw) < 32:
        raise ValueError("must have at least 32 characters; `openssl rand -hex 32` makes one")
    return raw
