"""What a table of orders would change: each order found, its customer, site and contact found, and compared.

Reads only. Orders are taken some hundreds at a time, so that a large table needs few queries and little memory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from backend.db import session
from backend.i18n import _
from backend.orders.drafts import MAX_TOTAL, LineDraft, OrderDraft, Problem, Sheet
from backend.orders.models import Order, OrderLine, OrderStatus, orders_visible_to
from backend.people.models import Customer, EmailAddress, Person, Site, customers_visible_to
from backend.roles import Who

BATCH = 500
CURRENCY = "EUR"
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Difference:
    """One field that would change. `position`: of the line, None for the order itself. `line`: all of a line."""

    field: str
    before: Any
    after: Any
    position: int | None = None


@dataclass
class Wanted:
    """One order as it is to become, beside the one that is there (`order`, None where it is new)."""

    number: str
    row: int
    order: Order | None
    customer: Customer
    ordered_on: date
    status: str
    currency: str
    title: str
    site: Site | None
    contact: Person | None
    total: Decimal
    lines: list[dict[str, Any]] | None
    differences: list[Difference] = field(default_factory=list)


class _Wrong(Exception):
    def __init__(self, field: str, sentence: str, row: int | None = None) -> None:
        super().__init__(sentence)
        self.field, self.row = field, row


class _Surroundings:
    """What some orders of a table name, found with one query for each kind."""

    def __init__(self, drafts: Iterable[OrderDraft], who: Who, *, lock: bool) -> None:
        drafts = list(drafts)
        query = orders_visible_to(who).where(Order.number.in_([draft.number for draft in drafts]))
        query = query.options(
            selectinload(Order.lines),
            selectinload(Order.documents),
            joinedload(Order.customer),
            joinedload(Order.site),
            joinedload(Order.contact),
        )
        query = query.with_for_update(of=Order) if lock else query
        self.orders = {order.number: order for order in session.scalars(query)}
        words = self._words(drafts, "customer") | self._words(drafts, "customer_name")
        visible = customers_visible_to(who)
        self.by_key = {one.key: one for one in session.scalars(visible.where(Customer.key.in_(words)))}
        self.by_name: dict[str, list[Customer]] = {}
        lowered = {word.lower() for word in words}
        for one in session.scalars(visible.where(func.lower(Customer.name).in_(lowered))):
            self.by_name.setdefault(one.name.lower(), []).append(one)
        customers = {one.id for one in (*self.by_key.values(), *(c for each in self.by_name.values() for c in each))}
        customers |= {order.customer_id for order in self.orders.values()}
        self.sites: dict[tuple[int, str], Site] = {}
        if self._words(drafts, "site"):
            for site in session.scalars(select(Site).where(Site.customer_id.in_(customers))):
                self.sites.setdefault((site.customer_id, site.name.lower()), site)
            for site in list(self.sites.values()):
                self.sites[site.customer_id, site.key.lower()] = site
        addresses = self._words(drafts, "contact")
        owners = select(EmailAddress.address, Person).join(Person, Person.id == EmailAddress.person_id)
        self.people: dict[str, Person] = {
            row.address: row.Person for row in session.execute(owners.where(EmailAddress.address.in_(addresses)))
        }

    @staticmethod
    def _words(drafts: list[OrderDraft], name: str) -> set[str]:
        return {draft.values[name] for draft in drafts if draft.values.get(name)}


def _customer(draft: OrderDraft, order: Order | None, around: _Surroundings) -> Customer:
    key, name = draft.values.get("customer"), draft.values.get("customer_name")
    if not key and not name:
        if order is None:
            raise _Wrong("customer", _("The customer is missing."))
        return order.customer
    if key and key in around.by_key:
        return around.by_key[key]
    word, named = (key, "customer") if key else (name or "", "customer_name")
    found = around.by_name.get(word.lower(), [])
    if not found and named == "customer_name" and word in around.by_key:
        return around.by_key[word]
    if len(found) > 1:
        raise _Wrong(named, _("There are several customers named “%(name)s”; please give the number.", name=word))
    if not found:
        raise _Wrong(named, _("There is no customer “%(name)s”.", name=word))
    return found[0]


def _site(draft: OrderDraft, customer: Customer, around: _Surroundings) -> Site | None:
    word = draft.values.get("site")
    if not word:
        return None
    found = around.sites.get((customer.id, word.lower()))
    if found is None:
        raise _Wrong("site", _("%(customer)s has no site “%(name)s”.", customer=customer.name, name=word))
    return found


def _contact(draft: OrderDraft, customer: Customer, around: _Surroundings) -> Person | None:
    address = draft.values.get("contact")
    if not address:
        return None
    found = around.people.get(address)
    if found is None or found.customer_id != customer.id:
        raise _Wrong(
            "contact",
            _("Nobody at %(customer)s has the address %(address)s.", customer=customer.name, address=address),
        )
    return found


def _line(draft: LineDraft, have: OrderLine | None) -> tuple[dict[str, Any], list[Difference]]:
    """The line as it is to become, and what of it changes."""
    line = {"position": draft.position, **draft.values}
    if have is not None:
        changed = [
            Difference(name, getattr(have, name), value, draft.position)
            for name, value in draft.values.items()
            if getattr(have, name) != value
        ]
        line.setdefault("quantity", have.quantity)
        line.setdefault("price", have.price)
        return line, changed
    if "quantity" not in line:
        raise _Wrong("quantity", _("The quantity is missing."), draft.row)
    if not line.get("description") and not line.get("sku"):
        raise _Wrong("description", _("The description is missing."), draft.row)
    line.setdefault("description", "")
    return line, [Difference("line", None, line, draft.position)]


def _lines(draft: OrderDraft, order: Order | None) -> tuple[list[dict[str, Any]] | None, list[Difference]]:
    if draft.lines is None:
        return None, []
    have = {line.position: line for line in order.lines} if order else {}
    lines, differences = [], []
    for each in draft.lines:
        line, changed = _line(each, have.pop(each.position, None))
        lines.append(line)
        differences += changed
    gone = (
        {"description": line.description, "quantity": line.quantity, "unit": line.unit, "sku": line.sku}
        for line in have.values()
    )
    differences += [Difference("line", old, None, position) for position, old in zip(have, gone, strict=True)]
    return lines, differences


def _total(draft: OrderDraft, order: Order | None, lines: list[dict[str, Any]] | None, *, same: bool) -> Decimal:
    if "total" in draft.values:
        return Decimal(draft.values["total"])
    if order is not None and (same or lines is None):
        return order.total
    total = sum((line["quantity"] * line.get("price", Decimal(0)) for line in lines or ()), Decimal(0)).quantize(_CENT)
    if abs(total) > MAX_TOTAL:
        raise _Wrong("price", _("The sum of the lines is too large."))
    return total


def _wanted(draft: OrderDraft, columns: frozenset[str], around: _Surroundings) -> Wanted:
    """The order as it is to become. Raises _Wrong."""
    order = around.orders.get(draft.number)
    customer = _customer(draft, order, around)
    moved = order is None or order.customer_id != customer.id
    given = draft.values
    if order is None and "ordered_on" not in given:
        raise _Wrong("ordered_on", _("The date is missing."))
    currency = given.get("currency") or (order.currency if order else CURRENCY)
    for code, row in draft.currencies.items():
        if code != currency:
            sentence = _("An amount is in %(other)s, the order in %(currency)s.", other=code, currency=currency)
            raise _Wrong("price" if "price" in columns else "total", sentence, row)
    lines, differences = _lines(draft, order)
    wanted = Wanted(
        number=draft.number,
        row=draft.row,
        order=order,
        customer=customer,
        ordered_on=given["ordered_on"] if order is None else given.get("ordered_on", order.ordered_on),
        status=str(given.get("status") or (order.status if order else OrderStatus.OPEN)),
        currency=currency,
        title=given.get("title", "") if order is None or "title" in columns else order.title,
        site=_site(draft, customer, around) if moved or "site" in columns or order is None else order.site,
        contact=_contact(draft, customer, around) if moved or "contact" in columns or order is None else order.contact,
        total=_total(draft, order, lines, same=not differences),
        lines=lines,
    )
    if order is not None:
        wanted.differences = [*_changed(order, wanted), *differences]
    return wanted


def _changed(order: Order, wanted: Wanted) -> list[Difference]:
    linked: tuple[tuple[str, Any, Any], ...] = (
        ("customer_name", order.customer, wanted.customer),
        ("site", order.site, wanted.site),
        ("contact", order.contact, wanted.contact),
    )
    plain = ("ordered_on", "status", "currency", "title", "total")
    return [
        Difference(name, before.name if before else "", after.name if after else "")
        for name, before, after in linked
        if (before and before.id) != (after and after.id)
    ] + [
        Difference(name, getattr(order, name), getattr(wanted, name))
        for name in plain
        if getattr(order, name) != getattr(wanted, name)
    ]


def compare(sheet: Sheet, who: Who, *, lock: bool = False) -> Iterator[tuple[list[Wanted], list[Problem]]]:
    """For some hundred orders at a time: how they are to become, and why some of them cannot be.

    `lock`: the orders that are there are going to be changed.
    """
    columns = frozenset(sheet.choices.columns)
    right = [draft for draft in sheet.drafts if not draft.wrong]
    for start in range(0, len(right), BATCH):
        drafts = right[start : start + BATCH]
        around = _Surroundings(drafts, who, lock=lock)
        wanted: list[Wanted] = []
        problems: list[Problem] = []
        for draft in drafts:
            try:
                wanted.append(_wanted(draft, columns, around))
            except _Wrong as wrong:
                place = sheet.choices.columns.get(wrong.field)
                heading = sheet.headings[place] if place is not None and place < len(sheet.headings) else ""
                problems.append(Problem(wrong.row or draft.row, heading, str(wrong), draft.number))
        yield wanted, problems
