"""A sandbox tenant for tests, spoken to over HTTP as Deskside does it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from backend.sandbox.people import CLIENT_ID, CLIENT_SECRET, HOME_TENANT, Person, by_mail
from backend.sandbox.serve import running

SERVICE = "service@nordlicht-it.example"
PIET = "piet.hagenauer@nordlicht-it.example"
JANA = "jana.wiedekind@moebelwerk-tressow.example"
SVEA = "svea.grootmann@kanzlei-lindhagen.example"
AYLIN = "aylin.demirsoy@nordlicht-it.example"
BERLIN = "Europe/Berlin"
IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}
DESKSIDE = "http://localhost:8000"


def known(address: str) -> Person:
    """The person with this address."""
    person = by_mail(address)
    assert person is not None
    return person


def letter(subject: str = "Hello", body: str = "A line", **headers: str) -> bytes:
    """A small raw mail from Jana; keyword `Message_ID` becomes the header Message-ID."""
    given = {"From": f"Jana Wiedekind <{JANA}>", "To": SERVICE, "Subject": subject}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in given.items()]
    return "\r\n".join([*lines, "", body, ""]).encode()


def at(wall: str, zone: str = BERLIN) -> dict[str, str]:
    """A time as Graph's calendar takes it."""
    return {"dateTime": wall, "timeZone": zone}


def invited(*addresses: str) -> list[dict[str, object]]:
    """Attendees."""
    return [{"type": "required", "emailAddress": {"address": address}} for address in addresses]


def visit(subject: str = "Vor-Ort-Termin", **further: Any) -> dict[str, Any]:
    """An event as Deskside makes one; in December 2026 from nine to ten in Berlin unless told otherwise."""
    return {"subject": subject, "start": at("2026-12-01T09:00:00"), "end": at("2026-12-01T10:00:00"), **further}


class Tenant:
    """One running sandbox and an app-only token for it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=30)
        self.token = self.app_token()

    def app_token(self) -> str:
        """A Graph token by client credentials."""
        answer = self.http.post(
            f"/{HOME_TENANT}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
                "scope": "https://graph.microsoft.com/.default",
            },
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def graph(self, method: str, path: str, *, want: int | None = None, **options: Any) -> httpx.Response:
        """A Graph request; `path` is below /v1.0, or a whole link from an answer. Asserts the status `want`."""
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        address = path if path.startswith("http") else f"/v1.0{path}"
        answer = self.http.request(method, address, headers=headers, **options)
        if want is not None:
            assert answer.status_code == want, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """The same for an answer with a JSON object; any 2xx will do."""
        answer = self.graph(method, path, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    def control(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A control call that must succeed."""
        answer = self.http.request(method, f"/_sandbox{path}", **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def deliver(self, raw: bytes, to: str = SERVICE) -> dict[str, Any]:
        """A mail arrives from outside."""
        found: dict[str, Any] = self.control("POST", "/mail", params={"to": to}, content=raw).json()
        return found

    def sent(self) -> list[dict[str, Any]]:
        """Everything sent."""
        found: list[dict[str, Any]] = self.control("GET", "/sent").json()
        return found

    def sent_mime(self, key: str) -> bytes:
        """A sent mail's MIME."""
        return self.control("GET", f"/sent/{key}/mime").content

    def reset(self) -> None:
        """Empty mailboxes, no faults, clock at zero."""
        self.control("POST", "/reset", json={"mail": False})
        self.token = self.app_token()


@contextmanager
def started(data: Path) -> Iterator[Tenant]:
    """A sandbox on `data` for the length of the block."""
    with running(data, deskside_url=DESKSIDE) as url:
        tenant = Tenant(url)
        yield tenant
        tenant.http.close()


class Receiver:
    """A notification endpoint. `answer` decides what it says; what it was sent waits in `got`."""

    def __init__(self) -> None:
        self.got: Queue[dict[str, Any]] = Queue()
        self.handshakes: list[str] = []
        self.validate: Callable[[str], tuple[int, str, str]] = lambda token: (200, "text/plain", token)
        self.statuses: list[int] = []
        self.url = ""

    def next(self, timeout: float = 10) -> dict[str, Any]:
        """The next notification, waited for."""
        return self.got.get(timeout=timeout)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A notification endpoint on loopback."""
    mine = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = parse_qs(urlsplit(self.path).query).get("validationToken")
            if token:
                mine.handshakes.append(token[0])
                status, kind, text = mine.validate(token[0])
                self.answer(status, kind, text.encode())
                return
            status = mine.statuses.pop(0) if mine.statuses else 202
            if status == 202:
                # In one step, so that who has the first of a batch finds all of it.
                with mine.got.mutex:
                    mine.got.queue.extend(httpx.Response(200, content=raw).json()["value"])
                    mine.got.not_empty.notify_all()
            self.answer(status, "text/plain", b"")

        def answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    mine.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield mine
    server.shutdown()
    server.server_close()
    thread.join(5)
