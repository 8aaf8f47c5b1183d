"""What all Graph endpoints share: the token, the refusals, the preferences of a request.

Error shape: https://learn.microsoft.com/graph/errors
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Blueprint, Response, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException

from backend.sandbox.people import GRAPH, Person, find
from backend.sandbox.store import Store, stamp
from backend.sandbox.tokens import NotValid
from backend.sandbox.world import world

blueprint = Blueprint("graph", __name__, url_prefix="/v1.0")
LARGEST = 4 * 1024 * 1024  # bytes of a request body
P = ParamSpec("P")
R = TypeVar("R")


class GraphError(Exception):
    """A refusal with Graph's status, code and sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.retry_after: int | None = None  # seconds


class NotHere(GraphError):
    """The item does not exist (any more)."""

    def __init__(self) -> None:
        super().__init__(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def error_body(code: str, message: str) -> dict[str, Any]:
    """The error document of Graph."""
    request_id = getattr(g, "request_id", "") or str(uuid.uuid4())
    now = stamp(world().store.now()).rstrip("Z")
    client = request.headers.get("client-request-id", request_id)
    inner = {"date": now, "request-id": request_id, "client-request-id": client}
    return {"error": {"code": code, "message": message, "innerError": inner}}


@blueprint.errorhandler(GraphError)
def refused(error: GraphError) -> tuple[Response, int]:
    """Answers a refusal."""
    response = jsonify(error_body(error.code, error.message))
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response, error.status


@blueprint.errorhandler(Exception)
def failed(error: Exception) -> tuple[Response, int]:
    """Whatever else goes wrong has Graph's shape as well."""
    if isinstance(error, HTTPException):
        code = {404: "ResourceNotFound", 405: "Request_BadRequest", 413: "RequestEntityTooLarge"}
        status = error.code or 400
        return jsonify(error_body(code.get(status, "BadRequest"), error.description or "Bad request.")), status
    current_app.logger.exception("the sandbox's Graph failed")
    return jsonify(error_body("InternalServerError", "The sandbox itself failed; its log says how.")), 500


@blueprint.before_request
def check_token() -> None:
    """Lets in only living app-only Graph tokens signed here. Raises GraphError 401."""
    g.request_id = str(uuid.uuid4())
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise GraphError(401, "InvalidAuthenticationToken", "Access token is empty.")
    try:
        g.claims = world().keys.read(token.strip(), GRAPH)
    except NotValid as error:
        text = str(error)
        expired = "Lifetime validation failed" in text
        raise GraphError(
            401, "InvalidAuthenticationToken", text if expired else f"Access token validation failure. {text}."
        ) from error
    if (request.content_length or 0) > LARGEST:
        raise GraphError(413, "RequestEntityTooLarge", "The request is larger than the maximum of 4 MB.")


@blueprint.after_request
def describe(response: Response) -> Response:
    """The headers each answer of Graph carries."""
    response.headers["request-id"] = getattr(g, "request_id", "")
    response.headers["client-request-id"] = request.headers.get("client-request-id", response.headers["request-id"])
    response.headers["OData-Version"] = "4.0"
    response.headers["Cache-Control"] = "private"
    if response.is_json:
        response.headers["Content-Type"] = "application/json;odata.metadata=minimal;charset=utf-8"
    wish: Prefs = getattr(g, "prefs", None) or Prefs()
    applied = ['IdType="ImmutableId"'] if wish.immutable else []
    applied += [f'outlook.timezone="{wish.time_zone}"'] if wish.time_zone else []
    if applied:
        response.headers["Preference-Applied"] = ", ".join(applied)
    return response


def demand(*roles: str) -> None:
    """Raises GraphError 403 unless the token has one of these application permissions."""
    if g.claims.get("idtyp") != "app" or not set(roles) & set(g.claims.get("roles", [])):
        raise _denied()


def needs(*roles: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Marks a view that needs one of these application permissions."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            demand(*roles)
            return view(*args, **kwargs)

        return checked

    return mark


def mailbox_of(key: str) -> Person:
    """The person or shared mailbox of the path, in the token's tenant. Raises GraphError 404, 403 (see `outages`)."""
    person = find(key)
    if person is None or (person.tenant != g.claims["tid"] and not g.claims.get("sandbox_everywhere")):
        raise _no_user(key)
    if g.claims.get("sandbox_everywhere"):
        return person
    with world().store.read() as tx:
        state = tx.meta(f"mailbox.{person.id}")
    if state == "gone":
        raise _no_user(key)
    if state == "disabled":
        raise GraphError(
            404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
        )
    if state == "denied":
        raise _denied()
    return person


def _no_user(key: str) -> GraphError:
    return GraphError(404, "ErrorInvalidUser", f"The requested user '{key}' is invalid.")


def _denied() -> GraphError:
    return GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")


@dataclass(frozen=True)
class Prefs:
    """What the `Prefer` headers ask for."""

    immutable: bool = False
    body: str | None = None
    page_size: int | None = None
    unsafe_html: bool = False
    time_zone: str | None = None


def prefs() -> Prefs:
    """The preferences of this request."""
    if "prefs" not in g:
        said = ",".join(request.headers.getlist("Prefer"))
        body = re.search(r'outlook\.body-content-type\s*=\s*"?(text|html)', said, re.IGNORECASE)
        size = re.search(r"odata\.maxpagesize\s*=\s*(\d+)", said, re.IGNORECASE)
        zone = re.search(r'outlook\.timezone\s*=\s*"?([^",;]+)', said, re.IGNORECASE)
        g.prefs = Prefs(
            immutable=re.search(r'IdType\s*=\s*"?ImmutableId', said, re.IGNORECASE) is not None,
            body=body[1].lower() if body else None,
            page_size=min(1000, max(1, int(size[1]))) if size else None,
            unsafe_html="outlook.allow-unsafe-html" in said.lower(),
            time_zone=zone[1].strip() if zone else None,
        )
    found: Prefs = g.prefs
    return found


def check_match(change_key: str) -> None:
    """Raises GraphError 412 when If-Match names another version of the item."""
    wanted = request.headers.get("If-Match")
    if wanted and wanted not in ("*", f'W/"{change_key}"'):
        raise GraphError(
            412, "ErrorIrresolvableConflict", "The send or update operation could not be performed because the "
            "change key passed in the request does not match the current change key for the item.",
        )  # fmt: skip


def body_json() -> dict[str, Any]:
    """The request's JSON object; an empty body counts as an empty one. Raises GraphError 400."""
    if not request.get_data(cache=True):
        return {}
    given = request.get_json(silent=True, force=True)
    if not isinstance(given, dict):
        raise GraphError(400, "BadRequest", "Unable to read JSON request payload.")
    return given


def store() -> Store:
    """The state behind this request."""
    return world().store


def here(path: str) -> str:
    """An address of this sandbox, for links and upload addresses."""
    return f"{request.host_url.rstrip('/')}{path}"


def metadata(path: str) -> str:
    """The `@odata.context` of an answer."""
    return f"{GRAPH}/v1.0/$metadata#{path}"
