"""How placeholders and gaps stand in a text: read, filled, and what is still open of them.

A module holds `{{ticket.number}}` (a placeholder) and `{{? which printer}}` (a gap). In a text that is being written
a gap stands as ⟨which printer⟩, and so does a value that is missing; people fill it there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from backend.errors import Invalid
from backend.i18n import _
from backend.textmodules.placeholders import BY_NAME, title

_TOKEN = re.compile(r"\{\{[ \t]*(?P<gap>\?)?[ \t]*(?P<name>[^{}\n]{0,200}?)[ \t]*\}\}")
_LEFT = re.compile(r"\{\{|\}\}")
_NAMES = "|".join(re.escape(name) for name in BY_NAME)
_OPEN = re.compile(rf"⟨[^⟨⟩\n]{{1,200}}⟩|\{{\{{[ \t]*(?:\?[^{{}}\n]{{0,200}}|(?:{_NAMES})[ \t]*)\}}\}}")
_SPACE = re.compile(r"[\x00-\x20\u2028\u2029]+")  # the no-break spaces of amounts stay


@dataclass(frozen=True)
class Part:
    """A stretch of a filled text. kind: text as written, filled, gap, or missing (a value that is not known)."""

    kind: str
    text: str


def check(text: str) -> None:
    """Raises Invalid when a module's `text` names a placeholder that does not exist, or leaves one unclosed."""
    wrong = ""
    for token in _TOKEN.finditer(text):
        if not token["gap"] and token["name"] not in BY_NAME:
            wrong = _("There is no placeholder %(name)s.", name=token[0])
            break
    if not wrong and _LEFT.search(_TOKEN.sub("", text)):
        wrong = _("A placeholder begins with {{ and ends with }} on the same line.")
    if wrong:
        raise Invalid(_("Please correct the marked fields."), fields={"text": wrong})


def named_in(text: str) -> set[str]:
    """The placeholders in a module's `text`."""
    return {token["name"] for token in _TOKEN.finditer(text) if not token["gap"]} & BY_NAME.keys()


def _value(value: str) -> str:
    """`value` on one line; brackets of ours in somebody's name are no gap."""
    return _SPACE.sub(" ", value).strip().replace("⟨", "‹").replace("⟩", "›")


def _part(token: re.Match[str], values: Mapping[str, str]) -> Part:
    if token["gap"]:
        hint = _value(token["name"]) or _("to be filled in")
        return Part("gap", f"⟨{hint}⟩")
    value = _value(values.get(token["name"], ""))
    if value or token["name"] not in BY_NAME:
        return Part("filled", value) if value else Part("text", token[0])
    missing = _("%(what)s missing", what=title(token["name"]))
    return Part("missing", f"⟨{missing}⟩")


def fill(text: str, values: Mapping[str, str]) -> list[Part]:
    """A module's `text` with `values` by placeholder, in one pass: what stands in a value is data."""
    parts, end = [], 0
    for token in _TOKEN.finditer(text):
        if token.start() > end:
            parts.append(Part("text", text[end : token.start()]))
        parts.append(_part(token, values))
        end = token.end()
    if end < len(text):
        parts.append(Part("text", text[end:]))
    return parts


def unfilled(text: str) -> list[Part]:
    """A module's `text` for one that is written to several at once: gaps to fill, placeholders as they stand."""
    parts, end = [], 0
    for token in _TOKEN.finditer(text):
        parts.append(Part("text", text[end : token.start()]))
        parts.append(_part(token, {}) if token["gap"] else Part("filled", token[0]))
        end = token.end()
    return [part for part in (*parts, Part("text", text[end:])) if part.text]


def named(parts: list[Part]) -> list[Part]:
    """`unfilled` parts with what the placeholders are called, for somebody to read."""
    return [
        replace(part, text=title(name)) if (name := part.text.strip("{} \t")) in BY_NAME else part for part in parts
    ]


def shortened(parts: list[Part], most: int) -> list[Part]:
    """The first `most` characters of `parts` on one line; a gap or a value is kept whole or left out."""
    kept: list[Part] = []
    for part in parts:
        text = _SPACE.sub(" ", part.text)
        if len(text) > most:
            return [*kept, Part("text", (text[:most] if part.kind == "text" else "") + "…")]
        kept.append(replace(part, text=text))
        most -= len(text)
    return kept


def open_gaps(text: str) -> list[str]:
    """What is still to be filled in a text that somebody has written, in its order."""
    return [found[0] for found in _OPEN.finditer(text)]


def refuse_open(text: str, *, placeholders: bool = False) -> None:
    """Raises Invalid when a gap or a missing value is left in a `text` that is about to be sent.

    `placeholders`: they may still stand in it, and are filled for each of those it is sent to.
    """
    left = [gap for gap in open_gaps(text) if not (placeholders and named_in(gap))]
    if left:
        sentence = _("Something is still to be filled in: %(gap)s", gap=left[0])
        raise Invalid(sentence, fields={"text": sentence})
