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
    for find in (_small_print, _delimited, _footer, _mobile, _dashed_name, _contact):
        end = _end(lines[: find(lines[:end])])
    return end if end < _end(lines) else len(lines)


def _end(lines: list[Line]) -> int:
    end = len(lines)
    while end and (not lines[end - 1].text.strip()):
        end -= 1
    return end


def _small_print(lines: list[Line]) -> int:
    """A company's words on secrecy or printing, which are the last paragraphs."""
    start = end = len(lines)
    while end:
        while end and not lines[end - 1].text.strip():
            end -= 1
        begin = end
        while begin and lines[begin - 1].text.strip() and end - begin < LONGEST:
            begin -= 1
        said = " ".join(line.text[:2_000].strip(" *_") for line in lines[begin:end]).strip().casefold()[:4_000]
        secret = len(said) > 80 and said.startswith(words.SMALL_PRINT_BEGINS)
        if not (secret and any(one in said for one in words.SMALL_PRINT)):
            printing = len(said) < 250 and any(one in said for one in words.PRINTING)
            if not printing or "?" in said:
                break
        start = end = begin
    return start


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
    said = text.split()
    short = len(said) <= 8 or text.startswith("diese nachricht wurde von")
    sent = text.startswith(words.MOBILE) or (len(said) > 2 and said[0] in words.SENT and said[1] in words.BY)
    return index if short and sent and not text.endswith("?") and "," not in text else len(lines)


def _dashed_name(lines: list[Line]) -> int:
    index = _end(lines) - 1
    if index > 0 and not lines[index - 1].text.strip() and _NAME.match(lines[index].text.strip()[:120]):
        return index
    return len(lines)


def _contact(lines: list[Line]) -> int:
    """What follows greeting and name when it is a card: company, telephone, address."""
    for index in range(len(lines) - 1, max(-1, len(lines) - LONGEST), -1):
        text = lines[index].text.strip().rstrip(",.!").lower()
        if len(text) > 60:
            continue
        long = any(text == one or text.startswith((f"{one} ", f"{one},")) for one in words.GREETINGS)
        if not long and text not in words.SHORT_GREETINGS:
            continue
        below = [n for n in range(index + 1, len(lines)) if lines[n].text.strip()]
        card = below[1:]
        said = " ".join(lines[n].text[:200] for n in card).lower()
        postscript = any(lines[n].text.strip().lower().startswith(("ps", "p.s.", "p. s.")) for n in card)
        if len(card) >= 2 and not postscript and "?" not in said and any(one in said for one in words.CONTACT):
            return card[0]
        return len(lines)
    return len(lines)
