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
    kept: list[str] = []
    files: list[tuple[str, bytes]] = []
    lines = text.split("\n")
    ends = [number for number, line in enumerate(lines) if line.strip() == "end"]
    index = 0
    while index < len(lines):
        begin = _BEGIN.match(lines[index])
        while ends and ends[0] <= index:
            ends.pop(0)
        if begin and ends and len(files) < MOST_FILES:
            content = _decode(lines[index + 1 : ends[0]])
            if content:
                files.append((begin[1].strip(), content))
                index = ends[0] + 1
                continue
        kept.append(lines[index])
        index += 1
    return "\n".join(kept), files


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
