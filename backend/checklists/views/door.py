"""The blueprint of checklists, and how views find what an address names, locked for a change."""

from flask import Blueprint
from sqlalchemy import select

from backend.auth import me
from backend.checklists.models import Checklist, ChecklistItem, checklists_visible_to
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.tickets.actions import locked
from backend.tickets.models import Ticket

blueprint = Blueprint("checklists", __name__, template_folder="../templates")
_HIGHEST = 2**31 - 1


def the_checklist(number: int) -> Checklist:
    """The checklist with that id, if the person may see it. Raises NotFound."""
    found = session.scalar(checklists_visible_to(me()).where(Checklist.id == min(number, _HIGHEST)))
    if found is None:
        raise NotFound(_("There is no such checklist."))
    return found


def the_locked(number: int) -> tuple[Ticket, Checklist]:
    """That checklist with its ticket, which nobody else changes before this request ends. Raises NotFound."""
    ticket = locked(the_checklist(number).ticket_id)
    fresh = checklists_visible_to(me()).where(Checklist.id == min(number, _HIGHEST))
    return ticket, session.scalars(fresh.execution_options(populate_existing=True)).one()


def the_item(number: int) -> ChecklistItem:
    """The item with that id, if the person may see it. Raises NotFound."""
    mine = checklists_visible_to(me()).with_only_columns(Checklist.id)
    query = select(ChecklistItem).where(ChecklistItem.id == min(number, _HIGHEST), ChecklistItem.checklist_id.in_(mine))
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(_("This item is no longer there."))
    return found


def the_locked_item(number: int) -> tuple[Ticket, Checklist, ChecklistItem]:
    """That item with its list and ticket, which nobody else changes before this request ends. Raises NotFound."""
    ticket, checklist = the_locked(the_item(number).checklist_id)
    return ticket, checklist, the_item(number)
