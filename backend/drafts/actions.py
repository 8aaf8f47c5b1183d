"""Keeping and forgetting drafts."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from backend import clock
from backend.auth import Who
from backend.db import session
from backend.drafts.models import Draft, DraftFile

MAX_TEXT = 200_000  # characters
KEEP = timedelta(days=30)


def keep(who: Who, key: str, text: str, fields: dict[str, Any]) -> None:
    """Keeps `text` as the draft `key` of `who`, in place of what was there; an empty one without files is forgotten."""
    text = text.replace("\x00", "")[:MAX_TEXT]
    if not text.strip() and not files_of(who, key):
        forget(who, key)
        return
    _put(who, key, text, fields)


def _put(who: Who, key: str, text: str, fields: dict[str, Any]) -> None:
    kept = {"text": text, "fields": fields, "at": clock.now()}
    session.execute(
        insert(Draft)
        .values(person_id=who.person_id, key=key, **kept)
        .on_conflict_do_update(index_elements=["person_id", "key"], set_=kept)
    )


def done(who: Who, key: str) -> list[int]:
    """The numbers of the tickets to which the text of that draft has gone already, while others still wait for it."""
    found = session.get(Draft, (who.person_id or 0, key))
    return list(found.fields.get("done", ())) if found is not None else []


def keep_files(who: Who, key: str, text: str, fields: dict[str, Any], files: list[tuple[str, str, int, str]]) -> None:
    """Keeps a draft with `files` that are stored already: (name, content type, size, SHA-256), added to those of it."""
    _put(who, key, text.replace("\x00", "")[:MAX_TEXT], fields)
    for name, content_type, size, sha256 in files:
        session.add(
            DraftFile(person_id=who.person_id, key=key, name=name, content_type=content_type, size=size, sha256=sha256)
        )
    session.flush()


def files_of(who: Who, key: str) -> list[DraftFile]:
    """The files of the draft `key` of `who`."""
    query = select(DraftFile).where(DraftFile.person_id == who.person_id, DraftFile.key == key)
    return list(session.scalars(query.order_by(DraftFile.id)))


def forget(who: Who, key: str) -> None:
    """The draft `key` of `who` has been sent or given up."""
    session.execute(delete(Draft).where(Draft.person_id == who.person_id, Draft.key == key))


def forget_old() -> None:
    """Drafts that nobody has touched for a month go."""
    session.execute(delete(Draft).where(Draft.at < clock.now() - KEEP))
