"""Static files for the browser, with addresses that change when a file does."""

from functools import lru_cache

import rcssmin
import rjsmin
from flask import Blueprint, Response, send_from_directory
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.security import safe_join

from backend.auth import open_to
from backend.limits import FREE
from backend.ui import jinja
from backend.ui.assets import STATIC

blueprint = Blueprint("ui", __name__, template_folder="templates")
_SMALLER = {"css": (rcssmin.cssmin, "text/css"), "js": (rjsmin.jsmin, "text/javascript")}


@lru_cache(maxsize=256)
def _small(filename: str) -> Response | None:
    """A sheet or script of ours without comments and needless blanks; None for everything else."""
    kind = filename.rpartition(".")[2]
    path = safe_join(str(STATIC), filename)
    if kind not in _SMALLER or filename.startswith("vendor/") or path is None:
        return None
    smaller, content_type = _SMALLER[kind]
    try:
        with open(path, encoding="utf-8") as file:
            return Response(smaller(file.read()), mimetype=content_type)
    except OSError:
        return None


@open_to("style sheets, scripts and icons hold nothing of anybody's", door=FREE)
def static(filename: str) -> Response:
    """The static file `filename`; kept by the browser for good where the address names the present version."""
    first, _slash, rest = filename.partition("/")
    versioned = first.startswith("v-")
    fresh = versioned and first == f"v-{jinja.static_version()}"
    small = _small(rest) if fresh else None
    if small is not None:
        response = Response(small.get_data(), mimetype=small.mimetype)
    else:
        response = send_from_directory(STATIC, rest if versioned else filename)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fresh else "no-cache"
    return response


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    """Puts this module's view in place of Flask's own for static files, and the templates' functions in place."""
    state.app.view_functions["static"] = static
    jinja.install(state.app)
