"""Puts the sandbox tenant together as one Flask application."""

import socket
import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, g, jsonify, request

from backend.sandbox import (
    attachments,
    calendar_control,
    calendar_delta,
    calendar_page,
    calendar_schedule,
    calendar_seed,
    calendar_views,
    control,
    folders,
    identity,
    messages,
    outages,
    outlook,
    signin,
    subscriptions,
    throttling,
    users,
)
from backend.sandbox.events import Events
from backend.sandbox.faults import Fault, Faults
from backend.sandbox.graph import blueprint as graph
from backend.sandbox.graph import error_body
from backend.sandbox.limits import Limits
from backend.sandbox.notifier import Notifier
from backend.sandbox.requestlog import RequestLog
from backend.sandbox.seed import start_over
from backend.sandbox.store import Store, stamp
from backend.sandbox.teams import join as join_teams
from backend.sandbox.teams import leave as leave_teams
from backend.sandbox.tokens import Keys
from backend.sandbox.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_connection: ContextVar[socket.socket | None] = ContextVar("connection", default=None)
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
LARGEST = 160 * 1024 * 1024  # bytes of any request; Graph's own limit is checked by its endpoints
BLUEPRINTS = (
    graph,
    attachments.uploads,
    identity.blueprint,
    signin.blueprint,
    control.blueprint,
    outlook.blueprint,
    calendar_page.blueprint,
)
# Modules whose views are registered on Graph's blueprint, or on that of the control calls, when they are imported.
GRAPH_VIEWS = (
    attachments, calendar_control, calendar_delta, calendar_schedule, calendar_views, folders, messages, outages,
    subscriptions, users,
)  # fmt: skip


def create_sandbox(data_dir: Path, *, public_url: str, deskside_url: str) -> Flask:
    """The sandbox whose state lies in `data_dir`.

    `public_url` is its own address for links on its pages, `deskside_url` that of Deskside. The application starts
    the thread that delivers notifications; `end(app)` stops it.
    """
    app = Flask("backend.sandbox")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.config["DESKSIDE_URL"] = deskside_url
    app.config["PUBLIC_URL"] = public_url
    app.json.sort_keys = False  # type: ignore[attr-defined]
    store, faults, events = Store(data_dir), Faults(), Events()
    world = World(store, Keys(store), RequestLog(), faults, events, Limits(), public_url, deskside_url)
    app.extensions["sandbox"] = world
    store.set_clock(store.offset)
    join_teams(app)
    with store.write() as tx:
        if not tx.meta("epoch"):
            start_over(tx)
        elif not tx.meta("calendars"):
            # State that was kept before there were calendars.
            calendar_seed.load(tx)
            tx.set_meta("calendars", "1")
    notifier = Notifier(store, faults)
    app.extensions["sandbox-notifier"] = notifier
    store.on_change += [events.changed, notifier.wake]
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    _guard(app, world)
    app.wsgi_app = _with_connection(app.wsgi_app)  # type: ignore[method-assign, assignment]
    notifier.start()
    return app


def end(app: Flask) -> None:
    """Ends the streams and the notification thread and closes the database."""
    world: World = app.extensions["sandbox"]
    world.events.end()
    leave_teams(app)
    app.extensions["sandbox-notifier"].stop()
    world.store.close()


def _with_connection(inner: "WSGIApplication") -> "WSGIApplication":
    """Remembers the socket of a request, for the faults that break it."""

    def outer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        _connection.set(environ.get("werkzeug.socket"))
        return inner(environ, start_response)

    return outer


def _is_control(path: str) -> bool:
    return path.startswith("/_sandbox") or path.startswith("/static/") or path == "/favicon.ico"


def _guard(app: Flask, world: World) -> None:
    """Host and Origin checks, the faults, the log of requests."""

    @app.before_request
    def refuse_strangers() -> tuple[Response, int] | None:
        # A foreign name that resolves to this machine (DNS rebinding) must not open the sandbox to a web page.
        host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
        if host.lower() not in LOOPBACK:
            g.stranger = True
            return jsonify(error="The sandbox answers on 127.0.0.1 and localhost only."), 421
        changes = request.method not in ("GET", "HEAD", "OPTIONS")
        if changes and not request.path.startswith("/v1.0/") and _is_cross_site():
            return jsonify(error="Refused: a page of another site asks for a change."), 403
        return None

    # Before the faults: what is slow on order is under way too.
    app.before_request(throttling.enter_mailbox)
    app.teardown_request(throttling.leave_mailbox)

    @app.before_request
    def misbehave() -> Response | None:
        if _is_control(request.path):
            return None
        request.get_data(cache=True)
        fault = world.faults.take(request.method, request.full_path.rstrip("?"))
        g.fault = fault
        if fault is None:
            return None
        if fault.delay:
            time.sleep(fault.delay)
        return None if fault.after_effect else _spoilt(fault)

    @app.after_request
    def write_down(response: Response) -> Response:
        if _is_control(request.path) or getattr(g, "stranger", False):
            return response
        fault: Fault | None = getattr(g, "fault", None)
        if fault is not None and fault.after_effect:
            response = _spoilt(fault) or response
        world.log.add(request, request.get_data(cache=True), response, stamp(world.store.now()), fault is not None)
        return response


def _is_cross_site() -> bool:
    origin = request.headers.get("Origin")
    if origin is not None:
        return (origin != "null" and urlsplit(origin).netloc != request.host) or origin == "null"
    return request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")


def _broken() -> Iterator[bytes]:
    """An answer that ends before its first byte, with the connection."""
    connection = _connection.get()
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    yield from ()
    raise ConnectionResetError("told to drop this request")


def _spoilt(fault: Fault) -> Response | None:
    """The answer of a fault, or None when it only is slow."""
    if fault.drop:
        return Response(_broken(), 500)
    if fault.status is None:
        return None
    names = {429: "TooManyRequests", 503: "ServiceUnavailable", 504: "GatewayTimeout"}
    response = jsonify(error_body(names.get(fault.status, "UnknownError"), "The sandbox was told to refuse this."))
    response.status_code = fault.status
    if fault.retry_after is not None:
        response.headers["Retry-After"] = f"{fault.retry_after:g}"
    return response
