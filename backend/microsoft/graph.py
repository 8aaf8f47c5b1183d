"""One way to Microsoft Graph: msgraph-sdk's typed addresses and its pipeline, answers as plain JSON.

Loading the SDK's models for an answer costs seconds and 50 MB, so only its request builders are used. Nothing is
tried again here: a POST that timed out may have been done, and only the job that asked can find out.
"""

import asyncio
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from kiota_abstractions.api_error import APIError
from kiota_abstractions.authentication import AuthenticationProvider
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_http.middleware.options import RetryHandlerOption
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_request_adapter import options as sdk_options
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core import GraphClientFactory  # type: ignore[import-untyped]

from backend import aio, config, pace
from backend.errors import OutsideDown
from backend.i18n import _
from backend.jobs import NotYet, TryAgainIn
from backend.microsoft import identity
from backend.microsoft.waiting import retry_after

log = structlog.get_logger(__name__)
IMMUTABLE = 'IdType="ImmutableId"'
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_WHOLE = 120.0  # seconds for one request with everything around it
# More than a worker has jobs: a mailbox that does not answer keeps no other waiting.
_LIMITS = httpx.Limits(max_connections=64)
_BREATH = 5.0  # seconds a mailbox is left alone that gave no answer in time


class Missing(Exception):
    """The thing asked for is not there (any more), or the app may not know of it."""


class DeltaExpired(Exception):
    """The delta link is too old or was made by another store: everything has to be listed again."""


class Forbidden(OutsideDown):
    """The app has not been given the permission for this, or not for this mailbox."""


class NoAnswer(OutsideDown):
    """The line is there, but no answer came in time."""


class Malformed(Exception):
    """The answer is not what Graph's description says: no JSON, or not the fields that must be there."""


class GraphRefused(Exception):
    """Graph refuses the request itself; trying the same again would be refused again."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}"[:500])
        self.status = status
        self.code = code


class _AppOnly(AuthenticationProvider):
    """Gives requests to Graph, and to nobody else, the app's token."""

    def __init__(self, root: str) -> None:
        self._origin = urlsplit(root)[:2]

    async def authenticate_request(
        self,
        request: RequestInformation,
        additional_authentication_context: dict[str, Any] = {},  # noqa: B006 (the SDK's signature)
    ) -> None:
        """Adds the Authorization header. Raises ValueError for an address that is not Graph's."""
        if urlsplit(request.url)[:2] != self._origin:
            raise ValueError("the app's token goes to Graph only")
        request.headers.add("Authorization", f"Bearer {await asyncio.to_thread(identity.app_token)}")


@lru_cache(maxsize=2)
def _client(root: str) -> GraphServiceClient:
    once = RetryHandlerOption(max_retries=0, should_retry=False)
    http = GraphClientFactory.create_with_default_middleware(
        client=httpx.AsyncClient(timeout=_TIMEOUT, limits=_LIMITS, trust_env=outside()),
        options={**sdk_options, RetryHandlerOption.get_key(): once},
    )
    adapter = GraphRequestAdapter(_AppOnly(root), http)
    client = GraphServiceClient(request_adapter=adapter)
    adapter.base_url = root
    client.path_parameters["base_url"] = root
    return client


def outside() -> bool:
    """Whether requests leave this machine, and so go by the environment's proxy."""
    return not config.current().sandbox_url


def client() -> GraphServiceClient:
    """The SDK's client, to name addresses with; requests go through `call`."""
    return _client(config.current().graph_url)


def request(
    builder: Any, method: str = "GET", *, query: Mapping[str, Any] | None = None, body: Any = None
) -> RequestInformation:
    """The request `method` at a builder's address; `query` as {"$top": 10}, `body` as JSON."""
    info = RequestInformation(Method(method), builder.url_template, builder.path_parameters)
    for name, value in (query or {}).items():
        info.query_parameters[name.replace("$", "%24")] = value
    if body is not None:
        info.set_stream_content(json.dumps(body).encode(), "application/json")
    return info


def call(info: RequestInformation, *, of: str = "") -> dict[str, Any]:
    """Sends the request and returns the JSON of the answer, {} for an empty one.

    Raises Malformed where it is no JSON, and what `call_bytes` raises.
    """
    content = call_bytes(info, of=of)
    if not content:
        return {}
    try:
        answer = json.loads(content)
    except ValueError as error:
        raise Malformed("the answer is no JSON") from error
    return answer if isinstance(answer, dict) else {"value": answer}


def call_bytes(info: RequestInformation, *, of: str = "") -> bytes:
    """Sends the request and returns the answer's body; a request to a mailbox waits for one of its turns.

    `of` is the mailbox's address where the request is a link of Microsoft's. Raises Missing (404), DeltaExpired (410),
    NotYet (the mailbox is busy, or asked to be left alone), TryAgainIn (asked to wait), GraphRefused (wrong request),
    and OutsideDown for what may be over in a while: no line, a failure there, no permission yet.
    """
    info.headers.add("Prefer", IMMUTABLE)
    mailbox = of or str(info.path_parameters.get("user%2Did") or "")
    if not mailbox:
        try:
            return _answered(info)
        except APIError as error:
            raise _said(error) from error
    with pace.turn(mailbox) as turn:
        try:
            answer = _answered(info)
        except APIError as error:
            raise _of_mailbox(error, turn) from error
        except NoAnswer:
            turn.rest(_BREATH, "no answer", throttled=False)
            raise
        turn.served()
        return answer


def put(http: httpx.Client, url: str, piece: bytes, headers: Mapping[str, str], *, of: str) -> None:
    """Sends a piece of a file to an upload address of the mailbox `of`, in one of its turns.

    Raises NotYet when the mailbox takes no more for now, and OutsideDown for everything else.
    """
    with pace.turn(of) as turn:
        try:
            answer = http.put(url, content=piece, headers=dict(headers))
            if answer.status_code == 429:
                wait = retry_after(answer.headers) or 1.0
                raise NotYet(turn.rest(wait, "429 upload", throttled=True), "429 upload")
            answer.raise_for_status()
        except httpx.HTTPError as error:
            log.warning("an upload broke off", error=type(error).__name__)
            raise OutsideDown(_("An attachment could not be handed to Microsoft 365 at the moment.")) from error


def _answered(info: RequestInformation) -> bytes:
    try:
        return _once(info)
    except APIError as error:
        if error.response_status_code != 401:
            raise
    # The token may have been withdrawn; a request answered with 401 was not carried out.
    identity.forget_app_token()
    info.headers.remove("Authorization")
    return _once(info)


def _once(info: RequestInformation) -> bytes:
    adapter = client().request_adapter
    try:
        answer = aio.run(
            adapter.send_primitive_async(info, "bytes", {"XXX": ODataError}),
            seconds=_WHOLE,
        )
    except (httpx.TimeoutException, TimeoutError) as error:
        log.warning("graph did not answer", error=type(error).__name__)
        raise NoAnswer(_("Microsoft 365 cannot be reached at the moment.")) from error
    except httpx.HTTPError as error:
        log.warning("graph could not be reached", error=type(error).__name__)
        raise OutsideDown(_("Microsoft 365 cannot be reached at the moment.")) from error
    return answer if isinstance(answer, bytes) else b""


def _of_mailbox(error: APIError, turn: pace.Turn) -> Exception:
    """`error` as one of our own; where the mailbox asked to wait, all jobs of all processes will.

    How often a job has been told to wait is no reason to give it up; a service that fails (5xx) is, at some time.
    """
    status, wait = error.response_status_code, retry_after(error.response_headers or {})
    said = _said(error)
    if status == 429:
        return NotYet(turn.rest(wait or 1.0, str(said), throttled=True), str(said))
    if wait is not None and isinstance(said, TryAgainIn):
        return TryAgainIn(turn.rest(wait, str(said), throttled=False), str(said))
    if status is not None and status < 500:
        turn.served()
    return said


def _said(error: APIError) -> Exception:
    """`error` as one of our own."""
    status = error.response_status_code or 0
    detail = getattr(error, "error", None)
    code, message = str(getattr(detail, "code", "") or ""), str(getattr(detail, "message", "") or "")
    if status == 404:
        return Missing(code or "404")
    if status == 410 or code in ("SyncStateNotFound", "SyncStateInvalid", "ResyncRequired"):
        return DeltaExpired(code or "410")
    wait = retry_after(error.response_headers or {})
    if status in (429, 503, 504) and wait is not None:
        return TryAgainIn(wait, f"{status} {code}")
    log.warning("graph refused", status=status, code=code, message=message[:300])
    if status == 403:
        return Forbidden(
            _("Microsoft 365 does not let Deskside do this: a permission is missing (%(code)s).", code=code or status)
        )
    if status >= 500 or status in (401, 408, 409, 423, 429):
        return OutsideDown(_("Microsoft 365 could not do this at the moment (%(code)s).", code=code or status))
    return GraphRefused(status, code, message)


def literal(text: str) -> str:
    """`text` as a string in an OData $filter (quotes doubled)."""
    return "'" + text.replace("'", "''") + "'"
