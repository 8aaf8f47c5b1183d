"""Microsoft's Agents Playground as the customer's Teams, and what stands between it and Deskside in a test.

The playground sends no token and knows tenants and accounts of its own. What stands between gives each activity the
channel's token, which it asks the sandbox for, and takes what Deskside says to the Connector to the playground. All
else that Deskside asks of Microsoft goes to the sandbox as ever, so that Deskside itself runs as it does in earnest.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import httpx

from backend.sandbox.people import CLIENT_ID

# For evaluation only, says its licence: never a dependency, fetched by the test that uses it.
PACKAGE = "@microsoft/m365agentsplayground@0.2.28"
ACCOUNT = "44444444-dddd-4ddd-8ddd-000000000020"
_HOP = ("content-length", "transfer-encoding", "connection", "host", "content-encoding")


def node() -> str | None:
    """Node.js of the machine, or the one that set-up brought."""
    own = Path(sys.executable).parent
    return shutil.which("node", path=f"{os.environ['PATH']}{os.pathsep}{own}")


def fetched(folder: Path) -> Path | str:
    """The playground's program, fetched into `folder` alone; or why it cannot be had."""
    found = node()
    npm = shutil.which("npm", path=f"{Path(found).parent}{os.pathsep}{os.environ['PATH']}") if found else None
    if found is None or npm is None:
        return "there is no npm"
    command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE]
    environment = {**os.environ, "PATH": f"{Path(found).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180, env=environment)
    if done.returncode:
        return f"npm cannot be reached: {done.stderr.strip()[-200:]}"
    return folder / "node_modules" / PACKAGE.rpartition("@")[0] / "cli.js"


@contextmanager
def playground(program: Path, endpoint: str) -> Iterator[str]:
    """The playground, which brings what its user writes to `endpoint`; gives its address."""
    command = [node() or "node", str(program), "start", "-e", endpoint, "-c", "msteams", "--disable-telemetry"]
    quiet = {**os.environ, "BROWSER": "none", "TEAMSAPPTESTER_BROWSER": "none"}
    process = subprocess.Popen(
        command, cwd=program.parents[3], env=quiet, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            port = re.search(r"Listening on (\d+)", line)
            if port:
                break
        else:
            raise AssertionError("the playground did not start")
        yield f"http://127.0.0.1:{port[1]}"
    finally:
        process.terminate()
        process.wait(10)


class Between:
    """One address for the playground (to bring activities to) and for Deskside (as the sandbox and the Connector)."""

    def __init__(self, sandbox: str, deskside: str, tenant: str) -> None:
        self.sandbox, self.deskside, self.tenant = sandbox, deskside, tenant
        self.playground = ""
        self.http = httpx.Client(timeout=30)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
        self.http.close()

    def to_deskside(self, body: bytes) -> httpx.Response:
        """An activity of the playground, as Teams would bring it."""
        activity = json.loads(body)
        activity["serviceUrl"] = f"{self.url}/"
        activity["from"]["aadObjectId"] = ACCOUNT
        activity["recipient"] = {"id": f"28:{CLIENT_ID}", "name": "Deskside"}
        activity["conversation"]["tenantId"] = self.tenant
        activity.setdefault("channelData", {})["tenant"] = {"id": self.tenant}
        asked = self.http.post(f"{self.sandbox}/_sandbox/teams/token", json={"serviceUrl": activity["serviceUrl"]})
        headers = {"Authorization": f"Bearer {asked.json()['access_token']}"}
        return self.http.post(f"{self.deskside}/api/messages", json=activity, headers=headers)

    def to_microsoft(self, method: str, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        """A request of Deskside: to the Connector, which the playground is, or to the sandbox."""
        place = f"{self.playground}/_connector" if path.startswith("/v3/") else self.sandbox
        return self.http.request(method, place + path, headers=headers, content=body)


def _handler(between: Between) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            if self.path == "/api/messages":
                answer = between.to_deskside(body)
            else:
                answer = between.to_microsoft(self.command, self.path, headers, body)
            # The discovery document names the sandbox; Deskside follows only what is at the address it asked.
            content = answer.content.replace(between.sandbox.encode(), between.url.encode())
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    return cast(type[BaseHTTPRequestHandler], Handler)
