"""Files that a form brings along."""

from collections.abc import Iterable

from werkzeug.datastructures import FileStorage

from backend.mail.parse.names import safe_name
from backend.tickets.actions.talking import Enclosure


def enclosures(uploads: Iterable[FileStorage]) -> tuple[Enclosure, ...]:
    """Uploaded files as they are kept; fields without a file are passed over."""
    kept: list[Enclosure] = []
    for upload in uploads:
        if upload.filename:
            kind = (upload.mimetype or "application/octet-stream").lower()
            kept.append(Enclosure(safe_name(upload.filename, kind, len(kept) + 1), kind, upload.read()))
    return tuple(kept)
