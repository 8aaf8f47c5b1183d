"""Teams in the browser: a page that looks like it, for whoever `?as=ADDRESS` names.

The page speaks through the control calls: what a person does there is what a test does with them.
"""

from urllib.parse import urlsplit, urlunsplit

from flask import Blueprint, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

blueprint = Blueprint(
    "teams", __name__, template_folder="templates", static_folder="static/teams",
    static_url_path="/_sandbox/teams/static",
)  # fmt: skip


def _policy(deskside: str) -> str:
    origin = urlunsplit((*urlsplit(deskside)[:2], "", "", ""))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            # Cards may show pictures of Deskside; nothing is fetched from anywhere that is not this machine.
            "img-src 'self' data: blob: http://localhost:* http://127.0.0.1:*",
            "connect-src 'self'",
            f"frame-src {origin}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        )
    )


@blueprint.get("/_sandbox/teams")
def page() -> Answer:
    """The chats of `?as=ADDRESS`, or the question who it shall be."""
    address = urlsplit(request.host_url)
    if address.hostname == "localhost":
        # As with the mailbox: Deskside lives on localhost, the tenant on another site.
        netloc = "127.0.0.1" + (f":{address.port}" if address.port else "")
        return redirect(urlunsplit(urlsplit(request.url)._replace(netloc=netloc)))
    deskside = str(current_app.config["DESKSIDE_URL"])
    answer = make_response(render_template("teams.html", deskside=deskside))
    answer.headers["Content-Security-Policy"] = _policy(deskside)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer
