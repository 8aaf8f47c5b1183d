"""Keeping and forgetting drafts."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from backend import clock
from backend.auth import Who
from backend.db import session
from backend.drafts.models import Draft

MAX_TEXT = 200_000  # characters
KEEP = timedelta(days=30)


def keep(who: Who, key: str, text: str, fields: dict[str, Any]) -> None:
    """Keeps `text` as the draft `key` of `who`, in place of what was there; an empty one is forgotten."""
    text = text.replace("\x00", "")[:MAX_TEXT]
    if not text.strip():
        forget(who, key)
        return
    kept = {"text": text, "fields": fields, "at": clock.now()}
    session.execute(
        insert(Draft)
        .values(person_id=who.person_id, key=key, **kept)
        .on_conflict_do_update(index_elements=["person_id", "key"], set_=kept)
    )


def forget(who: Who, key: str) -> None:
    """The draft `key` of `who` has been sent or given up."""
    session.execute(delete(Draft).where(Draft.person_id == who.person_id, Draft.key == key))


def forget_old() -> None:
    """Drafts that nobody has touched for a month go."""
    session.execute(delete(Draft).where(Draft.at < clock.now() - KEEP))
