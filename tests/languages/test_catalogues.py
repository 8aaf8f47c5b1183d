"""The five catalogues: whole, nothing old in them, the same gaps and marks as the English, and formal."""

import re
from collections import Counter

import pytest

from backend.config import LANGUAGES
from tests.languages.catalogues import catalogue, messages, parts, said

OTHERS = tuple(one for one in LANGUAGES if one != "en")

_GAP = re.compile(r"%\(\w+\)[sd]|(?<!%)%(?![(%])[sd]|\{\w+\}")
_MARK = re.compile(r"&(?:#\w+|\w+);|</?[a-z][^>]*>", re.IGNORECASE)
_FAMILIAR = re.compile(
    r"\b(?:[Dd]u|[Dd]ich|[Dd]ir|[Dd]eine?[mnrs]?|[Ee]uch|[Ee]ure?[mnrs]?|[Ii]hr(?= (?:habt|seid|könnt|müsst|wollt)))\b"
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_string_is_translated(language: str) -> None:
    assert len(said()) > 1000
    have = messages(language)
    missing = sorted(str(one) for one in said() if one not in have or not all(parts(have[one].string)))
    assert not missing, f"{len(missing)} strings are not translated into {language}: {missing[:8]}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_translated_is_guessed(language: str) -> None:
    guessed = [str(key) for key, one in messages(language).items() if one.fuzzy]
    assert not guessed, f"marked fuzzy in {language}, so nobody reads it: {guessed[:8]}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_translated_is_unused(language: str) -> None:
    unused = sorted(str(one) for one in messages(language) if one not in said())
    assert not unused, f"no longer said, but still in the catalogue of {language}: {unused[:8]}"
    assert not catalogue(language).obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_translated_gaps_are_those_of_the_english(language: str) -> None:
    for key, one in messages(language).items():
        english, other = parts(key), parts(one.string)
        wanted = [set(_GAP.findall(part)) for part in (english if len(other) == len(english) else english[-1:])]
        for form, part in enumerate(other):
            gaps = set(_GAP.findall(part))
            # The form for one may say "one" instead of the number, in either language.
            may_lack = {"%(num)s", "%(count)s", "%(number)s"} if len(english) > 1 and form == 0 else set()
            want = wanted[min(form, len(wanted) - 1)]
            assert gaps ^ want <= may_lack, f"{language}: {english} and {other} have different gaps"


@pytest.mark.parametrize("language", LANGUAGES)
def test_translated_plurals_have_each_form(language: str) -> None:
    forms = catalogue(language).num_plurals
    for key, one in messages(language).items():
        wanted = forms if isinstance(key, tuple) else 1
        assert len(parts(one.string)) == wanted, f"{language}: {key!r} needs {wanted} forms"
        assert all(part.strip() for part in parts(one.string)), f"{language}: {key!r} lacks a form"


@pytest.mark.parametrize("language", OTHERS)
def test_translated_marks_are_those_of_the_english(language: str) -> None:
    for key, one in messages(language).items():
        want = Counter(_MARK.findall(parts(key)[-1]))
        for part in parts(one.string):
            assert Counter(_MARK.findall(part)) == want, f"{language}: {key!r} became {part!r}: marks differ"
            assert not re.search(r"[<>\"]|&(?!\w+;|#)", _MARK.sub("", part)), f"{language}: {part!r} breaks a page"


@pytest.mark.parametrize("language", OTHERS)
def test_translated_sentences_begin_and_end_as_the_english_do(language: str) -> None:
    for key, one in messages(language).items():
        for english, part in zip(parts(key), parts(one.string), strict=False):
            assert part == part.strip() or english != english.strip(), f"{language}: {part!r} has blanks around it"
            assert (english[-1] == ":") == (part[-1] == ":"), f"{language}: {key!r} became {part!r}"
            assert (english[-1] == "…") == (part[-1] == "…"), f"{language}: {key!r} became {part!r}"


def test_translated_german_is_formal() -> None:
    for key, one in messages("de").items():
        for part in parts(one.string):
            assert not _FAMILIAR.search(part), f"{key!r} became {part!r}: people are spoken to as Sie"


def test_translated_marks_are_those_of_the_language() -> None:
    wrong = {
        "de": r"'|[“](?=\w)|[«»]",
        "es": r"[“”„]|^[^¿]*\w\?",
        "fr": r"\w'\w|\w[;?!»](?!\w)| [:;?!»]|«[^\xa0]|[“”„]",
        "it": r"\w'\w|[“”„]",
    }
    for language, marks in wrong.items():
        for key, one in messages(language).items():
            for part in parts(one.string):
                found = re.search(marks, part)
                assert not found, f"{language}: {key!r} became {part!r}: {found[0]!r} is not of this language"


def test_english_is_translated_by_itself() -> None:
    for key, one in messages("en").items():
        assert parts(one.string) == parts(key), f"{key!r} says {one.string!r}: change the sentence in the code"
