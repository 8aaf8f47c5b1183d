"""Attachments, documents and originals: kept once under the SHA-256 of their content."""

import contextlib
import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, ObjectStore, from_url
from sqlalchemy import func, select

from backend import config
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _


@lru_cache(maxsize=4)
def _open(url: str, folder: Path) -> ObjectStore:
    if url:
        return from_url(url)
    # The folder above may be open for others to pass (the database's user); what customers send is not for them.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    return LocalStore(folder)


def _store() -> ObjectStore:
    settings = config.current()
    return _open(settings.files_url, settings.deskside_data / "files")


_LOCK = 0x66696C65


def _lock_of(sha256: str) -> int:
    return int(sha256[:8], 16) - 2**31


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def put(content: bytes) -> str:
    """Stores `content`, which no row is going to name, and returns its SHA-256 in hex."""
    sha256 = hashlib.sha256(content).hexdigest()
    with contextlib.suppress(AlreadyExistsError):
        obstore.put(_store(), _path(sha256), content, mode="create")
    return sha256


def keep(content: bytes) -> str:
    """Stores `content` and returns its SHA-256 in hex; the same content is stored once.

    Nobody removes it before this transaction ends, which names it in a row.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    with session.no_autoflush:  # the row that is going to name it may be half written
        session.execute(select(func.pg_advisory_xact_lock_shared(_LOCK, _lock_of(sha256))))
    return put(content)


def stored() -> Iterator[tuple[str, int]]:
    """SHA-256 and size in bytes of every file there is, in no order."""
    for batch in obstore.list(_store(), chunk_size=1_000):
        for one in batch:
            yield one["path"].rpartition("/")[2], one["size"]


def read(sha256: str) -> bytes:
    """The content kept under `sha256`. Raises NotFound when it is gone."""
    try:
        return bytes(obstore.get(_store(), _path(sha256)).bytes())
    except FileNotFoundError as error:
        raise NotFound(_("This file is no longer there.")) from error


def nobody_keeps(sha256: str) -> bool:
    """Whether nobody keeps that content this moment; if so, nobody does before this transaction ends."""
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK, _lock_of(sha256)))))


def remove(sha256: str) -> None:
    """Removes the content, which nothing names any more; done already, it does nothing."""
    with contextlib.suppress(FileNotFoundError):
        obstore.delete(_store(), _path(sha256))
