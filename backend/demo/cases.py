"""The conversations that most tickets of the demo are made of, one file for each field and language in `cases/`.

A case is a conversation with gaps ({wo}, {thing}); each of its rows fills them and becomes one ticket. Besides the
gaps of its rows there are {greeting}, {technician}, {colleague}, {contact}, {first}, {company} and, where the case
names an article, {order}: the number of an order with that article.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "cases"
_SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")
KINDS = ("mail", "reply", "note", "call")


@dataclass(frozen=True)
class Turn:
    """One thing said, `after` the one before; `minutes` were worked with it, `status` is set by it."""

    kind: str
    text: str
    after: timedelta
    status: str = ""
    minutes: int = 0


@dataclass(frozen=True)
class Case:
    """One kind of conversation. `order`: an article; `visit`, `remote`: minutes on site, or by appointment."""

    language: str
    subject: str
    category: str
    said: tuple[Turn, ...]
    rows: tuple[dict[str, str], ...]
    family: str = ""
    type: str = "incident"
    priority: str = "medium"
    impact: str = "person"
    team: str = "Hotline"
    order: str = ""
    visit: int = 0
    remote: int = 0
    checklist: str = ""


def _span(written: str) -> timedelta:
    days, hours, minutes = _SPAN.fullmatch(written).groups(default="0")  # type: ignore[union-attr]
    return timedelta(days=int(days), hours=int(hours), minutes=int(minutes))


def _turn(given: dict[str, Any]) -> Turn:
    kind = next(kind for kind in KINDS if kind in given)
    after = _span(given.get("after", ""))
    return Turn(kind, given[kind].strip(), after, given.get("status", ""), given.get("minutes", 0))


def read_cases() -> Iterator[Case]:
    """All cases, file by file; a file's name begins with its language."""
    for file in sorted(_FOLDER.glob("*.toml")):
        for given in tomllib.loads(file.read_text(encoding="utf-8"))["case"]:
            told = {"said": tuple(map(_turn, given["said"])), "rows": tuple(given["rows"])}
            yield Case(language=file.name[:2], **(given | told))
