"""Time entries and items as the pages list them: a query for each block, and sums that are right whatever is shown."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, false, func, select
from sqlalchemy.sql.elements import ColumnElement

from backend.auth import Who
from backend.db import session
from backend.people.models import Customer, Person
from backend.tickets.models import Ticket, visible
from backend.worklog.models import BillableKind, TicketItem, TimeEntry

LISTED = 300  # entries of one page; the sums are of all
_ENTRIES: Any = (
    select(TimeEntry, Person.name.label("person"))
    .join(Person, Person.id == TimeEntry.person_id)
    .where(TimeEntry.ticket_id == bindparam("ticket"), TimeEntry.deleted_at.is_(None))
    .order_by(TimeEntry.worked_on.desc(), TimeEntry.id.desc())
)
_ITEMS: Any = (
    select(TicketItem)
    .where(TicketItem.ticket_id == bindparam("ticket"), TicketItem.deleted_at.is_(None))
    .order_by(TicketItem.id)
)


@dataclass
class Worked:
    """What stands on one ticket."""

    entries: list[Any] = field(default_factory=list)  # rows of (TimeEntry, person)
    items: list[TicketItem] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        """Of all entries."""
        return sum(row.TimeEntry.minutes for row in self.entries)

    @property
    def unbilled(self) -> int:
        """Minutes that are to be billed and are not yet."""
        kinds = (BillableKind.BILLABLE, BillableKind.CONTRACT)
        entries = (row.TimeEntry for row in self.entries)
        return sum(one.minutes for one in entries if one.billed_at is None and one.kind in kinds)

    @property
    def totals(self) -> list[tuple[str, Decimal]]:
        """What the items come to, by currency."""
        return totals((item.currency, item.total) for item in self.items)


def totals(amounts: Iterable[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    """Sums by currency."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for currency, amount in amounts:
        sums[currency] += amount
    return sorted(sums.items())


def worked_on(who: Who, ticket_id: int, *, anything: bool) -> Worked:
    """What stands on the ticket; `anything`: whether it is worth asking."""
    if not anything or not who.is_staff or not who.may("time.read"):
        return Worked()
    ticket = {"ticket": ticket_id}
    return Worked(list(session.execute(_ENTRIES, ticket)), list(session.scalars(_ITEMS, ticket)))


@dataclass(frozen=True)
class Wanted:
    """Which entries a list shows."""

    first: date
    last: date
    person_id: int | None = None
    customer_id: int | None = None

    def conditions(self, who: Who) -> list[ColumnElement[bool]]:
        """As conditions on `TimeEntry` joined with its `Ticket`."""
        where = [visible(who), TimeEntry.deleted_at.is_(None), TimeEntry.worked_on.between(self.first, self.last)]
        if not who.is_staff or not who.may("time.read"):
            where.append(false())
        if self.person_id is not None:
            where.append(TimeEntry.person_id == self.person_id)
        if self.customer_id is not None:
            where.append(Ticket.customer_id == self.customer_id)
        return where


def listed(who: Who, wanted: Wanted) -> list[Any]:
    """The newest entries, with person, ticket and customer."""
    query: Any = (
        select(
            TimeEntry,
            Person.name.label("person"),
            Ticket.number,
            Ticket.subject,
            Customer.key.label("customer_key"),
            Customer.name.label("customer"),
        )
        .join(Ticket, Ticket.id == TimeEntry.ticket_id)
        .join(Person, Person.id == TimeEntry.person_id)
        .outerjoin(Customer, Customer.id == Ticket.customer_id)
        .where(*wanted.conditions(who))
        .order_by(TimeEntry.worked_on.desc(), TimeEntry.start.desc().nulls_last(), TimeEntry.id.desc())
        .limit(LISTED)
    )
    return list(session.execute(query))


def sums(who: Who, wanted: Wanted) -> dict[tuple[date, str], int]:
    """Minutes by day and billable kind, of all entries there are."""
    query = (
        select(TimeEntry.worked_on, TimeEntry.kind, func.sum(TimeEntry.minutes))
        .join(Ticket, Ticket.id == TimeEntry.ticket_id)
        .where(*wanted.conditions(who))
        .group_by(TimeEntry.worked_on, TimeEntry.kind)
    )
    return {(row[0], row[1]): int(row[2]) for row in session.execute(query)}
