"""Choosing settings, and the log of everything that was changed on the settings pages."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert

from backend import clock, live
from backend.auth import Who
from backend.changes.actions import write_down
from backend.db import session
from backend.errors import Invalid
from backend.i18n import _
from backend.settings.declared import BY_KEY, Kind
from backend.settings.models import Setting, forget_chosen, setting

VERB = "setting"


def log_change(actor: Who, what: str, *, before: str = "", after: str = "", **data: Any) -> None:
    """Writes down that `actor` changed `what` on a settings page: "status Waiting for spare part", say."""
    write_down(actor, VERB, before, after, what=what, **data)
    live.tell("settings")


def read(key: str, posted: str) -> Any:
    """`posted` (the text of a form's field) as a value of the setting `key`. Raises Invalid, KeyError."""
    declared = BY_KEY[key]
    value: Any = posted
    if declared.kind == Kind.SWITCH:
        value = bool(posted)
    elif declared.kind == Kind.WHOLE:
        value = int(posted) if posted.isascii() and posted.isdigit() and len(posted) < 10 else None
    if not declared.allows(value):
        says = _("Choose one of the values offered.")
        if declared.kind == Kind.WHOLE:
            says = _("A whole number from %(low)s to %(high)s, please.", low=declared.low, high=declared.high)
        raise Invalid(_("Please correct the marked fields."), fields={key: says})
    return value


def choose(actor: Who, key: str, value: Any) -> bool:
    """Sets the setting `key`; whether that changed anything. `value` must be one that it allows. Raises KeyError."""
    before = setting(key)
    if before == value:
        return False
    row = insert(Setting).values(key=key, value=value, changed_at=clock.now())
    session.execute(
        row.on_conflict_do_update(
            index_elements=["key"], set_={"value": row.excluded.value, "changed_at": row.excluded.changed_at}
        )
    )
    forget_chosen()
    log_change(actor, key, before=str(before), after=str(value), setting=key)
    return True
