"""The desk's pages about tickets."""

from backend.i18n import spoken
from backend.tickets import words
from backend.tickets.views import (
    assigning,
    bulk,
    changing,
    export,
    family,
    files,
    listing,
    mailing,
    narrowing,
    opening,
    page,
    talking,
)
from backend.tickets.views.door import blueprint

for _name in (
    "status_name",
    "status_look",
    "priority_name",
    "impact_name",
    "type_name",
    "turn_name",
    "turn_said",
    "why_by_mail",
):
    blueprint.add_app_template_filter(spoken(getattr(words, _name)), _name)

__all__ = [
    "assigning",
    "blueprint",
    "bulk",
    "changing",
    "export",
    "family",
    "files",
    "listing",
    "mailing",
    "narrowing",
    "opening",
    "page",
    "talking",
]
