"""Chats in Teams while everything fails."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from tests.installation import Installation
from tests.storm.weather import Desk, Size
from tests.waiting import eventually

# Who talks to whom: each technician has one customer at a time, as each line belongs to the chat they are in. The bot
# knows these two customers from the start; anybody else would have to introduce themselves first.
_PAIRS = (
    ("jana.wiedekind@moebelwerk-tressow.example", "piet.hagenauer@nordlicht-it.example"),
    ("owen.prentice@harcastle-marine.example", "aylin.demirsoy@nordlicht-it.example"),
)


@dataclass
class Talk:
    """One chat: what either side said, in order, as far as Teams took it."""

    customer: str
    technician: str
    ticket: int = 0  # until the chat is known
    theirs: list[str] = field(default_factory=list)
    ours: list[str] = field(default_factory=list)


class Talks(threading.Thread):
    """Holds one chat after another."""

    def __init__(self, there: Installation, desk: Desk, size: Size) -> None:
        super().__init__(daemon=True)
        self._desk, self._size = desk, size
        self._http = httpx.Client(base_url=f"{there.sandbox}/_sandbox/teams", timeout=60)
        self._people = {one["mail"]: one for one in self._http.get("/people").json()}
        self.talks: list[Talk] = []
        self.done = False

    def run(self) -> None:
        """As many talks at once as there are technicians."""
        for mail in {mail for pair in _PAIRS for mail in pair}:
            if not self._people[mail]["installed"]:
                self._http.post(f"/people/{mail}/install").raise_for_status()
        with ThreadPoolExecutor(len(_PAIRS)) as together:
            list(together.map(self._hold, range(len(_PAIRS))))
        self.done = True

    def _hold(self, pair: int) -> None:
        """Begun by the customer, answered and ended by REST, spoken in from Teams by both; then the next one."""
        customer, technician = _PAIRS[pair]
        for number in range(pair, self._size.chats, len(_PAIRS)):
            talk = Talk(customer, technician)
            self.talks.append(talk)
            self._say(customer, f"Chat-{number:03} beginnt", talk.theirs)
            chat = eventually(partial(self._waiting, customer), seconds=300, every=0.5)
            talk.ticket = chat["ticket"]
            self._desk.ask("POST", f"/chats/{chat['id']}/answer", json={"technician": technician})
            for line in range(self._size.lines // 2):
                self._say(customer, f"Chat-{number:03} K{line:02}", talk.theirs)
                self._say(technician, f"Chat-{number:03} T{line:02}", talk.ours)
            eventually(partial(self._all_there, talk), seconds=300, every=0.5)
            self._desk.ask("POST", f"/chats/{chat['id']}/end", json={"technician": technician})

    def _waiting(self, customer: str) -> Any:
        found = self._desk.get("/chats", state="waiting")
        return next((one for one in found if one["contact"]["email"] == customer), None)

    def _say(self, mail: str, text: str, said: list[str]) -> None:
        """What Teams could not bring to us, the person sees and writes once more, in other words."""
        for again in range(60):
            words = text if not again else f"{text} ({again})"
            answer = self._http.post("/messages", json={"from": mail, "text": words}).json()
            said.append(words)
            if answer["delivered"]:
                return
            said[-1] = f"?{words}"  # may have arrived all the same
            threading.Event().wait(0.3)
        raise AssertionError(f"Teams never brought {text!r}")

    def _lines(self, talk: Talk) -> list[Any]:
        said = self._desk.all(f"/tickets/{talk.ticket}/messages")
        return [one for one in said if one["channel"] == "teams"]

    def _all_there(self, talk: Talk) -> bool:
        there = {one["text"] for one in self._lines(talk)}
        return all(text in there for text in [*talk.theirs, *talk.ours] if not text.startswith("?"))

    def settled(self) -> bool:
        """Whether every line has left or is known not to."""
        return all(one["delivery"] != "waiting" for talk in self.talks for one in self._lines(talk))

    def _shown(self, mail: str) -> list[str]:
        answer = self._http.get(f"/conversations/{self._people[mail]['conversation']}")
        return [one["text"] for one in answer.json()["activities"] if one.get("text")]

    def wrong(self) -> list[str]:
        """Lines that are missing, doubled or out of order, on the ticket or in the other's Teams."""
        said: list[str] = []
        for talk in self.talks:
            lines = self._lines(talk)
            unsure = {one["text"] for one in lines if one["delivery"] not in ("sent", "")}
            for mine, other in ((talk.theirs, talk.technician), (talk.ours, talk.customer)):
                on_ticket = [one["text"] for one in lines]
                shown = [line.partition(": ")[2] or line for line in self._shown(other)]
                said += _differs(mine, on_ticket, "on the ticket", set())
                said += _differs(mine, shown, f"in {other}'s Teams", unsure)
                both = {text.removeprefix("?") for text in mine} & set(on_ticket) & set(shown)
                if [text for text in shown if text in both] != [text for text in on_ticket if text in both]:
                    said.append(f"{sorted(both)} stand in another order in {other}'s Teams than on the ticket")
        return said


def _differs(wanted: list[str], found: list[str], where: str, unsure: set[str]) -> list[str]:
    """What is missing, doubled, or out of order. A line that Teams could not bring ("?") it brings later, or never."""
    words = [text.removeprefix("?") for text in wanted]
    maybe = {text.removeprefix("?") for text in wanted if text.startswith("?")}
    there = [text for text in found if text in set(words)]
    wrong = [f"{text!r} is missing {where}" for text in words if text not in there and text not in maybe | unsure]
    wrong += [f"{text!r} stands {there.count(text)} times {where}" for text in words if there.count(text) > 1]
    brought = [text for text in dict.fromkeys(there) if text not in maybe]
    return wrong + ([f"{brought} are out of order {where}"] if brought != sorted(brought, key=words.index) else [])
