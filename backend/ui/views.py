"""Static files for the browser, with addresses that change when a file does."""

from flask import Blueprint, Response, send_from_directory
from flask.sansio.blueprints import BlueprintSetupState

from backend.auth import open_to
from backend.ui import jinja
from backend.ui.assets import STATIC

blueprint = Blueprint("ui", __name__, template_folder="templates")


@open_to("style sheets, scripts and icons hold nothing of anybody's")
def static(filename: str) -> Response:
    """The static file `filename`; kept by the browser for good where the address names the present version."""
    first, _slash, rest = filename.partition("/")
    versioned = first.startswith("v-")
    response = send_from_directory(STATIC, rest if versioned else filename)
    fresh = versioned and first == f"v-{jinja.static_version()}"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fresh else "no-cache"
    return response


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    """Puts this module's view in place of Flask's own for static files, and the templates' functions in place."""
    state.app.view_functions["static"] = static
    jinja.install(state.app)
