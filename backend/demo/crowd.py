"""The rows of a large made-up company as text for COPY, a batch at a time: nothing is kept between batches.

Every row follows from the seed number and its own number alone. Values hold no tab, backslash or line break, so
nothing needs escaping; a line break within a message is written as the two characters COPY reads as one.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from backend.demo.vocabulary import WORDS, Pool, pool
from backend.tickets.models import ActivityStatus, Impact, Priority, StatusKind, TicketType

RARE_WORDS = 10  # selten-000 to selten-009, each in one ticket of a hundred
SPAN_DAYS = 3 * 365
_DAY = 86_400
_LANGUAGES = ("de",) * 12 + ("en",) * 5 + ("fr",) * 3
_KINDS = ("GmbH", "AG", "KG", "Ltd", "SARL", "eG")
_SKUS = tuple(f"ART-{number:04d}" for number in range(400))
_CATEGORIES = ("Hardware", "Software", "Netzwerk", "Konto und Zugang", "Telefonie", "Sicherung", "Sicherheit")
_CUSTOMER, _STAFF_REPLY, _NOTE = range(3)
# Who speaks in a ticket, in the order of drawing; the last one decides whose turn it is.
_PATTERNS = (
    (_CUSTOMER, _STAFF_REPLY, _NOTE, _STAFF_REPLY),
    (_CUSTOMER, _NOTE, _STAFF_REPLY, _CUSTOMER),
    (_CUSTOMER, _STAFF_REPLY, _CUSTOMER, _STAFF_REPLY),
    (_CUSTOMER, _STAFF_REPLY, _CUSTOMER, _NOTE),
)


@dataclass(frozen=True)
class Staff:
    """Somebody who answers."""

    id: int
    name: str
    mail: str


@dataclass(frozen=True)
class Plan:
    """How many of what, and where their ids begin in this database."""

    seed: int
    tickets: int
    customers: int
    contacts: int
    orders: int
    until: float  # seconds since 1970: the last ticket's moment
    first: dict[str, int]
    staff: tuple[Staff, ...]
    teams: tuple[int, ...]
    statuses: dict[str, tuple[int, str]]  # kind → (id, what the log calls it)
    desk: tuple[str, str]  # name and address of the desk's mailbox


@dataclass(frozen=True)
class Contact:
    """What is known of contact number `n` without looking it up."""

    n: int
    id: int
    customer: int
    language: str
    name: str
    mail: str


class Crowd:
    """Makes the rows of one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.pools: dict[str, Pool] = {language: pool(language, plan.seed) for language in WORDS}
        self._days: dict[int, str] = {}
        self._epoch = plan.until - SPAN_DAYS * _DAY

    def _rng(self, what: str, start: int) -> random.Random:
        return random.Random(f"{self.plan.seed}:{what}:{start}")

    def stamp(self, seconds: float) -> str:
        """`seconds` since 1970 as PostgreSQL reads it."""
        day, rest = divmod(int(seconds), _DAY)
        text = self._days.get(day)
        if text is None:
            text = self._days[day] = datetime.fromtimestamp(day * _DAY, UTC).strftime("%Y-%m-%d")
        minutes, second = divmod(rest, 60)
        return f"{text} {minutes // 60:02d}:{minutes % 60:02d}:{second:02d}+00"

    def contact(self, n: int) -> Contact:
        """Contact number `n`: those of one customer have neighbouring numbers."""
        plan = self.plan
        customer = n * plan.customers // plan.contacts
        language = _LANGUAGES[customer % len(_LANGUAGES)]
        words = WORDS[language]
        first = words.first_names[(n * 7 + plan.seed) % len(words.first_names)]
        last = words.last_names[(n * 11 + n // 31 + plan.seed) % len(words.last_names)]
        mail = f"{first}.{last}.{n}@{self.domain(customer)}".lower()
        return Contact(n, plan.first["people"] + n, customer, language, f"{first} {last}", mail)

    def domain(self, customer: int) -> str:
        """The mail domain of customer number `customer`."""
        return f"kunde-{customer}.seed-{self.plan.seed}.example"

    def customer_name(self, customer: int) -> str:
        """What customer number `customer` is called."""
        words = WORDS[_LANGUAGES[customer % len(_LANGUAGES)]]
        one = words.last_names[(customer * 13 + self.plan.seed) % len(words.last_names)]
        two = words.last_names[(customer * 5 + customer // 17) % len(words.last_names)]
        return f"{one} & {two} {_KINDS[customer % len(_KINDS)]} {customer}"

    def customers(self, start: int, stop: int) -> dict[str, str]:
        """Customers `start` to `stop`, each with a domain and a site."""
        plan, since = self.plan, self.stamp(self._epoch)
        customers, domains, sites = [], [], []
        for n in range(start, stop):
            row = plan.first["customers"] + n
            customers.append(
                f"{row}\tseed-{plan.seed}-{n:06d}\t{self.customer_name(n)}\t+49 30 23125 {n % 1000:03d}"
                f"\t{since}\t{since}\n"
            )
            domains.append(f"{self.domain(n)}\t{row}\n")
            sites.append(
                f"{plan.first['sites'] + n}\t{row}\tmain\tZentrale\tHauptstraße {n % 200 + 1}"
                f"\t{10000 + n % 89999}\tOrt\n"
            )
        return {"customers": "".join(customers), "customer_domains": "".join(domains), "sites": "".join(sites)}

    def contacts(self, start: int, stop: int) -> dict[str, str]:
        """Contacts `start` to `stop` with their addresses."""
        plan, since = self.plan, self.stamp(self._epoch)
        people, addresses = [], []
        for n in range(start, stop):
            one = self.contact(n)
            jobs = WORDS[one.language].jobs
            people.append(
                f"{one.id}\tseed-{plan.seed}-c-{n:07d}\t{one.name}\t{one.mail}\t{jobs[n % len(jobs)]}"
                f"\t+49 30 23125 {n % 1000:03d}\t{{}}\t{plan.first['customers'] + one.customer}"
                f"\t{plan.first['sites'] + one.customer}\t{one.language}\t\t\tt\t{since}\t{since}\n"
            )
            addresses.append(f"{one.mail}\t{one.id}\n")
        return {"people": "".join(people), "email_addresses": "".join(addresses)}

    def orders(self, start: int, stop: int) -> dict[str, str]:
        """Orders `start` to `stop` with four lines each; order n is contact n's."""
        plan, rng = self.plan, self._rng("orders", start)
        orders, lines = [], []
        for n in range(start, stop):
            one, row = self.contact(n % plan.contacts), plan.first["orders"] + n
            placed = self._epoch + (n + 1) * (SPAN_DAYS - 1) * _DAY / plan.orders
            age = (plan.until - placed) / _DAY
            status = "invoiced" if age > 60 else "delivered" if age > 30 else "partially-delivered" if n % 3 else "open"
            things, total = WORDS[one.language].things, 0
            due = self.stamp(placed + 21 * _DAY)[:10]
            for position in range(1, 5):
                thing, quantity = int(rng.random() ** 2 * len(things)), 1 + int(rng.random() ** 3 * 20)
                cents = 500 + 5 * int(rng.random() ** 2 * 30_000)
                total += cents * quantity
                came = quantity if age > 30 else quantity if status != "open" and position < 3 else 0
                lines.append(
                    f"{plan.first['order_lines'] + 4 * n + position - 1}\t{row}\t{position}\t{_SKUS[thing % 400]}"
                    f"\t{things[thing]}\t{quantity}\tStk\t{cents // 100}.{cents % 100:02d}\t{came}\t{due}\n"
                )
            at = self.stamp(placed)
            orders.append(
                f"{row}\tS{plan.seed}-{n:07d}\t{plan.first['customers'] + one.customer}"
                f"\t{plan.first['sites'] + one.customer}\t{one.id}\t{things[int(rng.random() ** 2 * len(things))]}"
                f"\t{at[:10]}\t{status}\tEUR\t{total // 100}.{total % 100:02d}\t{at}\t{at}\n"
            )
        return {"orders": "".join(orders), "order_lines": "".join(lines)}

    def tickets(self, start: int, stop: int) -> dict[str, str]:
        """Tickets `start` to `stop` with their messages and activities."""
        told = TicketBatch(self, self._rng("tickets", start))
        for n in range(start, stop):
            told.add(n)
        return {
            "tickets": "".join(told.tickets),
            "messages": "".join(told.messages),
            "activities": "".join(told.activities),
        }


class TicketBatch:
    """Some tickets being written down."""

    def __init__(self, crowd: Crowd, rng: random.Random) -> None:
        self.crowd, self.plan, self.draw = crowd, crowd.plan, rng.random
        self.tickets: list[str] = []
        self.messages: list[str] = []
        self.activities: list[str] = []

    def _choose(self, weighted: tuple[str, ...]) -> str:
        return weighted[int(self.draw() * len(weighted))]

    def _kind(self, n: int) -> StatusKind:
        newest = self.plan.tickets - n <= max(1, self.plan.tickets // 50)
        if self.draw() > (0.6 if newest else 0.005):
            return StatusKind.CLOSED
        return (StatusKind.OPEN, StatusKind.OPEN, StatusKind.PENDING, StatusKind.RESOLVED)[int(self.draw() * 4)]

    def _text(self, n: int, index: int, contact: Contact, name: str) -> str:
        words, draw = WORDS[contact.language], self.draw
        sentences = self.crowd.pools[contact.language].sentences
        size = len(sentences)
        said = f"{sentences[int(draw() * size)]} {sentences[int(draw() * size)]}"
        if index == 0:
            opening = words.openings[int(draw() ** 2 * len(words.openings))]
            said = f"{opening},\\n\\n{said} NB{int(draw() * self.plan.tickets // 8):06d}"
            if n % 100 < RARE_WORDS:
                said += f" selten-{n % 100:03d}"
        return f"{said}\\n\\n{words.greeting}\\n{name}"

    def add(self, n: int) -> None:
        """Writes down ticket number `n`."""
        plan, crowd, draw = self.plan, self.crowd, self.draw
        contact = crowd.contact(int(draw() * draw() * plan.contacts))
        staff = plan.staff[int(draw() * len(plan.staff))]
        began = crowd._epoch + (n + 1) * SPAN_DAYS * _DAY / plan.tickets - 3600
        titles = crowd.pools[contact.language].titles
        subject = titles[int(draw() * len(titles))]
        row, kind = plan.first["tickets"] + n, self._kind(n)
        pattern = _PATTERNS[int(draw() * 4)]
        self._activity(6 * n, row, "opened", contact.id, contact.name, began, after=subject, data='{"source": "mail"}')
        at = began
        for index, speaker in enumerate(pattern):
            at = min(at + (0 if index == 0 else 300 + draw() ** 3 * _DAY), plan.until)
            self._message(n, index, speaker, contact, staff, at, subject)
        status, name = plan.statuses[kind]
        opened = plan.statuses[StatusKind.OPEN][1]
        if kind != StatusKind.OPEN:
            self._activity(6 * n + 5, row, "status", staff.id, staff.name, at, before=opened, after=name)
        turn = ActivityStatus.WAITING_TECHNICIAN if pattern[3] == _CUSTOMER else ActivityStatus.WAITING_CONTACT
        if pattern == _PATTERNS[3]:
            turn = ActivityStatus.WAITING_TECHNICIAN
        order = str(plan.first["orders"] + contact.n) if n % 10 == 0 and contact.n < plan.orders else "\\N"
        customer = plan.first["customers"] + contact.customer
        self.tickets.append(
            f"{row}\t{plan.first['numbers'] + n}\t{subject}\t{status}"
            f"\t{'t' if kind == StatusKind.CLOSED else 'f'}\t{turn}"
            f"\t{self._choose(_PRIORITIES)}\t{self._choose(_IMPACTS)}\t{self._choose(_TYPES)}"
            f"\t{self._choose(_CATEGORIES)}\t\t{customer}\t{contact.id}\t{staff.id}"
            f"\t{plan.teams[n % len(plan.teams)]}\t{order}\t{{}}\t{{}}\t4\t{crowd.stamp(began)}\t{crowd.stamp(at)}"
            "\tmail\n"
        )

    def _message(
        self, n: int, index: int, speaker: int, contact: Contact, staff: Staff, at: float, subject: str
    ) -> None:
        plan, row = self.plan, self.plan.first["tickets"] + n
        message, when = plan.first["messages"] + 4 * n + index, self.crowd.stamp(at)
        desk_name, desk_mail = plan.desk
        author: Contact | Staff = contact if speaker == _CUSTOMER else staff
        if speaker == _CUSTOMER:
            to = f'[{{"name": "{desk_name}", "address": "{desk_mail}"}}]'
            kind, channel, delivery, identity = "reply", "mail", "", f"<s{plan.seed}.{message}@{self._domain(contact)}>"
        else:
            to = "[]"
            kind, channel, delivery, identity = "note", "desk", "", "\\N"
            if speaker == _STAFF_REPLY:
                to = f'[{{"name": "{contact.name}", "address": "{contact.mail}"}}]'
                kind, delivery, identity = "reply", "sent", f"<s{plan.seed}.{message}@{desk_mail.partition('@')[2]}>"
        text = self._text(n, index, contact, author.name)
        self.messages.append(
            f"{message}\t{row}\t{kind}\t{channel}\t{'f' if speaker == _CUSTOMER else 't'}\t{author.id}\t{author.name}"
            f"\t{author.mail}\t{to}\t[]\t{subject}\t{text}\t\t\t{identity}\t{delivery}\t{when}\n"
        )
        data = f'{{"message_id": {message}, "channel": "{channel}"}}'
        self._activity(6 * n + 1 + index, row, kind, author.id, author.name, at, data=data)

    def _domain(self, contact: Contact) -> str:
        return contact.mail.partition("@")[2]

    def _activity(
        self, n: int, ticket: int, verb: str, actor: int, name: str, at: float, *,
        before: str = "", after: str = "", data: str = "{}",
    ) -> None:  # fmt: skip
        row, when = self.plan.first["activities"] + n, self.crowd.stamp(at)
        self.activities.append(f"{row}\t{ticket}\t{verb}\t{actor}\t{name}\t{before}\t{after}\t{data}\t{when}\n")


_PRIORITIES = (Priority.MEDIUM,) * 6 + (Priority.LOW,) * 2 + (Priority.HIGH, Priority.CRITICAL)
_IMPACTS = (Impact.PERSON,) * 7 + (Impact.GROUP,) * 2 + (Impact.SITE,)
_TYPES = (TicketType.INCIDENT,) * 6 + (TicketType.REQUEST,) * 3 + (TicketType.CHANGE,)


def spans(total: int, size: int) -> Iterator[tuple[int, int]]:
    """(start, stop) of each batch of `size` out of `total`."""
    for start in range(0, total, size):
        yield start, min(start + size, total)
