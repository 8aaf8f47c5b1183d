"""The orders in which a list of tickets may stand, and how a page goes on where the one before ended (keyset)."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, func, literal, literal_column, or_, tuple_

from backend.people.models import Customer
from backend.tickets.models import Priority, Ticket

RANKS = {Priority.CRITICAL.value: 4, Priority.HIGH.value: 3, Priority.MEDIUM.value: 2, Priority.LOW.value: 1}
# Written as in the index `ix_tickets_rank`.
RANK: ColumnElement[int] = literal_column(
    "case tickets.priority when 'critical' then 4 when 'high' then 3 when 'low' then 1 else 2 end", Integer
)
_NAME: ColumnElement[str] = func.coalesce(func.lower(Customer.name), "")
# Key: what is compared first; the time of the last change and the id follow, where they are not it themselves.
_FIRST: dict[str, tuple[tuple[str, Any], ...]] = {
    "updated": (("updated_at", Ticket.updated_at), ("id", Ticket.id)),
    "created": (("created_at", Ticket.created_at), ("id", Ticket.id)),
    "priority": (("rank", RANK), ("updated_at", Ticket.updated_at), ("id", Ticket.id)),
    "number": (("number", Ticket.number),),
    "customer": (("sort_name", _NAME), ("updated_at", Ticket.updated_at), ("id", Ticket.id)),
}
_RISES_FIRST = frozenset({"customer"})  # A to Z at the first press; all others begin with the newest or largest


@dataclass(frozen=True)
class Order:
    """One order. Its parts are (name in the row, expression, whether it falls)."""

    key: str
    falls: bool

    @property
    def text(self) -> str:
        """As an address says it."""
        return f"-{self.key}" if self.falls else self.key

    @property
    def parts(self) -> list[tuple[str, Any, bool]]:
        """What is compared, one after the other. Within a customer the newest stand first, whatever the direction."""
        mixed = self.key == "customer"
        return [
            (name, expression, True if mixed and number else self.falls)
            for number, (name, expression) in enumerate(_FIRST[self.key])
        ]

    def by(self, columns: Any = None, *, backwards: bool = False) -> list[Any]:
        """The ORDER BY; of a subquery with these `columns`, or of tickets themselves."""
        found = []
        for name, expression, falls in self.parts:
            part = expression if columns is None else columns[name]
            found.append(part.desc() if falls != backwards else part.asc())
        return found

    def beyond(self, values: list[Any], *, backwards: bool = False) -> ColumnElement[bool]:
        """What stands after the row of these `values`, or before it."""
        parts = [(expression, falls != backwards) for _name, expression, falls in self.parts]
        if len({falls for _expression, falls in parts}) == 1:
            key, cut = tuple_(*(expression for expression, _falls in parts)), tuple(values)
            return key < cut if parts[0][1] else key > cut
        ways = []
        for number, (expression, falls) in enumerate(parts):
            same = [parts[i][0] == values[i] for i in range(number)]
            ways.append(and_(*same, expression < values[number] if falls else expression > values[number]))
        return or_(*ways)

    def joined(self, query: Select[Any]) -> Select[Any]:
        """`query` of tickets, with what this order compares."""
        if self.key == "customer":
            return query.outerjoin(Customer, Customer.id == Ticket.customer_id).add_columns(_NAME.label("sort_name"))
        return query.add_columns(RANK.label("rank")) if self.key == "priority" else query

    def position(self, row: Any) -> str:
        """Where `row` stands, as an address can carry it."""
        return ".".join(_written(getattr(row, name)) for name, _expression, _falls in self.parts)

    def read(self, text: str) -> list[Any] | None:
        """The values of such a position; None for what is none."""
        words = text.split(".")
        names = [name for name, _expression, _falls in self.parts]
        if len(words) != len(names):
            return None
        try:
            return [_read(name, word) for name, word in zip(names, words, strict=True)]
        except (ValueError, OverflowError, OSError, binascii.Error):
            return None

    def values_of(self, facts: Any) -> list[Any]:
        """The same of a ticket's facts (number, priority, customer, its times)."""
        known = {"rank": RANKS.get(facts.priority, 2), "sort_name": func.lower(literal(facts.customer or ""))}
        return [known[name] if name in known else getattr(facts, name) for name, _expression, _falls in self.parts]


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
        return "" if word == "-" else base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode()
    return max(0, min(int(word), 2**31 - 1))


NEWEST = Order("updated", True)
ORDERS = {order.text: order for key in _FIRST for order in (Order(key, True), Order(key, False))}


def order_named(*texts: str) -> Order:
    """The order of the first of `texts` that names one."""
    return next((ORDERS[text] for text in texts if text in ORDERS), NEWEST)


def next_press(key: str, now: Order) -> str:
    """What a press on the head of the column orders by, when `now` is in force."""
    if now.key == key:
        return Order(key, not now.falls).text
    return Order(key, key not in _RISES_FIRST).text
