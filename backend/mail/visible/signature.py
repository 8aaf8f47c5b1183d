"""The signature at the end of what somebody wrote."""

import re
from typing import Final

from backend.mail.visible import words
from backend.mail.visible.marks import is_rule
from backend.mail.visible.plain import Line

_NAME: Final = re.compile(r"^-{1,2} ?[A-ZÄÖÜ][\w.'-]{1,30}(?: [A-ZÄÖÜ][\w.'-]{0,30}){0,3}$")
LONGEST: Final = 30


def begins(lines: list[Line]) -> int:
    """The line at which the signature begins; the number of lines when there is none."""
    end = _end(lines)
    for find in (_delimited, _footer, _mobile, _dashed_name, _contact):
        end = _end(lines[: find(lines[:end])])
    return end if end < _end(lines) else len(lines)


def _end(lines: list[Line]) -> int:
    end = len(lines)
    while end and (not lines[end - 1].text.strip()):
        end -= 1
    return end


def _delimited(lines: list[Line]) -> int:
    for index, line in enumerate(lines):
        delimited = line.mark == "signature" or line.text.rstrip(" ") in ("--", "-- ", "—", "--\xa0")
        if delimited and len(lines) - index <= LONGEST:
            return index
    return len(lines)


def _footer(lines: list[Line]) -> int:
    """A drawn line with a mailing list's or provider's note under it."""
    for index in range(max(0, len(lines) - 9), len(lines)):
        text = lines[index].text.strip()
        if len(text) >= 20 and is_rule(text) and text.startswith("_"):
            return index
    return len(lines)


def _mobile(lines: list[Line]) -> int:
    index = _end(lines) - 1
    if index < 0:
        return len(lines)
    text = " ".join(lines[index].text[:300].split()).strip("*_<>[] ").lower()
    short = len(text.split()) <= 8 or text.startswith("diese nachricht wurde von")
    if short and text.startswith(words.MOBILE) and not text.endswith("?"):
        return index if "," not in text else len(lines)
    return len(lines)


def _dashed_name(lines: list[Line]) -> int:
    index = _end(lines) - 1
    if index > 0 and not lines[index - 1].text.strip() and _NAME.match(lines[index].text.strip()[:120]):
        return index
    return len(lines)


def _contact(lines: list[Line]) -> int:
    """What follows greeting and name when it is a card: company, telephone, address."""
    for index in range(len(lines) - 1, max(-1, len(lines) - LONGEST), -1):
        text = lines[index].text.strip().rstrip(",.!").lower()
        if len(text) > 60 or not text.startswith(words.GREETINGS):
            continue
        if not any(text == one or text.startswith((f"{one} ", f"{one},")) for one in words.GREETINGS):
            continue
        below = [n for n in range(index + 1, len(lines)) if lines[n].text.strip()]
        card = below[1:]
        said = " ".join(lines[n].text[:200] for n in card).lower()
        postscript = any(lines[n].text.strip().lower().startswith(("ps", "p.s.", "p. s.")) for n in card)
        if len(card) >= 2 and not postscript and "?" not in said and any(one in said for one in words.CONTACT):
            return card[0]
        return len(lines)
    return len(lines)
