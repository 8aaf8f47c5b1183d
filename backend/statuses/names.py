"""Names that administrators type: on one line, not empty, none twice."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NoReturn

from backend.errors import Invalid
from backend.i18n import _

LONGEST = 60


def wrong(field: str, sentence: str) -> NoReturn:
    """Raises Invalid: `sentence` stands at the field."""
    raise Invalid(_("Please correct the marked fields."), fields={field: sentence})


def one_line(text: str, field: str) -> str:
    """`text` on one line. Raises Invalid when it is too long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(line) > LONGEST:
        wrong(field, _("At most %(number)s characters, please.", number=LONGEST))
    return line


def new(text: str, field: str, taken: Iterable[str]) -> str:
    """`text` as a name that none of `taken` is. Raises Invalid."""
    line = one_line(text, field)
    if not line:
        wrong(field, _("A name is needed."))
    if line.casefold() in {one.casefold() for one in taken}:
        wrong(field, _("“%(name)s” is there already.", name=line))
    return line


def key_of(name: str, taken: Iterable[str]) -> str:
    """A key for the API, of small Latin letters: "Waiting for parts" is waiting-for-parts, a second one -2."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss")).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "status"
    known, key, number = set(taken), stem, 2
    while key in known:
        key, number = f"{stem}-{number}", number + 1
    return key
