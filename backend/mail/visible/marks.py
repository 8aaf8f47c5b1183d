"""Where in the lines of a mail a quoted one begins. Every test here looks at a few hundred characters."""

import re
from dataclasses import dataclass
from typing import Final

from backend.mail.visible import words
from backend.mail.visible.plain import Line

_ADORNED: Final = re.compile(r"^[-_*=—–]{2,}(.{3,60}?)[-_*=—–]{2,}$")
_RULE: Final = re.compile(r"^[-_=*—–]{5,}$")
_DATED: Final = re.compile(r"[0-9]{1,2}[:.hu][0-9]{2}|[0-9]{4}|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2}")
_DATE_ADDRESS: Final = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [^<>]{1,120}<[^<>]{1,120}@[^<>]{1,120}>:$")
_NAMED: Final = re.compile(r"^[^<>]{2,120}<[^<>\s@]{1,120}@[^<>\s]{1,120}> ([^<>]{3,30}):$")
_VERB: Final = re.compile(rf"(?:^| )(?:{'|'.join(re.escape(verb) for verb in words.VERBS)})(?: |$)")
_MIDDLE: Final = re.compile(r"---+ ?On ")
LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class Found:
    """A separator: it begins at line `start`, the quoted text at line `body`."""

    start: int
    body: int
    forwards: bool = False


def is_rule(text: str) -> bool:
    """Whether a line is only drawn: -----, _____."""
    stripped = text[:LONGEST].strip().replace(" ", "")
    return bool(_RULE.match(stripped)) and len(text) < LONGEST


def find(lines: list[Line]) -> Found | None:
    """The first separator of any kind that is not itself quoted."""
    for index, line in enumerate(lines):
        if line.mark in ("quote", "forward"):
            found = _at(lines, index)
            forwards = line.mark == "forward" or (found is not None and found.forwards)
            return Found(index, found.body if found else index, forwards)
        if line.text and line.text.lstrip()[:1] != ">":
            found = _announced(lines, index)
            if found:
                return found
    return None


def _at(lines: list[Line], index: int) -> Found | None:
    """The announcement that follows a mark of the program within a few lines."""
    seen = 0
    for here in range(index, min(index + 12, len(lines))):
        text = lines[here].text.strip()
        if not text or is_rule(text):
            continue
        found = _announced(lines, here)
        if found:
            return found
        seen += 1
        if seen >= 2:
            return None
    return None


def _announced(lines: list[Line], index: int) -> Found | None:
    text = lines[index].text
    if len(text) > LONGEST * 2:
        return None
    stripped = " ".join(text.split())
    if len(stripped) < 3:
        return None
    if len(stripped) < 200 and any(one in stripped.casefold() for one in words.ABOVE):
        return Found(index, index + 1)
    banner = _banner(stripped)
    if banner:
        below = header_block(lines, next_said(lines, index + 1))
        return Found(index, below or index + 1, banner == "forward")
    block = header_block(lines, index)
    end = block if block is not None else attribution(lines, index) or _unusual(lines, index)
    return Found(index, end) if end is not None else None


def _unusual(lines: list[Line], index: int) -> int | None:
    """An attribution without a date ("Jana <jana@x.example> wrote:"), or in whatever language: a line with a date and
    an address that ends in a colon just above quoted lines.
    """
    text = " ".join(lines[index].text[: LONGEST + 1].split())
    if len(text) > LONGEST or "@" not in text or not text.endswith((":", "：")) or _MIDDLE.search(text):
        return None
    named = _NAMED.match(text)
    if named and named[1].casefold() in words.VERBS:
        return index + 1
    below = next_said(lines, index + 1)
    quotes = below < len(lines) and lines[below].text.lstrip()[:1] == ">"
    return index + 1 if quotes and _DATED.search(text) else None


def next_said(lines: list[Line], index: int) -> int:
    """The first line from `index` on that says anything."""
    while index < len(lines) and not lines[index].text.strip():
        index += 1
    return index


def _banner(text: str) -> str:
    """What a line like "-----Original Message-----" says: reply, forward or nothing."""
    found = _ADORNED.match(text)
    inner = (found[1] if found else text).strip(" :>*").casefold().replace("’", "'")
    if inner in words.FORWARDED and (found or text.rstrip().endswith(":")):
        return "forward"
    if found and inner in words.ORIGINAL:
        return "reply"
    if found and any(inner.endswith(verb) for verb in words.VERBS):
        return "reply"
    return "forward" if found and inner.startswith("forwarded by ") else ""


def label(text: str) -> tuple[str, str] | None:
    """(kind, value) of a line like "*Von:* Jana" or "Objet : …"."""
    head, colon, value = text[:LONGEST].strip().lstrip("*• ").replace("：", ":").partition(":")
    if not colon or len(head) > 30:
        return None
    kind = words.LABELS.get(head.strip("*_ \xa0").casefold().replace("’", "'"))
    return (kind, value.strip("* \xa0")) if kind else None


def header_block(lines: list[Line], start: int) -> int | None:
    """Where the block "From: … Sent: … To: … Subject: …" that begins at line `start` ends, if it is one."""
    first = label(lines[start].text) if start < len(lines) else None
    if first is None:
        return None
    kinds: set[str] = set()
    sender, end, gap = "", start, 0
    for index in range(start, min(start + 16, len(lines))):
        found = label(lines[index].text)
        if found and found[0] not in kinds:
            kinds.add(found[0])
            sender = found[1] or _value_below(lines, index) if found[0] == "from" else sender
            end, gap = index + 1, 0
        else:
            gap += 1
            if gap > 2:
                break
    if "from" not in kinds or len(kinds) < 2 or (len(kinds) == 2 and "@" not in sender):
        return None
    while end < len(lines) and lines[end].text.strip() and end < start + 20 and "subject" not in kinds:
        end += 1
    return end


def _value_below(lines: list[Line], index: int) -> str:
    return lines[index + 1].text if index + 1 < len(lines) else ""


def attribution(lines: list[Line], start: int) -> int | None:
    """Where "On … wrote:", which begins at line `start`, ends: on the same line or up to five lines on."""
    first = " ".join(lines[start].text[: LONGEST * 2].split())
    middle = _MIDDLE.search(first)
    if middle and middle.start() > 0:
        return None
    first = first.lstrip("-* ")
    opener = first.split(" ", 1)[0].casefold().rstrip(",") in words.OPENERS
    if not opener and not ("@" in first or "<" in first or first[:4].isdigit()):
        return None
    joined, blanks = "", 0
    for index in range(start, min(start + 7, len(lines))):
        line = " ".join(lines[index].text[:LONGEST].split()).strip("* ")
        blanks += not line
        joined = f"{joined} {line}".strip() if index > start else first.strip("* ")
        if len(joined) > LONGEST or blanks > 1:
            return None
        if joined.endswith((":", "：", ":>")) and _attributes(joined, opener):
            # The line above may merely begin like one ("On the whole it works.").
            later = any(attribution(lines, below) for below in range(start + 1, index + 1))
            return None if later else index + 1
        if joined.endswith((":", "：")) and index > start and "@" in joined:
            return None
    return None


def _attributes(text: str, opener: bool) -> bool:
    lower = text.casefold()
    if any(own in lower for own in words.OWN_WORDS):
        return False
    if _DATE_ADDRESS.match(text):
        return True
    said = lower.rstrip(":： ")
    if not said.endswith(words.VERBS) and not _VERB.search(said):
        return False
    if opener:
        return _DATED.search(text) is not None or "@" in text
    return "@" in text and _DATED.search(text) is not None


def split_middle(text: str) -> tuple[str, str] | None:
    """A line that holds both the end of the answer and "--- On … wrote:", taken apart."""
    if len(text) > LONGEST:
        return None
    found = _MIDDLE.search(text)
    if found and found.start() > 0 and text.rstrip().endswith(":"):
        return text[: found.start()], text[found.start() :]
    return None
