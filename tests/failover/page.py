"""A page that is open on one ticket, as a browser keeps it: it hears what is new, and comes again after a break."""

import contextlib
import hashlib
import secrets
import threading

import httpx
import psycopg

from tests.failover.site import Site
from tests.failover.traffic import Acknowledged, Caller, Stream, now
from tests.waiting import eventually


def signed_in(url: str) -> str:
    """The cookie of a new session of one of the technicians."""
    secret = secrets.token_urlsafe(32)
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into sessions (id, person_id, door, created_at, expires_at) select %s, min(id), 'browser', now(), "
            "now() + interval '1 day' from people where 'technician' = any (roles)",
            (hashlib.sha256(secret.encode()).hexdigest(),),
        )
    return f"__Host-deskside={secret}"


class Page(threading.Thread):
    """Listens until `close`."""

    def __init__(self, site: Site, ticket: int) -> None:
        super().__init__(daemon=True, name="page")
        self._web, self._cookie = site.there.web, signed_in(site.pair.url)
        self._topic, self._over = f"ticket:{ticket}", threading.Event()
        self.heard: list[float] = []  # when it was told that there is something new
        self.lines = 0  # how often it began to listen

    def run(self) -> None:
        """Comes again after a second, and says what it has heard last."""
        last = "0"
        while not self._over.is_set():
            headers = {"Cookie": self._cookie, "Last-Event-ID": last}
            with (
                contextlib.suppress(httpx.HTTPError),
                httpx.stream(
                    "GET", f"{self._web}/live", params={"topic": self._topic}, headers=headers, timeout=30
                ) as answer,
            ):
                self.lines += answer.is_success
                for line in answer.iter_lines():
                    if line.startswith("id: "):
                        last = line.removeprefix("id: ")
                    elif line.startswith("data: "):
                        self.heard.append(now())
                    if self._over.is_set():
                        return
            self._over.wait(1.0)

    def close(self) -> None:
        """Listens no more."""
        self._over.set()


class Notes(Stream):
    """Notes on the ticket that the page shows, and how long the page did not know of each."""

    def __init__(self, site: Site, between: float) -> None:
        super().__init__("notes", between)
        self.caller = Caller(site.there)
        ticket = {"subject": "Offene Seite", "text": "Wird beobachtet.", "requester_email": "seite@ausfall.example"}
        self._ticket = self.caller.change("/tickets", "offene-seite", ticket)["number"]
        self.page = Page(site, self._id(site))
        self.page.start()
        eventually(lambda: self.page.lines, seconds=60)

    def _id(self, site: Site) -> int:
        ((found,),) = site.pair.first.rows("select id from tickets where subject = 'Offene Seite'")
        return int(found)

    def once(self, number: int) -> None:
        """One note."""
        body = {"kind": "note", "text": f"Notiz {number}"}
        self.caller.change(f"/tickets/{self._ticket}/messages", f"notiz-{number}", body)

    def staleness(self, since: float, until: float) -> float:
        """The longest the page did not know of a note written in that time. AssertionError: it never did."""
        notes = [one for one in self.caller.told if since <= one.begun < until]
        return max((self._heard(one) for one in notes), default=0.0)

    def _heard(self, note: Acknowledged) -> float:
        """Seconds from its acknowledgement until the page looked again."""
        heard = next((at for at in list(self.page.heard) if at >= note.begun), None)
        assert heard is not None, f"{note.key} was never heard of"
        return max(0.0, heard - note.at)
