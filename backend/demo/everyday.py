"""Most of the demo's tickets: each row of each case as a story, told by somebody and answered by one of us."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from backend import config
from backend.demo.cases import Case, Turn, read_cases
from backend.demo.cast import Cast
from backend.demo.company import TEAMS
from backend.demo.hours import after, working, written
from backend.demo.talk import Step, Story
from backend.orders.models import Order, OrderStatus
from backend.people.models import Person

_SEED = 10001  # the same company at every first start, but for the day
_DAYS = 210  # so far back
_WEEKS, _LEFT = timedelta(days=45), 0.08  # of the tickets of the last weeks some are left lying
_UNTIL_CLOSED = tuple(timedelta(days=days) for days in (2, 3, 3, 4))
_GREETINGS = {
    "de": {"ms": "Guten Tag Frau {last},", "mr": "Guten Tag Herr {last},", "": "Guten Tag {name},"},
    "en": {"": "Hello {first},"},
    "es": {"ms": "Buenos días, Sra. {last}:", "mr": "Buenos días, Sr. {last}:", "": "Buenos días:"},
    "fr": {"ms": "Bonjour Madame {last},", "mr": "Bonjour Monsieur {last},", "": "Bonjour,"},
    "it": {"ms": "Buongiorno signora {last},", "mr": "Buongiorno signor {last},", "": "Buongiorno,"},
}
_WROTE = {
    "de": "Nordlicht IT Service schrieb am {:%d.%m.%Y um %H:%M} Uhr:",
    "en": "On {:%d/%m/%Y at %H:%M}, Nordlicht IT Service wrote:",
    "es": "El {:%d/%m/%Y, %H:%M}, Nordlicht IT Service escribió:",
    "fr": "Le {:%d/%m/%Y à %H:%M}, Nordlicht IT Service a écrit :",
    "it": "Il {:%d/%m/%Y alle %H:%M}, Nordlicht IT Service ha scritto:",
}
# Who answers customers of another language, beside everybody.
_SPEAKERS = {"en": ("callum",) * 3, "es": ("iker",) * 8, "fr": ("maelle",) * 8, "it": ("ginevra",) * 8}


def _between(one: datetime, other: datetime) -> datetime:
    return one + (other - one) * 0.6


def _parts(name: str) -> tuple[str, str]:
    """First and last name, without a title."""
    words = [word for word in name.split() if not word.endswith(".")]
    return words[0], words[-1]


def _greeting(person: Person, language: str) -> str:
    first, last = _parts(person.name)
    known = _GREETINGS[language]
    return known.get(person.salutation or "", known[""]).format(first=first, last=last, name=person.name)


class Everyday:
    """Makes the stories; `unfinished` are the subjects of those that end in the middle."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.rng = cast, random.Random(_SEED)
        self.now = cast.now.astimezone(ZoneInfo(config.current().timezone))
        self.cases: dict[str, Case] = {}  # by the subject of each ticket
        self.unfinished: set[str] = set()
        self.nicks = {person.id: nick for nick, person in cast.people.items()}
        self.contacts: dict[str, list[Person]] = defaultdict(list)
        for person in cast.people.values():
            if not person.is_staff and person.customer_id is not None:
                self.contacts[person.language].append(person)

    def stories(self) -> Iterator[Story]:
        """One story for each row of each case, from half a year ago until now."""
        told = [(case, row) for case in read_cases() for row in case.rows]
        self.rng.shuffle(told)
        for number, (case, row) in enumerate(told):
            yield self._story(case, row, _DAYS * ((number + self.rng.random()) / len(told)) ** 2)

    def _story(self, case: Case, row: dict[str, str], days_ago: float) -> Story:
        at = written(self.now, days_ago, self.rng)
        order = self._order(case, at) if case.order else None
        contact = self._contact(case, order)
        us, colleague = self._two_of_us(case)
        first, _last = _parts(contact.name)
        known = {
            "greeting": _greeting(contact, case.language),
            "technician": self.cast.people[us].name,
            "colleague": self.cast.people[colleague].name,
            "contact": contact.name,
            "first": first,
            "company": self.cast.customers[contact.customer_id or 0].name,
            "order": order.number if order else "",
        }
        gaps = known | {name: value.format(**row, **known) for name, value in row.items()}
        subject = case.subject.format(**gaps)
        self.cases[subject] = case
        return Story(
            subject,
            self.nicks[contact.id],
            tuple(self._steps(case, gaps, at, self.nicks[contact.id], us)),
            team=case.team,
            priority=case.priority,
            impact=case.impact,
            type=case.type,
            category=case.category,
            family=case.family,
            order=order.number if order else "",
        )

    def _order(self, case: Case, at: datetime) -> Order:
        """An order with the article of `case`, rather one of somebody of its language, placed before `at`."""
        fitting = [
            order
            for order in self.cast.orders.values()
            if order.contact_id is not None and any(line.sku == case.order for line in order.lines)
        ]
        speaking = {person.id for person in self.contacts[case.language]}
        spoken = [order for order in fitting if order.contact_id in speaking]
        before = [order for order in spoken if order.ordered_on < at.date()]
        arrived = [order for order in before if order.status in (OrderStatus.DELIVERED, OrderStatus.INVOICED)]
        return self.rng.choice(arrived or before or spoken or fitting)

    def _contact(self, case: Case, order: Order | None) -> Person:
        if order is None:
            return self.rng.choice(self.contacts[case.language])
        return next(person for person in self.cast.people.values() if person.id == order.contact_id)

    def _two_of_us(self, case: Case) -> tuple[str, str]:
        members = [nick for nick in TEAMS[case.team] if "technician" in self.cast.people[nick].roles]
        us = self.rng.choice([*members, *_SPEAKERS.get(case.language, ())])
        return us, self.rng.choice([nick for nick in members if nick != us])

    def _steps(self, case: Case, gaps: dict[str, str], at: datetime, contact: str, us: str) -> Iterator[Step]:
        """What was said until now; somebody of us takes the ticket before the first answer."""
        left = self.now - at < _WEEKS and self.rng.random() < _LEFT
        until = self.rng.randrange(1, len(case.said)) if left and len(case.said) > 1 else len(case.said)
        quoted, taken, done = "", False, True
        for number, turn in zip(count(), case.said[:until], strict=False):
            said_at = after(at, turn.after, self.rng) if number else at
            if said_at > self.now:
                done = False
                break
            by = contact if turn.kind == "mail" else us
            if by == us and number and not taken:
                yield Step("set", us, min(working(_between(at, said_at), self.rng), said_at), f"assignee={us}")
            text = turn.text.format(**gaps)
            yield self._step(case, turn, text, by, said_at, quoted if turn.kind == "mail" else "")
            if by == us and not number:  # who takes a call takes the ticket
                yield Step("set", us, said_at, f"assignee={us}")
            taken = taken or by == us
            if turn.kind == "reply":
                lines = [line for line in text.split("\n") if line.strip()][:3]
                quoted = "\n".join([_WROTE[case.language].format(said_at), *(f"> {line}" for line in lines)])
            at = said_at
        if not done or until < len(case.said):
            self.unfinished.add(case.subject.format(**gaps))
        elif case.said[-1].status != "closed":
            yield from self._closing(at, us)

    def _step(self, case: Case, turn: Turn, text: str, by: str, at: datetime, quoted: str) -> Step:
        billing = self.rng.choices(("billable", "contract", "goodwill"), (55, 38, 7))[0]
        channel = "mail" if turn.kind == "mail" else self.rng.choice(("desk", "desk", "pane"))
        return Step(
            turn.kind, by, at, text, quoted=quoted, status=turn.status, channel=channel,
            minutes=turn.minutes, billing=billing,
        )  # fmt: skip

    def _closing(self, at: datetime, us: str) -> Iterator[Step]:
        """What is done is closed some days later, when nobody has written again."""
        closed = after(at, self.rng.choice(_UNTIL_CLOSED), self.rng)
        if closed <= self.now:
            yield Step("set", us, closed, "status=closed")
