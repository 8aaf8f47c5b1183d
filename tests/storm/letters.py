"""Mails that come in and answers that go out while everything fails."""

import threading
from collections import Counter
from functools import partial

import httpx

from tests.installation import Installation
from tests.storm.weather import Desk, Size
from tests.waiting import eventually
from tests.world import mail

_SENDERS = (
    "Jana Wiedekind <jana.wiedekind@moebelwerk-tressow.example>",
    "Torben Lasch <torben.lasch@brauhaus-kettwin.example>",
)
_BOXES = ("service@nordlicht-it.example", "vertrieb@nordlicht-it.example")


def post(there: Installation, number: int) -> str:
    """A mail of one of the customers arrives in one of the mailboxes; its internetMessageId."""
    box = _BOXES[number % 2]
    raw = mail(sender=_SENDERS[number % 3 % 2], to=box, subject=f"Sturm {number:04}", text=f"Mail {number:04}.")
    return there.deliver(raw, to=box)


class Letters(threading.Thread):
    """Delivers mails, and answers the tickets they become."""

    def __init__(self, there: Installation, desk: Desk, size: Size) -> None:
        super().__init__(daemon=True)
        self._there, self._desk, self._size = there, desk, size
        self.ids: list[str] = []
        self.answered: dict[str, int] = {}  # what was written → the ticket
        self.done = False

    def run(self) -> None:
        """Mails first, so that answers and arrivals overlap."""
        for number in range(self._size.mails):
            self.ids.append(post(self._there, number))
        for number in range(self._size.replies):
            message_id = self.ids[number % len(self.ids)]
            ticket = eventually(partial(self._ticket, message_id), seconds=600, every=0.5)
            text = f"Antwort-{number:04}"
            body = {"kind": "reply", "text": text}
            self._desk.ask("POST", f"/tickets/{ticket}/messages", key=text, json=body)
            self.answered[text] = ticket
        self.done = True

    def _ticket(self, message_id: str) -> int | None:
        found = [one["ticket"] for one in self._desk.get("/inbound", internet_message_id=message_id) if one["ticket"]]
        return found[0] if found else None

    def settled(self) -> bool:
        """Whether every mail is somewhere and every answer is out."""
        arrived = all(self._desk.get("/inbound", internet_message_id=one) for one in self.ids)
        return (
            arrived
            and not self._desk.get("/outbound", state="waiting")
            and not self._desk.get("/outbound", state="drafted")
        )

    def wrong(self) -> list[str]:
        """Mails that are not on exactly one ticket, answers that did not go out exactly once, confirmations twice."""
        said = []
        for message_id in self.ids:
            on = [one["ticket"] for one in self._desk.get("/messages", internet_message_id=message_id)]
            if len(on) != 1:
                said.append(f"mail {message_id} is on tickets {on}")
        sent = self._there.sent()
        texts = [httpx.get(f"{self._there.sandbox}/_sandbox/sent/{one['id']}/mime").text for one in sent]
        for text in self.answered:
            times = sum(text in own(mime) for mime in texts)
            if times != 1:
                said.append(f"{text} was sent {times} times")
        confirmed = Counter(
            str(one["inReplyTo"]) for one, mime in zip(sent, texts, strict=True) if "Auto-Submitted" in mime
        )
        if not confirmed.keys() & set(self.ids):
            said.append("no mail was confirmed at all")
        said += [
            f"{which} was confirmed {times} times"
            for which, times in confirmed.items()
            if times > 1 and which in self.ids
        ]
        failed = self._desk.all("/outbound", state="failed")
        return said + [f"given up: {one['subject']}: {one['error']}" for one in failed]


def own(mime: str) -> str:
    """What stands above the quoted rest."""
    return mime.partition("\n> ")[0].partition("<blockquote")[0]
