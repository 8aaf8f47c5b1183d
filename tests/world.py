"""A small world for tests: a database, the sandbox tenant over HTTP, and Deskside itself.

A test asks for the fixture `world` and gets a fresh database (a copy of a migrated one) and a sandbox as at the
start. Nothing of ours is patched: Microsoft is the sandbox, reached over HTTP.

    def test_mail_becomes_a_ticket(world: World) -> None:
        world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
        world.deliver(mail(subject="Drucker"), to=SERVICE)       # a mail arrives at Microsoft
        world.run("mail.sweep")                                  # one job now; world.work() for all that wait
        world.work()
        with world.rows():                                       # read or write rows; committed at the end
            assert session.scalars(select(Ticket)).one().subject == "Drucker"
        page = world.browser(world.staff("Piet Hagenauer")).get("/tickets")

`world.browser(person)` is a signed-in test client that sends Origin and the CSRF token by itself; for attacks use
`world.app.test_client()`. Deskside also answers over real HTTP at `world.settings.url` (webhooks, browser tests).
"""

import email.policy
import email.utils
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any, cast
from wsgiref.types import StartResponse, WSGIEnvironment

import httpx
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.test import TestResponse

from backend import auth, clock, config, jobs, worker
from backend.config import Config
from backend.db import scope, session
from backend.people.models import Customer, CustomerDomain, EmailAddress, Identity, Person
from backend.sandbox import people as tenant
from backend.sandbox.world import World as TenantWorld
from backend.settings.models import Setting
from tests.waiting import eventually

SERVICE = "service@nordlicht-it.example"
SALES = "vertrieb@nordlicht-it.example"
JANA = "jana.wiedekind@moebelwerk-tressow.example"


class _Quiet(WSGIRequestHandler):
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing: a test's output is its failures."""


class Door:
    """A WSGI application over HTTP on a free loopback port; which one it is may change from test to test."""

    def __init__(self, host: str) -> None:
        self.app: Flask | None = None
        self._busy = 0  # requests that the application has not answered yet
        self._rests = threading.Condition()
        self._server: BaseWSGIServer = make_server(host, 0, self._answer, threaded=True, request_handler=_Quiet)
        self.url = f"http://{host}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        with self._rests:
            app = self.app
            self._busy += app is not None
        if app is None:
            start("503 Service Unavailable", [("Content-Length", "0")])
            return []
        try:
            return app(environ, start)
        finally:
            with self._rests:
                self._busy -= 1
                self._rests.notify_all()

    def rest(self) -> None:
        """Takes the application away and waits until it has answered what it was asked: a page's last words before it
        is closed would otherwise be written into the next test's database."""
        with self._rests:
            self.app = None
            self._rests.wait_for(lambda: self._busy == 0, timeout=20)

    def close(self) -> None:
        """Ends the server."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Browser(FlaskClient):
    """A test client that behaves like a browser with one of our pages open: Origin and CSRF token on each change."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Sends a request; headers given by the test win."""
        cookie = self.get_cookie(auth.COOKIE, domain="localhost")
        own = {"Origin": config.current().url}
        if cookie is not None:
            own["X-CSRF-Token"] = auth.csrf_token(cookie.value)
        kwargs["headers"] = {**own, **dict(kwargs.get("headers") or {})}
        return super().open(*args, **kwargs)


class World:
    """What one test sees of everything."""

    def __init__(self, app: Flask, settings: Config, tenant_world: TenantWorld) -> None:
        self.app = app
        self.settings = settings
        self.sandbox_keys = tenant_world.keys  # signs tokens that are wrong on purpose
        self._tenant = tenant_world
        self.sandbox = httpx.Client(base_url=settings.sandbox_url, timeout=30, verify=False)
        app.test_client_class = Browser

    @contextmanager
    def rows(self) -> Iterator[None]:
        """A transaction in which the test reads or writes rows by `backend.db.session`; committed at the end."""
        with scope():
            yield
            session.commit()

    def work(self, *, concurrency: int = 1) -> None:
        """Runs all waiting jobs, those that wait for another try too, until none is left.

        In a thread of its own: a browser test's driver has an event loop in this one.
        """
        with ThreadPoolExecutor(1) as thread:
            thread.submit(worker.run_until_quiet, self.settings.database_url, concurrency=concurrency).result()

    def run(self, name: str, **arguments: Any) -> None:
        """Runs one job now. Raises what it raises."""
        jobs.run(name, **arguments)

    def staff(self, name: str, *roles: str) -> Person:
        """One of the provider's people, with the account of that name in the sandbox if there is one."""
        account = next((one for one in tenant.PEOPLE if one.name == name), None)
        mail = account.mail if account else f"{name.lower().replace(' ', '.')}@{tenant.HOME_DOMAIN}"
        granted = roles or (account.roles if account else ()) or ("technician",)
        person = self._person(name, mail, list(granted), None)
        if account is not None:
            with self.rows():
                session.merge(Identity(tenant_id=account.tenant, object_id=account.id, person_id=person.id))
        return person

    def customer(self, key: str, name: str, *, domains: Iterable[str] = ()) -> Customer:
        """A customer with its mail domains."""
        now = clock.now()
        with self.rows():
            customer = Customer(key=key, name=name, phone="", created_at=now, updated_at=now)
            session.add(customer)
            session.flush()
            session.add_all(CustomerDomain(domain=domain, customer_id=customer.id) for domain in domains)
        return customer

    def contact(self, name: str, address: str, customer: Customer | None) -> Person:
        """A contact of `customer` with that address."""
        return self._person(name, address, [], customer.id if customer else None)

    def _person(self, name: str, address: str, roles: list[str], customer_id: int | None) -> Person:
        now = clock.now()
        with self.rows():
            person = Person(name=name, mail=address, roles=roles, customer_id=customer_id)
            person.created_at = person.updated_at = now
            session.add(person)
            session.flush()
            session.add(EmailAddress(address=address, person_id=person.id))
        return person

    def chosen(self, **settings: Any) -> None:
        """These settings are chosen, as an administrator chooses them on their page."""
        with self.rows():
            session.add_all(Setting(key=key, value=value, changed_at=clock.now()) for key, value in settings.items())

    def browser(self, person: Person | None = None, door: str = "browser") -> Browser:
        """A browser in which `person` is signed in; nobody when None."""
        client = cast(Browser, self.app.test_client())
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        if person is not None:
            with self.rows():
                token = auth.begin_session(person.id, door)
            client.set_cookie(auth.COOKIE, token, domain="localhost", secure=True, httponly=True)
        return client

    def access_token(self, address: str, **claims: Any) -> str:
        """An access token of that person for our API, as the pane gets it; `claims` replace (None removes)."""
        person = tenant.by_mail(address)
        assert person is not None
        return self.sandbox_keys.sign({**self.sandbox_keys.user_token(person), **claims})

    def deliver(self, raw: bytes, *, to: str = SERVICE) -> str:
        """A mail arrives in the mailbox `to` from outside; returns its internetMessageId."""
        answer = self.sandbox.post("/_sandbox/mail", params={"to": to}, content=raw)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["internetMessageId"])

    def sent(self) -> list[dict[str, Any]]:
        """Every mail that any mailbox has sent, oldest first."""
        return cast(list[dict[str, Any]], self.sandbox.get("/_sandbox/sent").json())

    def sent_mime(self, sent: dict[str, Any]) -> bytes:
        """The MIME of one of `sent()`."""
        return self.sandbox.get(f"/_sandbox/sent/{sent['id']}/mime").content

    def all_told(self) -> bool:
        """Whether the sandbox has delivered every notification it had."""
        with self._tenant.store.read() as tx:
            return tx.number("SELECT count(*) FROM notifications") == 0

    def misbehave(self, match: str = "", **fault: Any) -> None:
        """The sandbox misbehaves as `POST /_sandbox/faults` describes, until the end of the test."""
        answer = self.sandbox.post("/_sandbox/faults", json={**({"match": match} if match else {}), **fault})
        assert answer.is_success, answer.text

    def pass_time(self, distance: timedelta) -> None:
        """Moves the clock that the sandbox and Deskside share, and waits until Deskside has seen it."""
        due = clock.now() + distance
        assert self.sandbox.post("/_sandbox/clock", json={"advance": distance.total_seconds()}).is_success
        self.until(lambda: clock.now() >= due)

    def until(self, condition: Callable[[], object], seconds: float = 10.0) -> None:
        """Waits until `condition` holds. Raises AssertionError after `seconds`, beside other tests later."""
        eventually(condition, seconds=seconds, every=0.02)


def mail(
    *,
    sender: str = f"Jana Wiedekind <{JANA}>",
    to: str = SERVICE,
    subject: str = "Drucker druckt nicht",
    text: str = "Guten Tag,\n\nder Drucker im Einkauf druckt nicht mehr.\n\nJana Wiedekind",
    html: str | None = None,
    message_id: str | None = None,
    files: Iterable[tuple[str, str, bytes]] = (),
    **headers: str,
) -> bytes:
    """A raw mail; `files` are (name, content type, content); `in_reply_to="<…>"` becomes the header In-Reply-To."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = email.utils.format_datetime(datetime.now(UTC))
    made["Message-ID"] = message_id or f"<{uuid.uuid4().hex}@mail.example>"
    for name, value in headers.items():
        made[name.replace("_", "-").title()] = value
    made.set_content(text)
    if html is not None:
        made.add_alternative(html, subtype="html")
    for name, content_type, content in files:
        main, _slash, sub = content_type.partition("/")
        made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    # Unfolded: the standard library's folding encodes long Message-IDs, as no mail program does.
    return made.as_bytes(policy=email.policy.SMTP.clone(max_line_length=0))
