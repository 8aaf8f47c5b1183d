"""Visits that are moved from both sides while everything fails."""

import email
import email.policy
import random
import threading
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import icalendar

from tests.installation import Installation
from tests.storm.weather import Desk, Size

_TECHNICIANS = ("piet.hagenauer@nordlicht-it.example", "aylin.demirsoy@nordlicht-it.example")
_ZONE = "Europe/Berlin"
_DAY = date.today() + timedelta(days=30)


class Appointments(threading.Thread):
    """Plans visits by REST and moves them there and in Outlook."""

    def __init__(self, there: Installation, desk: Desk, size: Size) -> None:
        super().__init__(daemon=True)
        self._there, self._desk, self._size = there, desk, size
        self._foreign = {mail: self._others(mail) for mail in _TECHNICIANS}
        self.visits: list[int] = []
        self.moved_in_outlook = 0
        self.done = False

    def _calendar(self, mail: str) -> list[dict[str, Any]]:
        return list(httpx.get(f"{self._there.sandbox}/_sandbox/calendars/{mail}").json())

    def _others(self, mail: str) -> list[tuple[Any, ...]]:
        """Everything in that calendar that has no key of ours."""
        found = [one for one in self._calendar(mail) if not one.get("singleValueExtendedProperties")]
        return sorted((one["id"], one["changeKey"], one["subject"]) for one in found)

    def run(self) -> None:
        """All visits are planned first, then changed in no order."""
        tickets = [one["number"] for one in self._desk.get("/tickets", limit=100)]
        dice = random.Random(5)
        for number in range(self._size.visits):
            body = {
                "ticket": tickets[number % len(tickets)],
                "technician": _TECHNICIANS[number % 2],
                "timezone": _ZONE,
                "place": f"Ort {number}",
                **_when(dice),
            }
            self.visits.append(self._desk.ask("POST", "/visits", key=f"storm-visit-{number}", json=body)["id"])
        for _change in range(self._size.changes):
            number = dice.randrange(len(self.visits))
            if dice.random() < 0.5:
                self._desk.ask("PATCH", f"/visits/{self.visits[number]}", json=_when(dice))
            else:
                self._move_in_outlook(number, _when(dice))
        self.done = True

    def _move_in_outlook(self, number: int, when: dict[str, str]) -> None:
        """Moves the event of that visit, if it stands in the calendar already."""
        mail = _TECHNICIANS[number % 2]
        for event in self._calendar(mail):
            if event["location"]["displayName"] == f"Ort {number}":
                url = f"{self._there.sandbox}/_sandbox/calendars/{mail}/events/{event['id']}"
                self.moved_in_outlook += httpx.patch(url, json=when).is_success

    def settled(self) -> bool:
        """Whether both sides say the same."""
        return not self._differences()

    def _differences(self) -> list[str]:
        said = []
        events = Counter[str]()
        times: dict[str, tuple[datetime, datetime]] = {}
        for mail in _TECHNICIANS:
            for event in self._calendar(mail):
                place = event["location"]["displayName"]
                if place.startswith("Ort ") and not event["isCancelled"]:
                    events[place] += 1
                    times[place] = (_moment(event["start"]), _moment(event["end"]))
        for number, key in enumerate(self.visits):
            visit, place = self._desk.get(f"/visits/{key}"), f"Ort {number}"
            own = (datetime.fromisoformat(visit["starts_at"]), datetime.fromisoformat(visit["ends_at"]))
            if events[place] != 1:
                said.append(f"visit {key} has {events[place]} events")
            elif times[place] != own:
                said.append(f"visit {key} is {own}, its event {times[place]}")
        return said

    def wrong(self) -> list[str]:
        """Differences, foreign events that were touched, customers who were told the same twice."""
        said = self._differences()
        for mail, before in self._foreign.items():
            if self._others(mail) != before:
                said.append(f"events of {mail} that are none of ours have changed")
        letters = Counter[tuple[str, str, str]]()
        for one in self._there.sent():
            mime = httpx.get(f"{self._there.sandbox}/_sandbox/sent/{one['id']}/mime").content
            letters.update(_invitations(mime))
        if not letters or not self.moved_in_outlook:
            said.append(f"{len(letters)} invitations, {self.moved_in_outlook} moves in Outlook: nothing was tried")
        return said + [f"{which} was sent {times} times" for which, times in letters.items() if times > 1]


def _when(dice: random.Random) -> dict[str, str]:
    start = datetime(_DAY.year, _DAY.month, _DAY.day, dice.randrange(7, 18), dice.choice((0, 15, 30, 45)))
    start += timedelta(days=dice.randrange(60))
    return {"start": f"{start:%Y-%m-%dT%H:%M}", "end": f"{start + timedelta(hours=1):%Y-%m-%dT%H:%M}"}


def _moment(when: dict[str, str]) -> datetime:
    return datetime.fromisoformat(when["dateTime"][:19] + "+00:00")


def _invitations(mime: bytes) -> list[tuple[str, str, str]]:
    """(uid, sequence, method) of each invitation in a mail."""
    parts = email.message_from_bytes(mime, policy=email.policy.default).walk()
    calendars = [
        icalendar.Calendar.from_ical(p.get_content()) for p in parts if p.get_content_type() == "text/calendar"
    ]
    return [
        (str(event["UID"]), str(event.get("SEQUENCE", 0)), str(calendar.get("METHOD", "")))
        for calendar in calendars
        for event in calendar.walk("VEVENT")
    ]
