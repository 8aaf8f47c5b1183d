"""The blueprint of the text modules, and how its views find one."""

from flask import Blueprint

from backend.auth import me
from backend.db import session
from backend.errors import NotFound
from backend.i18n import N_, _
from backend.textmodules.models import ModuleKind, TextModule, text_modules_visible_to

blueprint = Blueprint("textmodules", __name__, template_folder="../templates")
KINDS: dict[str, str] = {
    ModuleKind.REPLY: N_("Reply"),
    ModuleKind.NOTE: N_("Internal note"),
    ModuleKind.NEW_TICKET: N_("New ticket"),
    ModuleKind.TIME_ENTRY: N_("Time entry"),
    ModuleKind.FORWARD: N_("Forward"),
    ModuleKind.FOLLOW_UP: N_("Follow-up"),
}


def kind_name(kind: str) -> str:
    """What the kind is called."""
    return str(_(KINDS[kind])) if kind in KINDS else kind


def the_module(number: int, *, deleted: bool = False, lock: bool = False) -> TextModule:
    """The text module with that id, if the person may use it; `lock`: it is going to be changed. Raises NotFound."""
    query = text_modules_visible_to(me(), deleted=deleted).where(TextModule.id == min(number, 2**31 - 1))
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(_("There is no such text module."))
    return found
