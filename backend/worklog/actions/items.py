"""Products, travel and other expenses on a ticket. What has been billed stays as it is."""

from decimal import Decimal
from typing import Any

from backend import clock, files
from backend.auth import Who
from backend.contracts.models import under
from backend.db import session
from backend.errors import Invalid
from backend.i18n import _
from backend.tickets.actions import Enclosure, record
from backend.tickets.models import Ticket
from backend.worklog.actions.entries import currency_under, refuse_billed, refuse_stale
from backend.worklog.models import ItemKind, TicketItem
from backend.worklog.words import plain

MAX_NAME, MAX_NOTE = 200, 4_000
_KEPT = ("kind", "name", "quantity", "price", "discount", "currency", "note")
_LIMITS = {
    "quantity": (Decimal("0.001"), Decimal("9999999.999")),
    "price": (Decimal("-9999999.9999"), Decimal("9999999.9999")),
    "discount": (Decimal(0), Decimal(100)),
}


def _check(values: dict[str, Any]) -> None:
    wrong = {}
    if "name" in values:
        values["name"] = " ".join(values["name"].replace("\x00", "").split())
        if not values["name"] or len(values["name"]) > MAX_NAME:
            wrong["name"] = _("A name of at most %(number)s characters is needed.", number=MAX_NAME)
    if "note" in values:
        values["note"] = values["note"].replace("\x00", "").strip()
        if len(values["note"]) > MAX_NOTE:
            wrong["note"] = _("This is too long: at most %(number)s characters.", number=MAX_NOTE)
    for name, (low, high) in _LIMITS.items():
        if name in values and not low <= values[name] <= high:
            wrong[name] = _("A number from %(low)s to %(high)s, please.", low=plain(low), high=plain(high))
    if wrong:
        raise Invalid(_("Please correct the marked fields."), fields=wrong)


def _attach(item: TicketItem, file: Enclosure | None) -> None:
    item.file_name = file.name[:255] if file else ""
    item.file_type = file.content_type if file else ""
    item.file_size = len(file.content) if file else 0
    item.file_sha256 = files.keep(file.content) if file else ""


def _said(item: TicketItem) -> str:
    return f"{plain(item.quantity)} × {item.name}"


def add_item(
    ticket: Ticket, who: Who, *, file: Enclosure | None = None, currency: str = "", **given: Any
) -> TicketItem:
    """Something used or spent: name, quantity, price and, if wanted, kind, discount, note. Raises Invalid.

    Travel without a price costs the flat rate of the ticket's contract.
    """
    contract = under(ticket.contract_id)
    currency = currency or currency_under(contract)
    values = {"kind": ItemKind.PRODUCT, "price": Decimal(0), "discount": Decimal(0), "note": "", **given}
    if values["kind"] == ItemKind.TRAVEL and "price" not in given and contract and contract.currency == currency:
        values["price"] = contract.travel_flat_rate or Decimal(0)
    _check(values)
    now = clock.now()
    item = TicketItem(
        ticket_id=ticket.id,
        person_id=who.person_id,
        currency=currency,
        version=1,
        created_at=now,
        updated_at=now,
        **{**values, "kind": ItemKind(values["kind"]).value},
    )
    _attach(item, file)
    session.add(item)
    session.flush()
    record(ticket, who, "item_added", after=_said(item), item_id=item.id)
    return item


def change_item(
    item: TicketItem,
    who: Who,
    *,
    version: int | None = None,
    file: Enclosure | None = None,
    without_file: bool = False,
    **properties: Any,
) -> bool:
    """Changes what is named; whether that changed anything. `file` replaces the one that was there.

    Raises Conflict when it has been billed, or changed since `version`; Invalid naming the fields.
    """
    refuse_billed(item)
    _check(properties)
    changes = {name: value for name, value in properties.items() if name in _KEPT and getattr(item, name) != value}
    filed = file is not None or (without_file and bool(item.file_sha256))
    if not changes and not filed:
        return False
    refuse_stale(item, version)
    before = _said(item)
    for name, value in changes.items():
        setattr(item, name, value)
    if filed:
        _attach(item, file)
    item.version += 1
    item.updated_at = clock.now()
    fields = [*changes, *(["file"] if filed else [])]
    ticket = session.get_one(Ticket, item.ticket_id)
    record(ticket, who, "item_changed", before=before, after=_said(item), item_id=item.id, fields=fields)
    return True


def remove_item(item: TicketItem, who: Who) -> None:
    """Deletes the item; `restore_item` brings it back. Raises Conflict when it has been billed."""
    if item.deleted_at is not None:
        return
    refuse_billed(item)
    item.deleted_at = clock.now()
    item.version += 1
    record(session.get_one(Ticket, item.ticket_id), who, "item_removed", before=_said(item), item_id=item.id)


def restore_item(item: TicketItem, who: Who) -> None:
    """A deleted item is there again, as it was."""
    if item.deleted_at is None:
        return
    item.deleted_at = None
    item.version += 1
    record(session.get_one(Ticket, item.ticket_id), who, "item_restored", after=_said(item), item_id=item.id)
