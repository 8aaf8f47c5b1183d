"""Checklists on a ticket: added, ticked item by item, changed. The caller holds the ticket's lock."""

from sqlalchemy import func, select

from backend import clock
from backend.auth import Who
from backend.checklists.models import Checklist, ChecklistItem, ChecklistTemplate
from backend.db import session
from backend.errors import Conflict, Invalid, Refused
from backend.i18n import _
from backend.tickets.actions import record
from backend.tickets.models import Ticket

MAX_TEXT = 500
MAX_ITEMS = 200
MAX_LISTS = 30


def checked_name(name: str) -> str:
    """`name` on one line. Raises Invalid when it is empty or too long."""
    return _line(name, "name", _("A name is needed."), 200)


def checked_items(lines: list[str]) -> list[str]:
    """The texts of items, empty lines left out. Raises Invalid when one is too long, or there are too many."""
    texts = [_line(line, "items", "", MAX_TEXT) for line in lines if line.strip()]
    if len(texts) > MAX_ITEMS:
        raise Invalid(
            _("Please correct the marked fields."),
            fields={"items": _("A checklist has at most %(max)s items.", max=MAX_ITEMS)},
        )
    return texts


def _line(text: str, field: str, empty: str, most: int) -> str:
    text = " ".join(text.replace("\x00", "").split())
    if not text or len(text) > most:
        says = empty if not text else _("At most %(max)s characters are possible.", max=most)
        raise Invalid(_("Please correct the marked fields."), fields={field: says})
    return text


def add_checklist(ticket: Ticket, actor: Who, name: str, *, in_order: bool = False, items: list[str]) -> Checklist:
    """A checklist of that name with those items, none of them ticked. Raises Invalid."""
    name, texts = checked_name(name), checked_items(items)
    count = select(func.count()).where(Checklist.ticket_id == ticket.id, Checklist.removed_at.is_(None))
    if (session.scalar(count) or 0) >= MAX_LISTS:
        raise Refused(_("A ticket has at most %(max)s checklists.", max=MAX_LISTS))
    made = Checklist(ticket_id=ticket.id, name=name, in_order=in_order, removed_at=None)
    session.add(made)
    session.flush()
    session.add_all(
        ChecklistItem(checklist_id=made.id, position=position, text=text, done_at=None)
        for position, text in enumerate(texts, start=1)
    )
    record(ticket, actor, "checklist_added", after=name, checklist=made.id)
    session.flush()
    return made


def add_from_template(ticket: Ticket, actor: Who, template: ChecklistTemplate) -> Checklist:
    """A copy of `template`."""
    return add_checklist(ticket, actor, template.name, in_order=template.in_order, items=template.items)


def change_checklist(ticket: Ticket, actor: Who, checklist: Checklist, *, name: str, in_order: bool) -> bool:
    """Names the list anew and says whether its items have an order; whether that changed anything. Raises Invalid."""
    name = checked_name(name)
    before, order_before = checklist.name, checklist.in_order
    checklist.name, checklist.in_order = name, in_order
    if before != name:
        record(ticket, actor, "checklist_renamed", before=before, after=name, checklist=checklist.id)
    if order_before != in_order:
        verb = "checklist_ordered" if in_order else "checklist_unordered"
        record(ticket, actor, verb, after=name, checklist=checklist.id)
    return before != name or order_before != in_order


def remove_checklist(ticket: Ticket, actor: Who, checklist: Checklist) -> None:
    """Takes the list off the ticket; `restore_checklist` brings it back as it was."""
    if checklist.removed_at is None:
        checklist.removed_at = clock.now()
        record(ticket, actor, "checklist_removed", before=checklist.name, checklist=checklist.id)


def restore_checklist(ticket: Ticket, actor: Who, checklist: Checklist) -> None:
    """Brings a removed list back."""
    if checklist.removed_at is not None:
        checklist.removed_at = None
        record(ticket, actor, "checklist_restored", after=checklist.name, checklist=checklist.id)


def _items(checklist: Checklist) -> list[ChecklistItem]:
    query = select(ChecklistItem).where(ChecklistItem.checklist_id == checklist.id)
    fresh = query.order_by(ChecklistItem.position, ChecklistItem.id).execution_options(populate_existing=True)
    return list(session.scalars(fresh))


def _there(checklist: Checklist) -> None:
    if checklist.removed_at is not None:
        raise Conflict(_("This checklist was removed meanwhile."))


def add_item(ticket: Ticket, actor: Who, checklist: Checklist, text: str, *, position: int = 0) -> ChecklistItem:
    """One more thing to be done, at the end or at `position` (from 1). Raises Invalid, Conflict."""
    _there(checklist)
    text, items = _line(text, "text", _("There is no text yet."), MAX_TEXT), _items(checklist)
    if len(items) >= MAX_ITEMS:
        raise Refused(_("A checklist has at most %(max)s items.", max=MAX_ITEMS))
    made = ChecklistItem(checklist_id=checklist.id, position=0, text=text, done_at=None)
    items.insert(position - 1 if 0 < position <= len(items) else len(items), made)
    session.add(made)
    _number(items)
    record(ticket, actor, "checklist_item_added", after=text, checklist=checklist.id)
    session.flush()
    return made


def _number(items: list[ChecklistItem]) -> None:
    for position, item in enumerate(items, start=1):
        item.position = position


def tick(ticket: Ticket, actor: Who, checklist: Checklist, item: ChecklistItem, *, done: bool) -> bool:
    """Ticks `item`, or takes its tick off; whether that changed anything.

    Raises Refused where the list has an order and an item before this one is open.
    """
    _there(checklist)
    if (item.done_at is not None) == done:
        return False
    if done and checklist.in_order:
        first = next(each for each in _items(checklist) if each.done_at is None)
        if first.id != item.id:
            raise Refused(_("This list has an order: “%(item)s” comes first.", item=first.text))
    item.done_at, item.done_by = (clock.now(), actor.name) if done else (None, "")
    verb = "checklist_item_ticked" if done else "checklist_item_unticked"
    record(ticket, actor, verb, after=item.text, checklist=checklist.id, item=item.id)
    return True


def change_item(
    ticket: Ticket, actor: Who, checklist: Checklist, item: ChecklistItem, text: str, *, seen: str | None = None
) -> bool:
    """Words `item` anew; whether that changed anything. `seen`: how it read when its writer began.

    Raises Conflict when somebody else has changed it since, Refused when it is ticked: a tick stands for its words.
    """
    _there(checklist)
    text = _line(text, "text", _("There is no text yet."), MAX_TEXT)
    if item.text == text:
        return False
    _still_open(item)
    if seen is not None and seen != item.text:
        raise Conflict(_("Somebody else has changed this meanwhile to “%(text)s”.", text=item.text))
    before, item.text = item.text, text
    record(ticket, actor, "checklist_item_changed", before=before, after=text, checklist=checklist.id, item=item.id)
    return True


def _still_open(item: ChecklistItem) -> None:
    if item.done_at is not None:
        raise Refused(_("This is ticked. Take the tick off first."))


def move_item(ticket: Ticket, actor: Who, checklist: Checklist, item: ChecklistItem, *, by: int) -> bool:
    """Moves `item` up (-1) or down (1); whether it could be."""
    _there(checklist)
    items = _items(checklist)
    at = next((place for place, each in enumerate(items) if each.id == item.id), -1)
    to = at + by
    if at < 0 or not 0 <= to < len(items):
        return False
    items.insert(to, items.pop(at))
    _number(items)
    record(ticket, actor, "checklist_item_moved", after=item.text, checklist=checklist.id, item=item.id)
    return True


def remove_item(ticket: Ticket, actor: Who, checklist: Checklist, item: ChecklistItem) -> int:
    """Takes `item` off the list; the position it had. Raises Refused when it is ticked."""
    _there(checklist)
    _still_open(item)
    position = next(place for place, each in enumerate(_items(checklist), start=1) if each.id == item.id)
    session.delete(item)
    session.flush()
    record(ticket, actor, "checklist_item_removed", before=item.text, checklist=checklist.id)
    return position
