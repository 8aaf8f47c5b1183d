"""Writing, changing and deleting text modules."""

import re
from dataclasses import dataclass

from backend import clock
from backend.auth import Who
from backend.config import LANGUAGES
from backend.db import session
from backend.errors import Conflict, Invalid, NotAllowed
from backend.i18n import _
from backend.settings.actions import log_change
from backend.textmodules.gaps import check
from backend.textmodules.models import ModuleKind, TextModule, text_modules_visible_to

MAX_TEXT = 20_000
_SHORTCUT = re.compile(r";[^\W_](?:[\w-]{0,28}\w)?")


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a text module says, and how it is found."""

    name: str
    text: str
    kind: str = ModuleKind.REPLY
    language: str = ""
    category: str = ""
    words: str = ""
    shortcut: str = ""
    shared: bool = False


def may_change(who: Who, module: TextModule) -> bool:
    """Whether `who` may change `module`: the own ones, and shared ones by a right of its own."""
    return who.may("textmodules.share") if module.shared else module.owner_id == who.person_id


def _line(value: str, most: int) -> str:
    return " ".join(value.replace("\x00", "").split())[:most]


def _checked(wording: Wording) -> Wording:
    """`wording` as it is stored. Raises Invalid naming each field."""
    name, text = _line(wording.name, 100), wording.text.replace("\x00", "").replace("\r\n", "\n").strip()
    shortcut = _line(wording.shortcut, 40).lower()
    shortcut = f";{shortcut}" if shortcut and not shortcut.startswith(";") else shortcut
    wrong: dict[str, str] = {}
    if not name:
        wrong["name"] = _("A name is needed.")
    if not text:
        wrong["text"] = _("There is no text yet.")
    elif len(text) > MAX_TEXT:
        wrong["text"] = _("This is too long; %(max)s characters are possible.", max=MAX_TEXT)
    if wording.kind not in set(ModuleKind):
        wrong["kind"] = _("Choose one of the values offered.")
    if wording.language and wording.language not in LANGUAGES:
        wrong["language"] = _("Choose one of the values offered.")
    if shortcut and not _SHORTCUT.fullmatch(shortcut):
        wrong["shortcut"] = _("Letters, digits and hyphens only, for example ;hello.")
    if wrong:
        raise Invalid(_("Please correct the marked fields."), fields=wrong)
    check(text)
    return Wording(
        name=name, text=text, kind=ModuleKind(wording.kind), language=wording.language, shared=wording.shared,
        category=_line(wording.category, 60), words=_line(wording.words, 200), shortcut=shortcut,
    )  # fmt: skip


def _may_share(who: Who) -> None:
    if not who.may("textmodules.share"):
        raise NotAllowed(_("Only dispatchers and administrators change what everybody uses."))


def _owner(who: Who, shared: bool) -> int | None:
    if shared:
        _may_share(who)
    elif who.person_id is None:
        sentence = _("A program has no text modules of its own; share it.")
        raise Invalid(_("Please correct the marked fields."), fields={"shared": sentence})
    return None if shared else who.person_id


def _shortcut_is_free(module: TextModule, who: Who) -> None:
    """Raises Conflict when `who` would have two modules of the same reach behind one shortcut."""
    if not module.shortcut:
        return
    same_reach = TextModule.owner_id.is_(None) if module.shared else TextModule.owner_id == module.owner_id
    other = session.scalar(
        text_modules_visible_to(who).where(
            same_reach, TextModule.shortcut == module.shortcut, TextModule.id != (module.id or 0)
        )
    )
    if other is not None:
        sentence = _("“%(name)s” has this shortcut already.", name=other.name)
        raise Conflict(sentence, fields={"shortcut": sentence})


def _put(module: TextModule, wording: Wording) -> None:
    module.name, module.text, module.kind = wording.name, wording.text, wording.kind
    module.language, module.category = wording.language, wording.category
    module.words, module.shortcut = wording.words, wording.shortcut


def _log(who: Who, module: TextModule, before: str, after: str) -> None:
    """Shared ones are the whole desk's: their changes stand in the log of the settings."""
    log_change(who, _("Text module %(name)s", name=module.name), before=before, after=after)


def write(who: Who, wording: Wording) -> TextModule:
    """A new text module. Raises Invalid naming the field, NotAllowed, Conflict."""
    wording, now = _checked(wording), clock.now()
    module = TextModule(owner_id=_owner(who, wording.shared), created_at=now, updated_at=now)
    _put(module, wording)
    with session.no_autoflush:
        _shortcut_is_free(module, who)
    session.add(module)
    session.flush()
    if module.shared:
        _log(who, module, "", module.text)
    return module


def rewrite(who: Who, module: TextModule, wording: Wording, *, seen: str = "") -> bool:
    """Changes `module` (locked); whether that changed anything. `seen`: the version the person had before their eyes.

    Raises Invalid naming the field, NotAllowed, Conflict where somebody else has changed it meanwhile.
    """
    if not may_change(who, module):
        _may_share(who)
    wording = _checked(wording)
    if seen and seen != version(module):
        raise Conflict(_("Somebody else has changed this meanwhile. Your text is kept; reload to see theirs."))
    was_shared, before = module.shared, module.text
    owner = module.owner_id if wording.shared == was_shared else _owner(who, wording.shared)
    _put(module, wording)
    module.owner_id = owner
    if not session.is_modified(module):
        return False
    with session.no_autoflush:
        _shortcut_is_free(module, who)
    module.updated_at = clock.now()
    session.flush()
    if was_shared or module.shared:
        _log(who, module, before if was_shared else "", module.text if module.shared else "")
    return True


def version(module: TextModule) -> str:
    """Which version of `module` somebody has before their eyes."""
    return module.updated_at.isoformat()


def delete(who: Who, module: TextModule) -> None:
    """Takes `module` away; `restore` brings it back."""
    if not may_change(who, module):
        _may_share(who)
    if module.deleted_at is None:
        module.deleted_at = clock.now()
        if module.shared:
            _log(who, module, module.text, "")


def restore(who: Who, module: TextModule) -> None:
    """Brings back what was deleted. Raises Conflict when its shortcut was given away meanwhile."""
    if not may_change(who, module):
        _may_share(who)
    if module.deleted_at is not None:
        with session.no_autoflush:
            _shortcut_is_free(module, who)
        module.deleted_at = None
        if module.shared:
            _log(who, module, "", module.text)
