"""Most of the demo's orders: bundles of articles that customers have bought over the last year."""

import random
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from backend.demo.cast import Cast
from backend.demo.catalogue import CANCELLED, DELIVERED, INVOICED, OPEN, ORDERS, PARTIAL, LineRow, OrderRow

_SEED = 20461
_COUNT, _DAYS = 270, 395
_ABROAD = {"ANF-1": "VERSAND"}  # nobody is driven to a customer who is a day away


@cache
def catalogue() -> dict[str, Any]:
    """`bundles.toml`: the bundles, and articles and units as customers abroad read them."""
    return tomllib.loads((Path(__file__).parent / "bundles.toml").read_text(encoding="utf-8"))


class _Numbers:
    """Numbers that rise with time as those of the orders told by hand do: of orders, delivery notes, invoices."""

    def __init__(self, known: Iterable[tuple[int, str]]) -> None:
        points = sorted((-ago, int(written.translate(_DIGITS))) for ago, written in known if written)
        self._days, self._values = [day for day, _value in points], [value for _day, value in points]
        self._taken = set(self._values)

    def at(self, ago: int) -> int:
        """A number that nobody has, near those of `ago` days ago."""
        right = min(max(bisect_left(self._days, -ago), 1), len(self._days) - 1)
        (x0, x1), (y0, y1) = self._days[right - 1 : right + 1], self._values[right - 1 : right + 1]
        number = round(y0 + (y1 - y0) * (-ago - x0) / (x1 - x0))
        while number in self._taken:
            number += 1
        self._taken.add(number)
        return number


_DIGITS = dict.fromkeys(map(ord, "ALSR- "))


def _status(ago: int, rng: random.Random) -> str:
    if ago > 12 and rng.random() < 0.03:
        return CANCELLED
    if ago > 45:
        return INVOICED
    if ago > 20:
        return rng.choice((INVOICED, DELIVERED, DELIVERED))
    if ago > 7:
        return rng.choice((DELIVERED, PARTIAL, PARTIAL, OPEN))
    return OPEN


def _lines(bundle: dict[str, Any], status: str, abroad: bool, rng: random.Random) -> tuple[LineRow, ...]:
    """The bundle's lines; of an order in part, some things have come, and the rest has a date."""
    waiting = status in (OPEN, PARTIAL)
    lines: list[LineRow] = []
    for sku, quantity in bundle["lines"]:
        due = rng.randrange(2, 15) if waiting else None
        came = None
        if status == PARTIAL:
            whole = not lines or rng.random() < 0.4
            came = quantity if whole else "0"
        lines.append(LineRow(_ABROAD.get(sku, sku) if abroad else sku, quantity, came, due))
    if status == PARTIAL and all(line.delivered != "0" for line in lines):
        last = lines[-1]
        lines[-1] = LineRow(last.sku, last.quantity, "0", last.due)
    return tuple(lines)


def orders(cast: Cast) -> Iterator[OrderRow]:
    """The orders, the oldest first. Each language's customers have bought what their tickets are about."""
    rng, language_of = random.Random(_SEED), {person.id: person.language for person in cast.people.values()}
    contacts = [nick for nick, person in cast.people.items() if person.customer_id is not None]
    numbers = _Numbers((row.ago, row.number) for row in ORDERS)
    notes = _Numbers((max(0, row.ago - 6), row.note) for row in ORDERS)
    invoices = _Numbers((max(0, row.ago - 9), row.invoice) for row in ORDERS)
    bundles: list[dict[str, Any]] = []
    for ago in sorted((round(_DAYS * (place + rng.random()) / _COUNT) for place in range(_COUNT)), reverse=True):
        bundles = bundles or rng.sample(catalogue()["bundle"], len(catalogue()["bundle"]))
        bundle, nick = bundles.pop(), rng.choice(contacts)
        person = cast.people[nick]
        status, language = _status(ago, rng), language_of[person.id]
        lines = _lines(bundle, status, language != "de", rng)
        if status == PARTIAL and len(lines) == 1:
            status = DELIVERED
            lines = _lines(bundle, status, language != "de", rng)
        came = status in (PARTIAL, DELIVERED, INVOICED)
        yield OrderRow(
            f"A-{numbers.at(ago)}",
            nick,
            ago,
            rng.choice(bundle["title"][language]).format(n=bundle["lines"][0][1]),
            status,
            lines,
            note=f"LS {notes.at(max(0, ago - 6))}" if came else "",
            invoice=f"R-{invoices.at(max(0, ago - 9))}" if status == INVOICED else "",
        )
