"""File names of attachments: what a stranger wrote, made harmless and still recognisable."""

import mimetypes
import re
import unicodedata
from typing import Final

_FORBIDDEN: Final = re.compile(r"[<>:\"'`|?*&%$;{}\x00-\x1f\x7f]")
_DEVICES: Final = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_EXTENSIONS: Final = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "text/rfc822-headers": ".txt",
    "application/pkcs7-mime": ".p7m",
    "application/octet-stream": ".bin",
    "image/jpeg": ".jpg",
}
LONGEST: Final = 120


def safe_name(name: str | None, content_type: str, number: int) -> str:
    """A file name for the attachment with this `number` (from 1), fit for every file system and page.

    Folders, control and direction-changing characters and what has a meaning in HTML or a shell go;
    the name is at most 120 characters long and keeps its ending. Without a usable name it is
    "attachment-1.pdf" by `content_type`.
    """
    wanted = unicodedata.normalize("NFC", (name or "")[:2_000])
    wanted = wanted.replace("\\", "/").rsplit("/", 1)[-1]
    unseen = ("Cc", "Cf", "Cs", "Co")
    wanted = "".join(letter for letter in wanted if unicodedata.category(letter) not in unseen)
    wanted = " ".join(_FORBIDDEN.sub("_", wanted).split()).strip(" .")
    if not wanted.strip("_ .-"):
        ending = _EXTENSIONS.get(content_type) or mimetypes.guess_extension(content_type) or ".bin"
        return f"attachment-{number}{ending}"
    if _DEVICES.match(wanted):
        wanted = f"_{wanted}"
    if len(wanted) > LONGEST:
        stem, dot, ending = wanted.rpartition(".")
        if not dot or len(ending) > 10:
            return wanted[:LONGEST].rstrip(" .")
        wanted = f"{stem[: LONGEST - len(ending) - 1].rstrip(' .')}.{ending}"
    return wanted
