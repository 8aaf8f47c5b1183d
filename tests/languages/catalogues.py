"""What the tests of the languages read: the sentences of the code, the five catalogues, the templates."""

import tomllib
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent.parent
FOLDERS = ("addin", "backend", "bot")
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy": None, "n_": (1, 2)}

Words = str | tuple[str, ...]


@cache
def said() -> frozenset[Words]:
    """Everything the code and the templates put through gettext."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]["mappings"]
    methods = [(one["pattern"], one["method"]) for one in mappings]
    found: set[Words] = set()
    for folder in FOLDERS:
        for _file, _line, words, _comments, _context in extract_from_dir(ROOT / folder, methods, {}, KEYWORDS):
            found.add(words if isinstance(words, str) else tuple(words))
    return frozenset(found)


@cache
def catalogue(language: str) -> Catalog:
    """The catalogue of `language` as it stands in the tree."""
    path = ROOT / "backend" / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> dict[Words, Message]:
    """The sentences of `language` by their English."""
    return {_words(one.id): one for one in catalogue(language) if one.id}


def parts(words: object) -> tuple[str, ...]:
    """A sentence as its forms: one, or one for each number."""
    return tuple(str(one) for one in words) if isinstance(words, list | tuple) else (str(words or ""),)


def _words(words: object) -> Words:
    return words if isinstance(words, str) else parts(words)


@cache
def templates() -> dict[str, str]:
    """The text of each template of the pages, by its path; the sandbox speaks to developers, in English."""
    paths = sorted(p for folder in FOLDERS for p in (ROOT / folder).glob("**/templates/**/*.html"))
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths if "sandbox" not in path.parts
    }
