"""What a person reads goes through gettext: no English stands bare in a template, a refusal or an answer."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest
from jinja2 import Environment, nodes

from tests.languages.catalogues import FOLDERS, ROOT, templates

# Names of products and things that every language calls so, and signs of the keyboard.
NAMES = {
    "Deskside", "Outlook", "Microsoft", "Teams", "Ctrl", "Alt", "Shift", "Enter", "Esc", "Tab", "CSV", "XLSX", "PDF",
    "HTML", "API", "URL", "ID", "MB", "KB",
}  # fmt: skip

_TAG = re.compile(r"<[^>]*>", re.DOTALL)
_SILENT = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL)
_SPOKEN = re.compile(r'\s(?:title|aria-label|placeholder|alt|aria-description|data-confirm|hx-confirm)="([^"]*)"')
_WORD = re.compile(r"[^\W\d_]{2,}")
_SENTENCE = re.compile(r"[A-Z][a-z]+(?: .*)?[a-z.?!…]|[a-z]+(?: [a-z]+)+")
_SAID_BY = {"_", "gettext", "ngettext", "n_", "N_", "lazy"}
_TELLS = {"Invalid", "Refused", "Conflict", "NotFound", "NotAllowed", "OutsideDown", "changed", "toast"}


@cache
def _environment() -> Environment:
    return Environment(extensions=["jinja2.ext.i18n"])


def bare_in(source: str) -> Iterator[str]:
    """English that stands in the template `source` without gettext."""
    tree = _environment().parse(source)
    html = _SILENT.sub(" ", _plain(source))
    for text in [*_TAG.sub("\n", html).split("\n"), *_SPOKEN.findall(html)]:
        if "=" not in text:  # attributes that a macro hands to a tag of its caller
            yield from (word for word in _WORD.findall(_entities(text)) if word not in NAMES)
    wrapped = {id(inner) for call in tree.find_all(nodes.Call) if _name(call) in _SAID_BY for inner in _consts(call)}
    for call in tree.find_all(nodes.Call):
        yield from (str(getattr(one, "value", "")) for one in call.args if _bare(one, wrapped))
        yield from (
            str(getattr(one.value, "value", ""))
            for one in call.kwargs
            if one.key in ("label", "title", "text", "help", "placeholder") and _bare(one.value, wrapped)
        )


def _plain(source: str) -> str:
    source = re.sub(r"\{#.*?#\}|\{% block \w+_class %\}.*?\{% endblock %\}", "", source, flags=re.DOTALL)
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", source, flags=re.DOTALL)


def _entities(text: str) -> str:
    return re.sub(r"&#?\w+;", " ", text)


def _name(call: nodes.Call) -> str:
    return getattr(call.node, "name", "")


def _consts(call: nodes.Call) -> Iterator[nodes.Const]:
    yield from call.find_all(nodes.Const)


def _bare(one: nodes.Node, wrapped: set[int]) -> bool:
    return (
        isinstance(one, nodes.Const)
        and isinstance(one.value, str)
        and id(one) not in wrapped
        and one.value not in NAMES
        and _SENTENCE.fullmatch(one.value) is not None
    )


def test_no_english_stands_bare_in_a_template() -> None:
    bare = {path: sorted(set(bare_in(source))) for path, source in templates().items()}
    bare = {path: words for path, words in bare.items() if words}
    assert not bare, f"not through gettext: {bare}"


@pytest.mark.parametrize(
    "source",
    [
        "<p>Nothing here</p>",
        '<input placeholder="{{ _("Name") }}"><a title="Close it">x</a>',
        '{{ button("Save", icon="save") }}',
        "{{ field('name', label='Your name') }}",
        "<p>{{ _('Total') }}: gross</p>",
    ],
)
def test_bare_english_is_noticed(source: str) -> None:
    assert list(bare_in(source))


def test_no_refusal_or_answer_is_bare() -> None:
    bare = []
    for path in sorted(p for folder in FOLDERS for p in (ROOT / folder).glob("**/*.py")):
        if {"sandbox", "demo", "translations"} & set(path.parts):
            continue
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in _TELLS:
                bare += [
                    f"{path.relative_to(ROOT)}:{call.lineno}: {one.value}"
                    for one in call.args
                    if isinstance(one, ast.Constant) and isinstance(one.value, str) and _SENTENCE.fullmatch(one.value)
                ]
    assert not bare, f"not through gettext: {bare}"
