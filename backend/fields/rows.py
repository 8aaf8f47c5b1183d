"""Fields of one ticket as its page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from backend.fields.models import Definition, FieldKind
from backend.fields.values import as_text, said
from backend.i18n import _


@dataclass(frozen=True)
class Row:
    """A field with its value: `text` as a form posts it, `said` as people read it, `offered` where it is a choice."""

    key: str
    name: str
    kind: str
    text: str
    said: str
    offered: list[tuple[str, str]]


def filled_in(defined: Iterable[Definition], ticket_type: str, values: dict[str, Any]) -> list[Row]:
    """The fields that tickets of that type have, with these values."""
    return [
        Row(each.key, each.name, each.kind, text, said(each.kind, text), offered(each))
        for each in defined
        if each.belongs_to(ticket_type)
        for text in (as_text(values.get(each.key)),)
    ]


def offered(definition: Definition) -> list[tuple[str, str]]:
    """The values it offers, as pairs of what a form posts and its word; none where anything is typed."""
    if definition.kind == FieldKind.YES_NO:
        return [("yes", _("yes")), ("no", _("no"))]
    return definition.pairs
