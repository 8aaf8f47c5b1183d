"""Files that old programs wrote into the text itself (uuencode)."""

import binascii
import re
from typing import Final

_BEGIN: Final = re.compile(r"^begin [0-7]{3,4} (\S.{0,254})$", re.MULTILINE)
MOST_FILES: Final = 50


def extract(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """`text` without its uuencoded files, and these as (name, content). Broken ones stay in the text."""
    if "\nend" not in text or not _BEGIN.search(text):
        return text, []
    lines = text.split("\n")
    files: list[tuple[str, bytes]] = []
    taken: list[tuple[int, int]] = []
    begin: re.Match[str] | None = None
    start = 0
    for index, line in enumerate(lines):
        if line.startswith("begin "):
            begin, start = _BEGIN.match(line), index
        elif begin and line.strip() == "end" and len(files) < MOST_FILES:
            content = _decode(lines[start + 1 : index])
            if content:
                files.append((begin[1].strip(), content))
                taken.append((start, index + 1))
            begin = None
    for first, after in reversed(taken):
        del lines[first:after]
    return "\n".join(lines), files


def _decode(lines: list[str]) -> bytes | None:
    pieces = []
    for line in lines:
        if not line.strip() or line == "`":
            continue
        try:
            pieces.append(binascii.a2b_uu(line.encode("ascii")))
        except (binascii.Error, ValueError):
            return None
    return b"".join(pieces)
