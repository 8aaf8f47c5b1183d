"""The web side of a unit of work: a view that returns is committed, one that raises is rolled back."""

import hashlib
from collections.abc import Mapping
from urllib.parse import quote

from flask import Flask, Response, g, make_response, request
from flask.typing import ResponseReturnValue

from backend import config
from backend.auth import FRAMED_DOORS
from backend.db import scope, session

# Outlook on the web, new Outlook and Teams (learn.microsoft.com/microsoftteams/platform/tabs/how-to/tab-requirements)
FRAME_HOSTS = (
    "https://*.cloud.microsoft https://teams.microsoft.com https://*.teams.microsoft.com "
    "https://*.microsoft365.com https://*.office.com https://outlook.office.com https://outlook.office365.com "
    "https://outlook-sdf.office.com https://outlook-sdf.office365.com https://outlook.live.com"
)
_INERT = "default-src 'none'; sandbox; style-src 'unsafe-inline'; img-src data:"
_SHOWN_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})


class Application(Flask):
    """Flask with one transaction per request. Nothing else commits."""

    def full_dispatch_request(self) -> Response:
        """Answers the request inside a session that is committed only when no error was rendered."""
        with scope():
            return super().full_dispatch_request()

    def dispatch_request(self) -> ResponseReturnValue:
        """Runs the view and commits; what raises, raises on to the error renderer with everything undone."""
        try:
            result = super().dispatch_request()
            session.commit()
        except BaseException:
            session.rollback()
            raise
        return result


def content_security_policy(*, framed: bool, hosted: bool) -> str:
    """The policy of a page; `framed` ones may stand in Outlook and Teams, `hosted` ones also talk to them by scripts of
    Microsoft's, which no other page runs.
    """
    settings = config.current()
    hosts = {"/".join(url.split("/", 3)[:3]) for url in (settings.office_js_url, settings.teams_js_url) if url}
    ancestors = f"{FRAME_HOSTS} {settings.sandbox_url}".strip() if framed else "'self'"
    scripts = f"'self' {' '.join(sorted(hosts))} https://*.office.net" if hosted else "'self'"
    connect = "'self' https://login.microsoftonline.com" if hosted else "'self'"
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self'; img-src 'self' data:; connect-src {connect}; "
        f"frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self' https://login.microsoftonline.com"
        f"{' ' + settings.sandbox_url if settings.sandbox_url else ''}; frame-ancestors {ancestors}"
    )


def pictures_policy(*, framed: bool) -> str:
    """The policy of the one document in which pictures of other servers are loaded: a mail whose reader asked for them.

    It stands in a frame of our own page, and with it where that may stand; nothing in it runs.
    """
    ancestors = f"'self' {FRAME_HOSTS} {config.current().sandbox_url}".strip() if framed else "'self'"
    return (
        "default-src 'none'; img-src 'self' data: https:; style-src 'self'; base-uri 'none'; form-action 'none'; "
        "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; "
        f"frame-ancestors {ancestors}"
    )


def _harden(response: Response) -> Response:
    who = g.get("who")
    hosted = request.path.startswith(("/addin", "/tab"))
    framed = hosted or (who is not None and who.door in FRAMED_DOORS)
    policy = content_security_policy(framed=framed, hosted=hosted)
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if not framed:
        # A page of another site that opens ours in a window learns nothing about it.
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if config.current().url.startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def file_response(content: bytes, *, name: str, content_type: str, inline: bool = False) -> Response:
    """A stored file as an answer that can do nothing: never sniffed, never scripted, saved unless a plain picture.

    `name` may come from a stranger's mail; it goes out encoded (RFC 6266) and cannot break the header.
    """
    shown = inline and content_type in _SHOWN_INLINE
    response = make_response(content)
    response.headers["Content-Type"] = content_type if shown else "application/octet-stream"
    safe = "".join(c for c in name if c.isprintable() and c not in '\\/"') or "file"
    ascii_name = safe.encode("ascii", "replace").decode().replace("?", "_")
    kind = "inline" if shown else "attachment"
    response.headers["Content-Disposition"] = (
        f"{kind}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(safe, safe='')}"
    )
    response.headers["Content-Security-Policy"] = _INERT
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    response.set_etag(hashlib.sha256(content).hexdigest())
    response.make_conditional(request)
    return response


def form_text(form: Mapping[str, str], name: str) -> str:
    """The field `name` of a submitted form with Unix line ends and no NUL; empty when absent."""
    return form.get(name, "").replace("\r\n", "\n").replace("\x00", "").strip()


def install(app: Flask) -> None:
    """Gives every answer its security headers."""
    app.after_request(_harden)
