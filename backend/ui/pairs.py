"""Rows of a form with a name and a value each, of which there may be any number."""

from collections.abc import Sequence

from backend.errors import Invalid
from backend.i18n import _


def _on_one_line(name: str) -> str:
    return " ".join(name.replace("\x00", "").split())


def read_pairs(
    names: Sequence[str], values: Sequence[str], *, field: str, most: int, longest_name: int, longest_value: int
) -> dict[str, str]:
    """Names with their values, rows in which nothing stands left out. Raises Invalid at `field`."""
    pairs: dict[str, str] = {}
    for name, value in zip(map(_on_one_line, names), (one.replace("\x00", "").strip() for one in values), strict=False):
        if not name and not value:
            continue
        wrong = ""
        if not name or not value:
            wrong = _("Both a name and a value are needed.")
        elif len(name) > longest_name or len(value) > longest_value:
            wrong = _(
                "At most %(name)s characters for the name and %(value)s for the value.",
                name=longest_name,
                value=longest_value,
            )
        elif name in pairs:
            wrong = _("“%(name)s” is there twice.", name=name)
        elif len(pairs) == most:
            wrong = _("At most %(count)s of them.", count=most)
        if wrong:
            raise Invalid(_("Please correct the marked fields."), fields={field: wrong})
        pairs[name] = value
    return pairs
