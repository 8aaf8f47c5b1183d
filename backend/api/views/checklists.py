"""Checklists of tickets: read, added, ticked item by item."""

from sqlalchemy import select

from backend.api import keyed, named
from backend.api.operation import Listed, Put, operation
from backend.api.shapes.checklists import (
    ChecklistIn,
    ChecklistItemIn,
    ChecklistItemOut,
    ChecklistItemPatch,
    ChecklistOut,
)
from backend.auth import me, requires
from backend.checklists import actions
from backend.checklists.models import Checklist, ChecklistItem, ChecklistTemplate, checklists_of, checklists_visible_to
from backend.db import session
from backend.errors import Invalid, NotFound
from backend.i18n import _
from backend.tickets.actions import locked
from backend.tickets.models import Ticket


def _item(item: ChecklistItem) -> ChecklistItemOut:
    return ChecklistItemOut(
        id=item.id, text=item.text, done=item.done_at is not None, done_by=item.done_by, done_at=item.done_at
    )


def _shapes(ticket_id: int) -> list[ChecklistOut]:
    return [
        ChecklistOut(id=each.id, name=each.name, in_order=each.in_order, items=[_item(item) for item in each.items])
        for each in checklists_of(ticket_id)
    ]


@operation("GET", "/tickets/{number}/checklists", tag="tickets", answer=ChecklistOut, many=True, problems=(404,))
@requires("tickets.read")
def list_checklists(number: int) -> Listed:
    """The checklists of a ticket, all of them."""
    ticket = named.ticket(number)
    return Listed(_shapes(ticket.id) if me().is_staff else [])


@operation(
    "POST", "/tickets/{number}/checklists", tag="tickets", answer=ChecklistOut, statuses=(201,), body=ChecklistIn,
    keyed=True, problems=(404, 409),
)  # fmt: skip
@requires("tickets.write")
def add_checklist(number: int, body: ChecklistIn) -> Put:
    """Adds a checklist to a ticket.

    With the header Idempotency-Key the same request sent again adds no second one and is answered with the first.
    """
    ticket, done = named.ticket(number, lock=True), keyed.earlier()
    if done is None:
        if body.from_template:
            template = session.scalar(select(ChecklistTemplate).where(ChecklistTemplate.name == body.name))
            if template is None:
                sentence = _("There is no template named %(name)s.", name=body.name)
                raise Invalid(_("Please correct the marked fields."), fields={"name": sentence})
            made = actions.add_from_template(ticket, me(), template)
        else:
            made = actions.add_checklist(ticket, me(), body.name, in_order=body.in_order, items=body.items)
        keyed.keep(str(made.id))
        return Put(next(each for each in _shapes(ticket.id) if each.id == made.id), created=True)
    found = next((each for each in _shapes(ticket.id) if each.id == int(done)), None)
    if found is None:
        raise NotFound(_("There is no such checklist."))
    return Put(found, created=True, replayed=True)


def _the_list(number: int) -> tuple[Ticket, Checklist]:
    query = checklists_visible_to(me()).where(Checklist.id == number, Checklist.removed_at.is_(None))
    found = session.scalar(query)
    if found is None:
        raise NotFound(_("There is no such checklist."))
    ticket = locked(found.ticket_id)
    session.refresh(found)
    return ticket, found


def _the_item(number: int) -> tuple[Ticket, Checklist, ChecklistItem]:
    item = session.get(ChecklistItem, number)
    if item is None:
        raise NotFound(_("This item is no longer there."))
    ticket, checklist = _the_list(item.checklist_id)
    fresh = select(ChecklistItem).where(ChecklistItem.id == number).execution_options(populate_existing=True)
    item = session.scalar(fresh)
    if item is None:
        raise NotFound(_("This item is no longer there."))
    return ticket, checklist, item


@operation(
    "POST", "/checklists/{checklist}/items", tag="tickets", answer=ChecklistItemOut, statuses=(201,),
    body=ChecklistItemIn, keyed=True, problems=(404, 409),
)  # fmt: skip
@requires("tickets.write")
def add_checklist_item(checklist: int, body: ChecklistItemIn) -> Put:
    """Adds an item to a checklist.

    With the header Idempotency-Key the same request sent again adds no second one.
    """
    ticket, found = _the_list(checklist)
    done = keyed.earlier()
    if done is not None:
        return Put(_item(_the_item(int(done))[2]), created=True, replayed=True)
    item = actions.add_item(ticket, me(), found, body.text)
    keyed.keep(str(item.id))
    return Put(_item(item), created=True)


@operation(
    "PATCH",
    "/checklist-items/{item}",
    tag="tickets",
    answer=ChecklistItemOut,
    body=ChecklistItemPatch,
    problems=(404, 409),
)
@requires("tickets.write")
def change_checklist_item(item: int, body: ChecklistItemPatch) -> ChecklistItemOut:
    """Ticks an item, takes its tick off, or words it anew.

    What is already so is left alone and not logged. Items of a list with an order are ticked one after the other.
    """
    ticket, checklist, found = _the_item(item)
    if "text" in body.model_fields_set:
        actions.change_item(ticket, me(), checklist, found, body.text)
    if "done" in body.model_fields_set:
        actions.tick(ticket, me(), checklist, found, done=body.done)
    return _item(found)
