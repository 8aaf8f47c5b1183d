"""A small bot: it trusts nothing but the channel's signed word, and keeps what it was told."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import httpx
import jwt

from backend.sandbox.people import CLIENT_ID, CLIENT_SECRET, HOME_TENANT
from backend.sandbox.serve import running
from tests.sandbox import connector_contract

ISSUER = "https://api.botframework.com"
Activity = dict[str, Any]


def refused(sandbox: str, activity: Activity, header: str) -> str | None:
    """Why a bot must not listen to this, or None. `sandbox` is where the bot was told that the channel's keys are."""
    scheme, _, token = header.partition(" ")
    if scheme != "Bearer":
        return "no token"
    metadata = httpx.get(f"{sandbox}/v1/.well-known/openidconfiguration").json()
    published = {key["kid"]: key for key in httpx.get(metadata["jwks_uri"]).json()["keys"]}
    try:
        head = jwt.get_unverified_header(token)
        key = published[head["kid"]]
        if activity.get("channelId") not in key["endorsements"]:
            return "the key may not speak for this channel"
        claims = jwt.decode(
            token,
            jwt.PyJWK(key, algorithm="RS256"),
            algorithms=["RS256"],
            audience=CLIENT_ID,
            issuer=ISSUER,
            options={"require": ["exp", "aud", "iss"]},
        )
    except (jwt.PyJWTError, KeyError) as error:
        return f"{type(error).__name__}: {error}"
    return None if claims.get("serviceurl") == activity.get("serviceUrl") else "another service address"


class Bot:
    """What it heard waits in `heard`; `answer` decides what it says: a status and JSON."""

    def __init__(self) -> None:
        self.url, self.sandbox = "", ""
        self.heard: Queue[Activity] = Queue()
        self.wrong: list[str] = []
        self.answer: Callable[[Activity], tuple[int, Any]] = lambda activity: (200, None)

    def next(self, kind: str = "message", timeout: float = 10) -> Activity:
        """The next activity of this kind."""
        while True:
            activity = self.heard.get(timeout=timeout)
            if activity["type"] == kind:
                return activity

    def forget(self) -> None:
        """As if nothing had been said."""
        self.answer, self.wrong = lambda activity: (200, None), []
        while True:
            try:
                self.heard.get_nowait()
            except Empty:
                return

    def hear(self, activity: Activity, header: str) -> tuple[int, Any]:
        """One POST to /api/messages."""
        reason = refused(self.sandbox, activity, header)
        if reason:
            return 401, {"error": reason}
        if connector_contract.missing() is None:
            self.wrong += connector_contract.activity(activity)
        self.heard.put(activity)
        return self.answer(activity)


def _handler(bot: Bot) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            activity = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            known = self.path == "/api/messages"
            status, said = bot.hear(activity, self.headers.get("Authorization", "")) if known else (404, None)
            body = b"" if said is None else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    return Handler


class Teams:
    """A sandbox with that bot in Deskside's place, spoken to as people and as the bot."""

    def __init__(self, url: str, bot: Bot) -> None:
        self.url, self.bot = url, bot
        self.http = httpx.Client(base_url=url, timeout=30)
        self.token = self.bot_token()

    def bot_token(self, tenant: str = HOME_TENANT) -> str:
        """The bot's token for the Connector."""
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
                "scope": f"{ISSUER}/.default"}  # fmt: skip
        answer = self.http.post(f"/{tenant}/oauth2/v2.0/token", data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def connector(self, method: str, path: str, want: int | None = None, **options: Any) -> httpx.Response:
        """A request of the bot below /v3. Asserts the status `want`, or success."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.http.request(method, f"/v3{path}", headers=headers, **options)
        right = answer.status_code == want if want else answer.is_success
        assert right, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def send(self, conversation: str, **activity: Any) -> str:
        """The bot says something; gives the activity's id."""
        path = f"/conversations/{conversation}/activities"
        return str(self.connector("POST", path, 201, json={"type": "message", **activity}).json()["id"])

    def control(self, method: str, path: str, want: int | None = None, **options: Any) -> Any:
        """A control call below /_sandbox/teams."""
        answer = self.http.request(method, f"/_sandbox/teams{path}", **options)
        right = answer.status_code == want if want else answer.is_success
        assert right, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def say(self, who: str, text: str, **more: Any) -> dict[str, Any]:
        """Somebody writes to the bot."""
        found: dict[str, Any] = self.control("POST", "/messages", 201, json={"from": who, "text": text, **more})
        return found

    def said(self, conversation: str, **params: str) -> list[dict[str, Any]]:
        """A conversation's activities as they stand."""
        found: list[dict[str, Any]] = self.control("GET", f"/conversations/{conversation}", params=params)["activities"]
        return found

    def switch(self, **switches: str) -> None:
        """Chooses among the ways in which Teams is known to behave."""
        self.http.post("/_sandbox/switches", json=switches).raise_for_status()


def people(teams: Teams) -> dict[str, dict[str, Any]]:
    """Everybody as the bot meets them, by address."""
    return {one["mail"]: one for one in teams.control("GET", "/people")}


def hotline(teams: Teams) -> str:
    """The id of the channel Hotline."""
    return str(teams.control("GET", "/team")["hotline"])


@contextmanager
def listening() -> Iterator[Bot]:
    """The bot on a free port."""
    bot = Bot()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(bot))
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    bot.url = f"http://127.0.0.1:{server.server_port}"
    yield bot
    server.shutdown()
    server.server_close()
    thread.join(5)


@contextmanager
def talking(data: Path, bot: Bot) -> Iterator[Teams]:
    """A sandbox on `data` that speaks to the bot."""
    with running(data, deskside_url=bot.url) as url:
        bot.sandbox = url
        teams = Teams(url, bot)
        yield teams
        teams.http.close()
