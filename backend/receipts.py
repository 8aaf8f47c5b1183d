"""What has been done already: the memory that makes a repeated request or delivery do nothing.

One row per (source, external id). The row is written in the transaction of the deed, so it exists exactly when
the deed does; a second one that runs at the same time waits for the first and then sees its result.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from backend import clock
from backend.db import Base, session
from backend.errors import Conflict
from backend.i18n import _


class Receipt(Base):
    """One deed that must not happen twice, and what came of it."""

    __tablename__ = "receipts"
    source: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(default="")
    result: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(index=True)


def earlier(source: str, external_id: str, content_hash: str = "") -> str | None:
    """The result of the same deed done before, or None: then it is this transaction's to do and to `keep`.

    Raises Conflict when the id was used before for another content.
    """
    inserted = session.execute(
        insert(Receipt)
        .values(source=source, external_id=external_id, hash=content_hash, result="", at=clock.now())
        .on_conflict_do_nothing()
        .returning(Receipt.source)
    ).one_or_none()
    if inserted is not None:
        return None
    row = session.execute(
        select(Receipt.hash, Receipt.result).where(Receipt.source == source, Receipt.external_id == external_id)
    ).one()
    if row.hash != content_hash:
        raise Conflict(_("This key was used before for something else. Please use a new one."))
    return str(row.result)


def keep(source: str, external_id: str, result: str) -> None:
    """Writes down what came of the deed, for those who ask again."""
    session.execute(
        update(Receipt).where(Receipt.source == source, Receipt.external_id == external_id).values(result=result)
    )
