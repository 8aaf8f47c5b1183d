"""A calendar in the browser that looks like Outlook's: one week of one person, to move, shorten, delete and answer.

The page is a client of Graph and of the control calls like any other; this view only hands out its files.
"""

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from backend.sandbox.calendar_zones import HOME

POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'",
    )
)  # fmt: skip

blueprint = Blueprint(
    "calendar", __name__, template_folder="templates", static_folder="static/calendar",
    static_url_path="/_sandbox/calendar/static",
)  # fmt: skip


@blueprint.get("/_sandbox/calendar")
def page() -> Response:
    """The calendar of `?as=ADDRESS`, of the first of the staff without it; `week=YYYY-MM-DD` and `theme` may follow."""
    answer = make_response(render_template("calendar.html", zone=HOME))
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer
