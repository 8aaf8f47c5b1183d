"""The sentences of Deskside: read from the English catalogue when the first asks for them, and from there on known."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from backend.config import LANGUAGES
from backend.i18n import N_
from backend.languages.gaps import GAPS

CATALOGUES = Path(__file__).parents[1] / "translations"
_ROOT = Path(__file__).parents[2]

# What a sentence is where it stands; the extraction says these keys.
KINDS = {
    "button": N_("Button or link"),
    "heading": N_("Heading"),
    "label": N_("Label"),
    "column": N_("Head of a column"),
    "choice": N_("Choice in a list"),
    "tooltip": N_("Tooltip, read aloud"),
    "placeholder": N_("Example in an empty field"),
    "help": N_("Help below a field"),
    "empty": N_("Shown where nothing is"),
    "setting": N_("Setting"),
    "message": N_("Short message"),
    "refusal": N_("Refusal or mistake"),
    "text": N_("Text"),
}
SHORT = {"button", "label", "column", "choice"}
_PLACE = re.compile(rf"({'|'.join(KINDS)}): (\S+)(?: (\S+))?$")
_GAP = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")
_OPENING = re.compile(r'\s*(?:"""|\{#-?\s*)(.+?)(?:"""|-?#\}|\n\s*\n|$)', re.DOTALL)


@dataclass(frozen=True)
class Place:
    """Where a sentence stands: as what, in which file, and which function says it."""

    kind: str
    path: str
    function: str

    @property
    def area(self) -> str:
        """The feature, which is the folder."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "backend" and len(parts) > 2 else parts[0] if parts[0] != "backend" else "desk"


@dataclass(frozen=True)
class Sentence:
    """One sentence with its forms in English and in each language: one, or one for each number."""

    english: tuple[str, ...]
    notes: tuple[str, ...]
    places: tuple[Place, ...]
    said: dict[str, tuple[str, ...]]

    @property
    def gaps(self) -> list[tuple[str, str, str]]:
        """What stands between its words: the gap as it is written, its meaning, an example."""
        found = {match[0]: match[1] or match[2] or "" for match in _GAP.finditer(" ".join(self.english))}
        return [(written, *GAPS.get(name, ("", ""))) for written, name in found.items()]

    def missing_in(self, language: str) -> bool:
        """Whether a form is not translated."""
        return not all(self.said[language])

    def long_in(self, language: str) -> bool:
        """Whether it is longer than the narrow place it stands in was drawn for."""
        if not any(place.kind in SHORT for place in self.places):
            return False
        most = max(len(one) for one in self.english)
        return any(len(one) > max(16, most * 1.4 + 6) for one in self.said[language])


class _Nothing(NullTranslations):
    """What is not translated is empty, not English."""

    def gettext(self, message: str) -> str:
        """Nothing."""
        return ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Nothing."""
        return ""


def _spoken(language: str) -> GNUTranslations:
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        texts = GNUTranslations(file)
    texts.add_fallback(_Nothing())
    return texts


def catalogue(language: str) -> Path:
    """The file that whoever translates edits."""
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


@cache
def sentences() -> tuple[Sentence, ...]:
    """All sentences, in the order of the files they stand in."""
    spoken = {language: _spoken(language) for language in LANGUAGES if language != "en"}
    with catalogue("en").open("rb") as file:
        return tuple(_sentence(one, spoken) for one in read_po(file) if one.id)


def _sentence(one: Message, spoken: dict[str, GNUTranslations]) -> Sentence:
    if isinstance(one.id, str):
        english: tuple[str, ...] = (one.id,)
        said: dict[str, tuple[str, ...]] = {code: (texts.gettext(one.id),) for code, texts in spoken.items()}
    else:
        english, (single, many) = tuple(one.id), one.id[:2]
        said = {
            language: tuple(texts.ngettext(single, many, number) for number in (1, 2))
            for language, texts in spoken.items()
        }
    notes, places = _read(one.auto_comments)
    return Sentence(english, notes, places or tuple(Place("text", str(at[0]), "") for at in one.locations), said)


def _read(comments: Iterable[str]) -> tuple[tuple[str, ...], tuple[Place, ...]]:
    """What the extraction wrote beside a sentence: the words of a person, and the places."""
    notes: list[str] = []
    places: list[Place] = []
    for line in comments:
        place = _PLACE.match(line)
        if place:
            places.append(Place(place[1], place[2], place[3] or ""))
        elif line.startswith("NOTE:") or not notes:
            notes.append(line.removeprefix("NOTE:").strip())
        else:
            notes[-1] += f" {line.strip()}"
    return tuple(notes), tuple(places)


@lru_cache(maxsize=2_000)
def about(path: str) -> str:
    """The first sentence that the file of a sentence says about itself, or its name in words."""
    file = _ROOT / path
    opening = _OPENING.match(file.read_text(encoding="utf-8")[:600]) if file.is_file() else None
    if opening and not opening[1].startswith(("sprite:", "icons:", "NOTE:")):
        words = " ".join(opening[1].split())
        return re.split(r"(?<=[.;])\s", words)[0].rstrip(".")
    return Path(path).stem.strip("_").replace("_", " ").capitalize()


def find(asked: str, area: str, only: str, language: str) -> list[Sentence]:
    """The sentences with the words `asked`, of one `area`, and `only` those that are missing, long, plural…"""
    looked_in = (language,) if language else tuple(one for one in LANGUAGES if one != "en")
    wanted = asked.casefold()
    return [one for one in sentences() if _fits(one, area, only, looked_in) and (not wanted or _says(one, wanted))]


def _says(one: Sentence, wanted: str) -> bool:
    every = (*one.english, *one.notes, *(text for forms in one.said.values() for text in forms))
    return any(wanted in text.casefold() for text in every) or any(wanted in place.path for place in one.places)


def _fits(one: Sentence, area: str, only: str, looked_in: Iterable[str]) -> bool:
    if area and all(place.area != area for place in one.places):
        return False
    match only:
        case "missing":
            return any(one.missing_in(language) for language in looked_in)
        case "long":
            return any(one.long_in(language) for language in looked_in)
        case "plural":
            return len(one.english) > 1
        case "notes":
            return bool(one.notes)
        case "gaps":
            return bool(one.gaps)
        case _:
            return True
