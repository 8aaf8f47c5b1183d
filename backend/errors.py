"""What can go wrong, said in sentences for a person, and the one place that turns it into an answer."""

import uuid
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from psycopg.errors import QueryCanceled
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from backend.i18n import _

log = structlog.get_logger(__name__)


class Refused(Exception):
    """A rule says no. The message is a sentence that says what is wrong and what to do."""

    status = 422
    code = "refused"

    def __init__(self, message: str, *, fields: dict[str, str] | None = None, **headers: str) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields or {}
        self.headers = headers


class Invalid(Refused):
    """The input cannot be used; `fields` says by field what is wrong."""

    code = "invalid"


class NotFound(Refused):
    """There is no such thing, or the person may not know of it."""

    status = 404
    code = "not-found"


class Gone(Refused):
    """It was there, and has ended for good."""

    status = 410
    code = "gone"


class NotAllowed(Refused):
    """The person is known but may not do this."""

    status = 403
    code = "not-allowed"


class NotSignedIn(Refused):
    """Nobody is known behind this request, or the sign-in has ended."""

    status = 401
    code = "not-signed-in"


class Conflict(Refused):
    """Somebody else was first, or the state has moved on."""

    status = 409
    code = "conflict"


class TooMany(Refused):
    """A limit on how often this may be done has been reached."""

    status = 429
    code = "too-many"


class OutsideDown(Refused):
    """Microsoft or another service outside cannot be reached now."""

    status = 503
    code = "outside-down"


def wants_json() -> bool:
    """Whether the client of this request is a program: then errors are problem details (RFC 9457)."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and not request.headers.get("HX-Request")


def render(error: Refused) -> Response:
    """`error` as problem details, as a fragment for a page that is open, or as a page."""
    body: dict[str, Any] = {
        "type": f"about:blank#{error.code}",
        "title": error.message,
        "status": error.status,
        "code": error.code,
        "request_id": g.get("request_id", ""),
    }
    if error.fields:
        body["fields"] = error.fields
    if wants_json():
        response = make_response(jsonify(body), error.status)
        response.content_type = "application/problem+json"
    elif request.headers.get("HX-Request"):
        response = make_response(render_template("ui/error_fragment.html", problem=body), error.status)
    else:
        response = make_response(render_template("ui/error_page.html", problem=body), error.status)
    for name, value in error.headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def _from_http(error: HTTPException) -> Response:
    code = error.code or 500
    if code < 400:
        return make_response(error.get_response())
    known: dict[int, Refused] = {
        400: Invalid(_("This request could not be read. Please reload the page and try again.")),
        404: NotFound(_("There is nothing here. It may have been moved, or the address is incomplete.")),
        405: Refused(_("This address cannot be used in this way.")),
        413: Refused(_("This is too large. Please send a smaller file.")),
        415: Invalid(_("This kind of content cannot be read here.")),
    }
    refused = known.get(code) or Refused(_("This did not work. Please try again."))
    refused.status = code
    if isinstance(error, RequestEntityTooLarge):
        refused.code = "too-large"
    response = render(refused)
    if code == 405:
        response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or [])
    return response


def _not_storable(error: DataError) -> Response:
    """What PostgreSQL has no room for (the character NUL, endless numbers) came from an address or a form."""
    log.warning("the database refused a value", path=request.path, error=type(error.orig).__name__)
    return render(Invalid(_("This request could not be read. Please reload the page and try again.")))


def _away(error: OperationalError) -> bool:
    """Whether the database could not be reached, ended us, or takes no more: none of it says anything about us."""
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state is None or state.startswith(("57P", "53300", "08"))


def _not_answered(error: OperationalError) -> Response:
    """A database that is away, or a statement that was given up because it took too long; anything else is unknown."""
    if _away(error):
        log.warning("the database is away", path=request.path, request_id=g.get("request_id"))
        refused = Refused(_("The database cannot be reached now. Please try again in a few seconds."), Retry_After="3")
        refused.status, refused.code = 503, "database-away"
        return render(refused)
    if not isinstance(error.orig, QueryCanceled):
        return _unknown(error)
    log.warning("a statement took too long", path=request.path, request_id=g.get("request_id"))
    refused = Refused(_("This takes too long. Please ask for less, for example with more words in the search."))
    refused.status, refused.code = 503, "too-slow"
    return render(refused)


def _unknown(error: Exception) -> Response:
    log.exception("request failed", path=request.path, request_id=g.get("request_id"))
    refused = Refused(_("Something went wrong on our side. It has been noted; please try again in a moment."))
    refused.status, refused.code = 500, "unknown"
    return render(refused)


def install(app: Flask) -> None:
    """Makes `app` answer every error through this module, each request with an id that the log knows."""

    @app.before_request
    def _number() -> None:
        g.request_id = uuid.uuid4().hex[:16]

    app.register_error_handler(Refused, render)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(OperationalError, _not_answered)
    app.register_error_handler(DataError, _not_storable)
    app.register_error_handler(Exception, _unknown)
