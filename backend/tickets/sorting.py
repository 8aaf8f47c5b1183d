"""The orders in which a list of tickets may stand, and how a page goes on where the one before ended (keyset).

No page reads further than it shows: each order has an index. By customer that is one of customers, along which their
tickets are taken; tickets of nobody known stand after all others and are asked for apart.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from backend.people.models import Customer
from backend.tickets.models import Priority, Ticket

RANKS = {Priority.CRITICAL.value: 4, Priority.HIGH.value: 3, Priority.MEDIUM.value: 2, Priority.LOW.value: 1}
# Written as in the index `ix_tickets_rank`.
RANK: ColumnElement[int] = literal_column("strpos('lmhc', left(tickets.priority, 1))", Integer)
_CHANGED: tuple[tuple[str, Any], ...] = (("updated_at", Ticket.updated_at), ("id", Ticket.id))
# Key: what is compared, one after the other.
_PARTS: dict[str, tuple[tuple[str, Any], ...]] = {
    "updated": _CHANGED,
    "created": (("created_at", Ticket.created_at), ("id", Ticket.id)),
    "priority": (("rank", RANK), *_CHANGED),
    "number": (("number", Ticket.number),),
    "customer": (("sort_name", func.lower(Customer.name)), ("sort_id", Customer.id), *_CHANGED),
}
_RISES_FIRST = frozenset({"customer"})  # A to Z at the first press; all others begin with the newest or largest
Part = tuple[str, Any, bool]  # (name in the row, expression, whether it falls)


@dataclass(frozen=True)
class Order:
    """One order."""

    key: str
    falls: bool

    @property
    def text(self) -> str:
        """As an address says it."""
        return f"-{self.key}" if self.falls else self.key

    @property
    def parts(self) -> list[Part]:
        """What is compared. Within a customer the newest stand first, whatever the direction."""
        within = 2 if self.key == "customer" else len(_PARTS[self.key])
        return [(name, part, self.falls or at >= within) for at, (name, part) in enumerate(_PARTS[self.key])]

    @property
    def names(self) -> list[str]:
        """The columns of a row that say where it stands."""
        names = [name for name, _part, _falls in self.parts]
        return ["nobodys", *names] if self.key == "customer" else names

    def by(self, columns: Any, *, backwards: bool = False) -> list[Any]:
        """The ORDER BY of rows with these `columns`."""
        parts = self.parts
        if self.key == "customer":
            parts = [("nobodys", None, self.falls), *parts]
        return [columns[name].desc() if falls != backwards else columns[name].asc() for name, _part, falls in parts]

    def position(self, row: Any) -> str:
        """Where `row` stands, as an address can carry it."""
        return ".".join(_written(getattr(row, name)) for name in self.names)

    def read(self, text: str) -> list[Any] | None:
        """The values of such a position; None for what is none."""
        words, names = text.split("."), self.names
        if len(words) != len(names):
            return None
        try:
            return [_read(name, word) for name, word in zip(names, words, strict=True)]
        except (ValueError, OverflowError, OSError, binascii.Error):
            return None

    def values_of(self, facts: Any) -> list[Any]:
        """The same of a ticket's facts (number, priority, customer, its times)."""
        known = {
            "rank": RANKS.get(facts.priority, 2),
            "nobodys": 0 if facts.customer_id else 1,
            "sort_name": func.lower(literal(facts.customer or "")),
            "sort_id": facts.customer_id or 0,
        }
        return [known[name] if name in known else getattr(facts, name) for name in self.names]

    def first(self, query: Select[Any], most: int, cut: list[Any] | None = None, *, backwards: bool = False) -> Any:
        """The first `most` rows of `query` of tickets after those at `cut`, or the last before it; a subquery."""
        if self.key != "customer":
            more = [(name, part) for name, part, _falls in self.parts if name == "rank"]
            query = query.add_columns(*(part.label(name) for name, part in more))
            return _limited(query, self.parts, cut, backwards, most).subquery()
        rises = self.falls == backwards
        groups = [one for one in ((0, 1) if rises else (1, 0)) if not cut or one == cut[0] or (one > cut[0]) == rises]
        found = [
            self._of_customers(query, one, cut[1:] if cut and one == cut[0] else None, backwards, most)
            for one in groups
        ]
        some: Any = found[0].cte("nearer")
        if len(found) > 1:  # the second is not looked at where the first fills the page
            left = literal(most) - select(func.count()).select_from(some).scalar_subquery()
            some = union_all(select(some), found[1].limit(left).subquery().select()).subquery()
        return select(some).order_by(*self.by(some.c, backwards=backwards)).limit(most).subquery()

    def _of_customers(
        self, query: Select[Any], nobodys: int, cut: list[Any] | None, backwards: bool, most: int
    ) -> Select[Any]:
        sign = literal_column(str(nobodys), Integer).label("nobodys")
        if nobodys:
            query = query.add_columns(sign, literal("").label("sort_name"), literal(0).label("sort_id"))
            return _limited(query.where(Ticket.customer_id.is_(None)), self.parts[2:], cut and cut[2:], backwards, most)
        query = query.join(Customer, Customer.id == Ticket.customer_id)
        query = query.add_columns(sign, *(part.label(name) for name, part, _falls in self.parts[:2]))
        return _limited(query, self.parts, cut, backwards, most)


def _limited(query: Select[Any], parts: list[Part], cut: list[Any] | None, backwards: bool, most: int) -> Select[Any]:
    if cut:
        query = query.where(_beyond(parts, cut, backwards))
    order = [part.desc() if falls != backwards else part.asc() for _name, part, falls in parts]
    return query.order_by(*order).limit(most)


def _beyond(parts: list[Part], values: list[Any], backwards: bool) -> ColumnElement[bool]:
    """What stands after the row of these `values`, or before it."""
    turned = [(part, falls != backwards) for _name, part, falls in parts]
    if len({falls for _part, falls in turned}) == 1:
        key, cut = tuple_(*(part for part, _falls in turned)), tuple(values)
        return key < cut if turned[0][1] else key > cut
    ways = []
    for at, (part, falls) in enumerate(turned):
        same = [turned[i][0] == values[i] for i in range(at)]
        ways.append(and_(*same, part < values[at] if falls else part > values[at]))
    part, falls = turned[0]
    return and_(part <= values[0] if falls else part >= values[0], or_(*ways))  # the first is what the index needs


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return str(round(value.timestamp() * 1_000_000))
    if isinstance(value, str):
        return base64.urlsafe_b64encode(value.encode()).decode().rstrip("=") or "-"
    return str(value)


def _read(name: str, word: str) -> Any:
    if name.endswith("_at"):
        return datetime.fromtimestamp(int(word) / 1_000_000, UTC)
    if name == "sort_name":
        text = "" if word == "-" else base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode()
        return text.replace("\x00", "")
    return max(0, min(int(word), 1 if name == "nobodys" else 2**31 - 1))


NEWEST = Order("updated", True)
ORDERS = {order.text: order for key in _PARTS for order in (Order(key, True), Order(key, False))}


def order_named(*texts: str) -> Order:
    """The order of the first of `texts` that names one."""
    return next((ORDERS[text] for text in texts if text in ORDERS), NEWEST)


def next_press(key: str, now: Order) -> str:
    """What a press on the head of the column orders by, when `now` is in force."""
    if now.key == key:
        return Order(key, not now.falls).text
    return Order(key, key not in _RISES_FIRST).text
