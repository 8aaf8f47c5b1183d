"""What happened to fields, as the log says it, and what kinds of fields are called."""

from typing import Any

from backend.fields.values import said
from backend.i18n import N_, _

KINDS = {
    "text": N_("Text"),
    "number": N_("Number"),
    "date": N_("Date"),
    "choice": N_("Choice"),
    "yes-no": N_("Yes or no"),
}
CUSTOMERS = {"editable": N_("See and change it"), "hidden": N_("Do not see it")}


def happened(data: dict[str, Any], before: str, after: str) -> str:
    """The end of a sentence that begins with a name."""
    kind = str(data.get("kind", ""))
    return _(
        "changed “%(field)s”: %(before)s → %(after)s",
        field=str(data.get("name", "")),
        before=said(kind, before) or "–",
        after=said(kind, after) or "–",
    )
