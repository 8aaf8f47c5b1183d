"""Starts the sandbox tenant: `python -m backend.sandbox.serve --data DIR --port 8100`."""

import argparse
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from backend.sandbox.app import create_sandbox, end
from backend.sandbox.teams_world import announce

HOST = "127.0.0.1"


class _Quiet(WSGIRequestHandler):
    """Says nothing per request, and sends an answer's head and body without waiting between them."""

    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests are in the sandbox's own log."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Only real errors are worth a line; a client that went away is none."""
        if type == "error" and "closed" not in message:
            logging.getLogger("sandbox").error(message, *args)


def _server(app: Flask, port: int) -> BaseWSGIServer:
    server = make_server(HOST, port, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]
    return server


@contextmanager
def running(data_dir: Path, *, deskside_url: str = "http://localhost:8000", port: int = 0) -> Iterator[str]:
    """A sandbox in a thread of this process, for tests; gives its address."""
    app = create_sandbox(data_dir, public_url="", deskside_url=deskside_url)
    server = _server(app, port)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True, name="sandbox")
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        end(app)
        server.server_close()
        thread.join(5)


def main() -> None:
    """Serves until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m backend.sandbox.serve", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder for the sandbox's state")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--deskside-url", default="http://localhost:8000", help="where Deskside is reached")
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s sandbox %(levelname)s %(message)s")
    public = f"http://{HOST}:{given.port}"
    try:
        app = create_sandbox(given.data, public_url=public, deskside_url=given.deskside_url.rstrip("/"))
        server = _server(app, given.port)
        announce(app)
    except OSError as error:
        sys.exit(f"The sandbox cannot start: {error}")

    def stop(_signal: int, _frame: FrameType | None) -> None:
        Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"Sandbox tenant: {public}/_sandbox/", flush=True)
    server.serve_forever(0.1)
    end(app)
    server.server_close()


if __name__ == "__main__":
    main()
