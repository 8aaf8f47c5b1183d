"""Products, travel and other expenses of tickets."""

from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import joinedload

from backend import config, files
from backend.api import cursor, keyed, named
from backend.api.operation import PREFIX, Listed, Put, operation
from backend.api.said import enclosed
from backend.api.shapes.values import PageQuery
from backend.api.shapes.worklog import TicketItemIn, TicketItemOut, TicketItemPatch, given_of
from backend.auth import me, requires
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.web import file_response
from backend.worklog import actions
from backend.worklog.models import ItemKind, TicketItem, items_visible_to


def _item(item: TicketItem) -> TicketItemOut:
    return TicketItemOut(
        id=item.id,
        ticket=item.ticket.number,
        kind=ItemKind(item.kind),
        name=item.name,
        quantity=float(item.quantity),
        price=float(item.price),
        discount=float(item.discount),
        currency=item.currency,
        total=float(item.total),
        note=item.note,
        file=f"{config.current().url}{PREFIX}/items/{item.id}/file" if item.file_sha256 else None,
        billed_at=item.billed_at,
        created_at=item.created_at,
        updated_at=item.updated_at,
    )


def _items(*, deleted: bool = False) -> Select[TicketItem]:
    return items_visible_to(me(), deleted=deleted).options(joinedload(TicketItem.ticket))


def _one_item(item_id: int, *, lock: bool = False, deleted: bool = False) -> TicketItem:
    session.flush()
    if lock:
        actions.ticket_first(items_visible_to(me(), deleted=True).where(TicketItem.id == item_id))
    query = _items(deleted=deleted).where(TicketItem.id == item_id).execution_options(populate_existing=True)
    found = session.scalar(query.with_for_update(of=TicketItem) if lock else query)
    if found is None:
        raise NotFound(_("This item is no longer there."))
    return found


@operation(
    "GET", "/tickets/{number}/items", tag="items", answer=TicketItemOut, many=True, query=PageQuery, problems=(404,)
)  # fmt: skip
@requires("time.read")
def list_items(number: int, query: PageQuery) -> Listed:
    """What was used or spent on a ticket, the oldest first."""
    ticket = named.ticket(number)
    purpose, wanted = f"items of {ticket.id}", _items().where(TicketItem.ticket_id == ticket.id)
    if query.cursor:
        wanted = wanted.where(TicketItem.id > cursor.unseal(purpose, query.cursor)[0])
    rows = list(session.scalars(wanted.order_by(TicketItem.id).limit(query.limit + 1)))
    page = rows[: query.limit]
    return Listed([_item(item) for item in page], cursor.seal(purpose, page[-1].id) if len(rows) > len(page) else "")


@operation(
    "POST", "/tickets/{number}/items", tag="items", answer=TicketItemOut, statuses=(201,), body=TicketItemIn,
    files=True, keyed=True, problems=(404, 409),
)  # fmt: skip
@requires("time.write")
def create_item(number: int, body: TicketItemIn) -> Put:
    """Adds something used or spent: a product, travel, another expense.

    With the header Idempotency-Key the same request sent again adds it once and is answered with the first.
    """
    ticket = named.ticket(number, lock=True)
    done = keyed.earlier()
    if done is not None:
        return Put(_item(_one_item(int(done), deleted=True)), created=True, replayed=True)
    kept = enclosed([body.file]) if body.file is not None else ()
    item = actions.add_item(
        ticket,
        me(),
        file=kept[0] if kept else None,
        kind=body.kind,
        name=body.name,
        quantity=body.quantity,
        discount=body.discount,
        currency=body.currency or "",
        note=body.note,
        **({"price": body.price} if "price" in body.model_fields_set else {}),
    )
    keyed.keep(str(item.id))
    return Put(_item(_one_item(item.id)), created=True)


@operation("GET", "/items/{item}", tag="items", answer=TicketItemOut, problems=(404,))
@requires("time.read")
def get_item(item: int) -> TicketItemOut:
    """One item."""
    return _item(_one_item(item))


@operation("GET", "/items/{item}/file", tag="items", answer=None, problems=(404,))
@requires("time.read")
def get_item_file(item: int) -> Any:
    """The file of an item."""
    found = _one_item(item)
    if not found.file_sha256:
        raise NotFound(_("This file is not there."))
    return file_response(files.read(found.file_sha256), name=found.file_name, content_type=found.file_type)


@operation("PATCH", "/items/{item}", tag="items", answer=TicketItemOut, body=TicketItemPatch, problems=(404, 409))
@requires("time.write")
def patch_item(item: int, body: TicketItemPatch) -> TicketItemOut:
    """Changes an item: what is named, the rest stays. What has been billed stays as it is (409)."""
    actions.change_item(_one_item(item, lock=True), me(), **given_of(body))
    return _item(_one_item(item))


@operation("DELETE", "/items/{item}", tag="items", answer=TicketItemOut, problems=(404, 409))
@requires("time.write")
def delete_item(item: int) -> TicketItemOut:
    """Deletes an item. Deleted twice it is as once; what has been billed stays (409)."""
    actions.remove_item(_one_item(item, lock=True, deleted=True), me())
    return _item(_one_item(item, deleted=True))
