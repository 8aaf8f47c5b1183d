"""Where a sentence stands, found when `make catalogues` takes it out of the code: a button, a heading, a refusal.

Babel calls `python` and `template` for each file; what they find goes into the catalogues as comments beside the
sentence (`#. button: tickets/templates/tickets/_reply.html`), so that an installation knows it without the code.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.extract import extract_python
from jinja2.ext import babel_extract

from backend.languages.notes import NOTES
from backend.languages.words import KINDS

Found = tuple[int, str, Any, list[str]]

_REFUSALS = ("Invalid", "Refused", "Conflict", "NotFound", "NotAllowed", "OutsideDown")
_CALLS = {
    **dict.fromkeys(_REFUSALS, "refusal"),
    "changed": "message",
    "toast": "message",
    "Declared": "setting",
    "Column": "column",
}
_MACROS = {
    "button": "button",
    "item": "button",
    "field": "label",
    "textarea": "label",
    "select": "label",
    "checkbox": "label",
    "combobox": "label",
    "prop": "label",
    "empty": "empty",
    "quiet": "empty",
    "dialog": "heading",
}
_ATTRIBUTES = {"placeholder": "placeholder", "value": "button"}
_TAGS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "legend", "summary", "title"), "heading"),
    **dict.fromkeys(("button", "a"), "button"),
    **dict.fromkeys(("label", "dt"), "label"),
    "th": "column",
    "option": "choice",
}
_ATTRIBUTE = re.compile(r'([\w-]+)="[^"]*$')
_TAG = re.compile(r"<(\w+)[^<]*$", re.DOTALL)
_CALLED = re.compile(r"(\w+)$")
_ARGUMENT = re.compile(r"\b(\w+)=(?:_\()?\s*$")


def _name_of(file: BinaryIO) -> str:
    """The path of `file` as the catalogues write it, short enough to stay on one line."""
    name = getattr(file, "name", "")
    path = Path(name).resolve() if isinstance(name, str) else Path()
    root = Path(__file__).resolve().parents[2]
    return str(path.relative_to(root)) if path.is_relative_to(root) else path.name


def _first(words: Any) -> str:
    return words if isinstance(words, str) else next((one for one in words or () if one), "")


def _note(words: Any) -> list[str]:
    note = NOTES.get(_first(words))
    return [f"NOTE: {note}"] if note else []


def template(file: BinaryIO, keywords: Any, tags: Any, options: Any) -> Iterator[Found]:
    """The sentences of a template, each with what it is there."""
    source, name = file.read().decode(), _name_of(file)
    lines = [0, *(match.end() for match in re.finditer("\n", source))]
    file.seek(0)
    for line, function, words, comments in babel_extract(file, keywords, tags, options):
        begin = lines[line - 1]
        first = _first(words)
        quoted = first.replace("\\", "\\\\").replace("\n", "\\n")
        places = [at for at in (source.find(f"{mark}{quoted}{mark}", begin) for mark in "\"'") if at >= 0]
        kind = _kind_in_template(source[: min(places)]) if places else "text"
        yield line, function, words, [*comments, *_note(words), f"{kind}: {name}"]


def _kind_in_template(before: str) -> str:
    """What stands at the end of `before`, the template up to the sentence."""
    inside = before[max(before.rfind("{{"), before.rfind("{%")) :]
    html = before[: -len(inside)] if inside else before
    inside = re.sub(r"\b(?:_|gettext|ngettext)\(\s*[\"']?$", "", inside)
    named = _ARGUMENT.search(inside)
    if named and named[1] in ("help", "placeholder", "title"):
        return {"help": "help", "placeholder": "placeholder", "title": "tooltip"}[named[1]]
    macro = next((name for name in _open_calls(inside) if name in _MACROS), "")
    if macro:
        return _MACROS[macro]
    last = html.rfind("<")
    if last > html.rfind(">") and (attribute := _ATTRIBUTE.search(html[last:])):
        return _ATTRIBUTES.get(attribute[1], "tooltip" if attribute[1] in ("title", "aria-label", "alt") else "text")
    tag = _TAG.search(html)
    return _TAGS.get(tag[1], "text") if tag else "text"


def _open_calls(inside: str) -> Iterator[str]:
    """The names of the calls that are not closed yet at the end of `inside`, the innermost first."""
    closed = 0
    for at in range(len(inside) - 1, -1, -1):
        if inside[at] == ")":
            closed += 1
        elif inside[at] == "(" and closed:
            closed -= 1
        elif inside[at] == "(" and (called := _CALLED.search(inside[:at])):
            yield called[1]


def python(file: BinaryIO, keywords: Any, tags: Any, options: Any) -> Iterator[Found]:
    """The sentences of a module, each with what it is there and the function that says it."""
    found: list[Any] = list(extract_python(file, keywords, tags, options))
    if found:
        file.seek(0)
        name, kinds = _name_of(file), dict(_kinds_in_python(ast.parse(file.read())))
        for line, function, words, comments in found:
            kind, place = kinds.get(_first(words), ("text", ""))
            where = f"{kind}: {name}" + (f" {place}" if place else "")
            yield line, function, words, [*comments, *_note(words), where]


def _kinds_in_python(tree: ast.AST, place: str = "", kind: str = "text") -> Iterable[tuple[str, tuple[str, str]]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, (kind, place)
        elif isinstance(node, ast.FunctionDef):
            yield from _kinds_in_python(node, f"{node.name}()", "text")
        elif isinstance(node, ast.Assign | ast.AnnAssign) and not place:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            yield from _kinds_in_python(node, getattr(target, "id", ""), kind)
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            yield from _kinds_in_python(node, place, _CALLS.get(name, kind))
        else:
            yield from _kinds_in_python(node, place, kind)


assert set(_CALLS.values()) | set(_MACROS.values()) | set(_TAGS.values()) <= set(KINDS)
