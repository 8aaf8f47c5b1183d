"""The blueprint that the pages on statuses and root causes hang on."""

from flask import Blueprint, render_template, request

from backend.errors import NotFound
from backend.i18n import _

blueprint = Blueprint("statuses", __name__, template_folder="../templates")


def page_or_part(name: str, **values: object) -> str:
    """The page `name`, or for htmx the part of it that changes."""
    part = "_" if request.headers.get("HX-Request") else ""
    return render_template(f"statuses/{part}{name}.html", **values)


def nothing_here() -> NotFound:
    """What an address answers that means nothing."""
    return NotFound(_("There is nothing here. It may have been moved, or the address is incomplete."))
