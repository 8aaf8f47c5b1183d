"""Time entries: noted, changed, deleted, taken back. What has been billed stays as it is."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select

from backend import clock, live
from backend.auth import Who
from backend.contracts.models import Contract, under
from backend.db import session
from backend.errors import Conflict, Invalid, Refused
from backend.i18n import _
from backend.settings.models import setting
from backend.tickets.actions import record
from backend.tickets.models import Ticket
from backend.worklog.models import LONGEST, BillableKind, TimeEntry, may_change
from backend.worklog.words import hours

MAX_TEXT = 10_000
EARLIEST = date(2000, 1, 1)
_KEPT = ("worked_on", "start", "minutes", "kind", "rate", "currency", "text")
_MOST = Decimal("999999.99")


def ticket_first(query: Select[Any]) -> None:
    """Locks the ticket on which the one row of `query`, joined with its `Ticket`, stands: the ticket before the row.

    Whoever deletes or merges the ticket does so before or after all that this transaction does to the row.
    """
    ticket_id = session.scalar(query.with_only_columns(Ticket.id, maintain_column_froms=True))
    session.execute(select(Ticket.id).where(Ticket.id == ticket_id).with_for_update(key_share=True))


def tell(entry: TimeEntry) -> None:
    """Has the pages look again that list worked time."""
    live.tell("worklog", f"worklog:{entry.person_id}")


def refuse_billed(row: Any) -> None:
    """Raises Conflict when it has been billed."""
    if row.billed_at is not None:
        raise Conflict(_("This has been billed and cannot be changed."))


def refuse_stale(row: Any, version: int | None) -> None:
    """Raises Conflict when somebody has changed it since `version` was shown; None: whatever it is."""
    if version is not None and version != row.version:
        raise Conflict(_("Somebody has changed this meanwhile. What you have typed is still here; please look again."))


def _refuse_others(entry: TimeEntry, who: Who) -> None:
    refuse_billed(entry)
    if not may_change(who, entry):
        raise Refused(_("This is somebody else's time. They can change it themselves, and administrators can."))


def _check(values: dict[str, Any]) -> None:
    wrong = {}
    if "minutes" in values and not 1 <= values["minutes"] <= LONGEST:
        wrong["minutes"] = _("From 1 minute to 24 hours, please.")
    day: date | None = values.get("worked_on")
    if day is not None and not EARLIEST <= day <= clock.now().date() + timedelta(days=1):
        wrong["worked_on"] = _("This day is too early, or still to come.")
    if len(values.get("text") or "") > MAX_TEXT:
        wrong["text"] = _("This is too long: at most %(number)s characters.", number=MAX_TEXT)
    rate: Decimal | None = values.get("rate")
    if rate is not None and not 0 <= rate <= _MOST:
        wrong["rate"] = _("A rate is between 0 and %(most)s.", most=_MOST)
    if wrong:
        raise Invalid(_("Please correct the marked fields."), fields=wrong)


def currency_under(contract: Contract | None) -> str:
    """The currency of a new entry or item: the contract's where that names prices, else the installation's."""
    return contract.currency if contract is not None and contract.priced else setting("time_currency")


def _rate_by(contract: Contract | None, kind: str, currency: str) -> Decimal | None:
    return contract.rate_of(kind) if contract is not None and contract.currency == currency else None


def _refuse_uncovered(ticket: Ticket, kind: str) -> None:
    if kind == BillableKind.CONTRACT and ticket.contract_id is None:
        says = _("This ticket has no contract. Choose one, or say otherwise who pays.")
        raise Invalid(says, fields={"kind": says})


def note_time(
    ticket: Ticket,
    who: Who,
    *,
    worked_on: date,
    minutes: int,
    start: time | None = None,
    kind: BillableKind = BillableKind.BILLABLE,
    rate: Decimal | None = None,
    by_contract: bool = True,
    currency: str = "",
    text: str = "",
    person_id: int | None = None,
    timer_id: int | None = None,
    measured_seconds: int = 0,
) -> TimeEntry:
    """Time that `who`, or the person with `person_id`, worked on `ticket`.

    `by_contract`: without a `rate` it has the one of the ticket's contract. Raises Invalid naming the fields, also for
    work in the contract on a ticket that has none.
    """
    _refuse_uncovered(ticket, kind)
    _check({"minutes": minutes, "worked_on": worked_on, "text": text, "rate": rate})
    worker = person_id if person_id is not None else who.person_id
    if worker is None:
        raise Invalid(_("Please correct the marked fields."), fields={"person": _("Say who has worked.")})
    now, contract = clock.now(), under(ticket.contract_id)
    currency = currency or currency_under(contract)
    entry = TimeEntry(
        ticket_id=ticket.id,
        person_id=worker,
        worked_on=worked_on,
        start=start,
        minutes=minutes,
        kind=BillableKind(kind).value,
        rate=rate if rate is not None or not by_contract else _rate_by(contract, kind, currency),
        currency=currency,
        text=text.replace("\x00", "").strip(),
        timer_id=timer_id,
        measured_seconds=measured_seconds,
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(entry)
    session.flush()
    record(ticket, who, "time_noted", after=hours(minutes), entry_id=entry.id, kind=entry.kind)
    tell(entry)
    return entry


def _repriced(entry: TimeEntry, ticket: Ticket, properties: dict[str, Any]) -> dict[str, Any]:
    """The rate that comes with another kind: none of one's own was there, and none is named."""
    contract = under(ticket.contract_id)
    if contract is None or contract.currency != entry.currency or entry.rate != contract.rate_of(entry.kind):
        return {}
    return {"rate": contract.rate_of(properties["kind"])} if properties.get("rate", entry.rate) == entry.rate else {}


def change_time(
    entry: TimeEntry, who: Who, *, version: int | None = None, by_contract: bool = True, **properties: Any
) -> bool:
    """Changes what is named: worked_on, start, minutes, kind, rate, currency, text; whether that changed anything.

    `by_contract`: another kind brings the contract's rate for it, where the rate was the contract's and stays unsaid.
    Raises Conflict when it has been billed, or changed since `version`; Refused when it is somebody else's.
    """
    _refuse_others(entry, who)
    if "text" in properties:
        properties["text"] = (properties["text"] or "").replace("\x00", "").strip()
    _check(properties)
    ticket = session.get_one(Ticket, entry.ticket_id)
    if properties.get("kind", entry.kind) != entry.kind:
        _refuse_uncovered(ticket, properties["kind"])
        properties |= _repriced(entry, ticket, properties) if by_contract else {}
    changes = {name: value for name, value in properties.items() if name in _KEPT and getattr(entry, name) != value}
    if not changes:
        return False
    refuse_stale(entry, version)
    before = hours(entry.minutes)
    for name, value in changes.items():
        setattr(entry, name, value)
    entry.version += 1
    entry.updated_at = clock.now()
    record(
        ticket, who, "time_changed", before=before, after=hours(entry.minutes), entry_id=entry.id, fields=list(changes)
    )
    tell(entry)
    return True


def remove_time(entry: TimeEntry, who: Who) -> None:
    """Deletes the entry; `restore_time` brings it back. Raises as `change_time`."""
    if entry.deleted_at is not None:
        return
    _refuse_others(entry, who)
    entry.deleted_at = clock.now()
    entry.version += 1
    record(
        session.get_one(Ticket, entry.ticket_id), who, "time_removed", before=hours(entry.minutes), entry_id=entry.id
    )
    tell(entry)


def restore_time(entry: TimeEntry, who: Who) -> None:
    """A deleted entry is there again, as it was."""
    if entry.deleted_at is None:
        return
    _refuse_others(entry, who)
    entry.deleted_at = None
    entry.version += 1
    record(
        session.get_one(Ticket, entry.ticket_id), who, "time_restored", after=hours(entry.minutes), entry_id=entry.id
    )
    tell(entry)
