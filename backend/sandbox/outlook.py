"""A mailbox in the browser that looks like Outlook on the web, with Deskside's pane beside the mail.

The page is a client of the sandbox's Graph like any other; these views only hand out its files. The stand-in for
Office.js is one answer made of several files, since a page loads exactly one script from the host's address.
"""

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request
from flask import send_from_directory as send
from werkzeug.wrappers import Response as Answer

from backend.ui.assets import NODE_MODULES, STATIC, AssetError
from backend.ui.assets import sprite as draw_sprite

HERE = Path(__file__).resolve().parent
OFFICE_PARTS = ("office_line", "office_item", "office_mailbox", "office_nested_auth", "office")
TEAMS_PARTS = ("office_line", "office_nested_auth", "teams_app")
SHEETS = ("tokens", "components")
ICONS = (
    "archive", "archive-16", "arrow-forward", "arrow-forward-16", "arrow-left", "arrow-reply", "arrow-reply-16",
    "arrow-reply-all-16", "attach-16", "calendar", "calendar-f", "chevron-left", "chevron-right", "delete",
    "delete-16", "dismiss", "dismiss-16", "document", "drafts", "grid-dots", "home", "image", "info", "mail-16",
    "mail-f", "mail-inbox", "mail-unread-16", "people", "pin", "search", "search-16", "send", "send-16", "settings",
    "tag-16", "tag-f", "warning-16", "channel", "chat", "chat-f",
)  # fmt: skip

blueprint = Blueprint(
    "outlook", __name__, template_folder="templates", static_folder="static/outlook",
    static_url_path="/_sandbox/outlook/static",
)  # fmt: skip


def _policy(deskside: str) -> str:
    origin = urlunsplit((*urlsplit(deskside)[:2], "", "", ""))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            # HTML mail keeps its inline styles; its frame inherits this policy and tightens everything else.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "connect-src 'self'",
            f"frame-src 'self' {origin}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        )
    )


@blueprint.get("/_sandbox/outlook")
def page() -> Answer:
    """The mailbox of `?as=ADDRESS`, or the question whose it shall be."""
    address = urlsplit(request.host_url)
    if address.hostname == "localhost":
        # Deskside lives on localhost: only from another site does the pane behave as it does in Outlook.
        netloc = "127.0.0.1" + (f":{address.port}" if address.port else "")
        return redirect(urlunsplit(urlsplit(request.url)._replace(netloc=netloc)))
    deskside = str(current_app.config["DESKSIDE_URL"])
    answer = make_response(render_template("outlook.html", deskside=deskside))
    answer.headers["Content-Security-Policy"] = _policy(deskside)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/_sandbox/outlook/ui/<name>.css")
def sheet(name: str) -> Response:
    """A style sheet that the mailbox shares with Deskside's own pages: tokens or components."""
    if name not in SHEETS:
        abort(404)
    return send(STATIC / "css", f"{name}.css", max_age=0)


@cache
def _sprite(folder: Path) -> str:
    return draw_sprite(ICONS, folder)


@blueprint.get("/_sandbox/outlook/icons.svg")
def icons() -> Response:
    """The pictures of the page as one sprite; empty before the browser files have been fetched."""
    try:
        text = _sprite(NODE_MODULES / "@fluentui" / "svg-icons" / "icons")
    except AssetError:
        text = '<svg xmlns="http://www.w3.org/2000/svg"></svg>'
    return Response(text, mimetype="image/svg+xml", headers={"Cache-Control": "max-age=3600"})


@blueprint.get("/_sandbox/office.js")
def office() -> Response:
    """The stand-in for Office.js, to be loaded by the pane's page where it would load Microsoft's."""
    return _one_script(OFFICE_PARTS)


@blueprint.get("/_sandbox/teams.js")
def teams_app() -> Response:
    """The stand-in for TeamsJS, as far as a personal tab needs it."""
    return _one_script(TEAMS_PARTS)


def _one_script(names: tuple[str, ...]) -> Response:
    parts = [(HERE / "static" / f"{name}.js").read_text() for name in names]
    text = '(() => {\n"use strict";\n' + "\n".join(parts) + "\n})();\n"
    headers = {
        "Cache-Control": "no-cache",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(text, mimetype="text/javascript", headers=headers)
