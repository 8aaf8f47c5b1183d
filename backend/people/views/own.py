"""What a person chooses for themselves."""

from urllib.parse import urlsplit

from flask import Response, request

from backend.auth import me, signed_in
from backend.people.actions import choose
from backend.people.views.door import blueprint
from backend.ui.answers import go_to


def _back() -> Response:
    """Leads back to the page the choice was made on, always one of ours."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    path = came_from.path if came_from.netloc == request.host else ""
    safe = path.startswith("/") and not path.startswith("//")
    return go_to((f"{path}?{came_from.query}" if came_from.query else path) if safe else "/")


@blueprint.post("/me/theme")
@signed_in
def choose_theme() -> Response:
    """Light, dark, high contrast, or as the system wants it."""
    choose(me(), theme=request.form.get("theme", ""))
    return _back()


@blueprint.post("/me/language")
@signed_in
def choose_language() -> Response:
    """The language of every page."""
    choose(me(), language=request.form.get("language", ""))
    return _back()
