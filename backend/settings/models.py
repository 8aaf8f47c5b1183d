"""What the administrators have chosen on the settings pages; what nobody has chosen stands in `declared.py`."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, session
from backend.settings.declared import BY_KEY

_KEPT = "settings"


class Setting(Base):
    """One chosen value, under the key by which it is declared."""

    __tablename__ = "settings"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    changed_at: Mapped[datetime]


def chosen() -> dict[str, Any]:
    """All that was chosen, by key; asked once per request or job."""
    found: dict[str, Any] | None = session.info.get(_KEPT)
    if found is None:
        found = session.info[_KEPT] = {
            row.key: row.value for row in session.execute(select(Setting.key, Setting.value))
        }
    return found


def forget_chosen() -> None:
    """Has `chosen` look again within this request or job."""
    session.info.pop(_KEPT, None)


def setting(key: str) -> Any:
    """The value in force of the setting `key`. KeyError where none of that name is declared."""
    declared, found = BY_KEY[key], chosen()
    return found[key] if key in found and declared.allows(found[key]) else declared.standard()
