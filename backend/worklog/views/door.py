"""The blueprint that all views of worked time and items hang on, and how they find what an address names."""

from datetime import date
from typing import Any

from flask import Blueprint

from backend import clock, config
from backend.auth import Who, me
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _, spoken
from backend.worklog import form, words
from backend.worklog.actions import ticket_first
from backend.worklog.models import TicketItem, TimeEntry, entries_visible_to, items_visible_to, may_change

blueprint = Blueprint("worklog", __name__, template_folder="../templates")
for _name in ("kind_name", "item_kind_name", "duration"):
    blueprint.add_app_template_filter(spoken(getattr(words, _name)), f"time_{_name}")
blueprint.add_app_template_filter(spoken(form.typed_number), "typed_number")
blueprint.add_app_template_filter(words.stopwatch, "stopwatch")
blueprint.add_app_template_global(may_change, "may_change_time")
_MOST = 2**31 - 1


def zone_of(who: Who) -> str:
    """The IANA time zone in which `who` reads times."""
    return who.timezone or config.current().timezone


def today(who: Who) -> date:
    """The day it is for `who`."""
    return clock.local(clock.now(), zone_of(who)).date()


def _found(query: Any, row: Any) -> Any:
    ticket_first(query)
    found = session.scalar(query.with_for_update(of=row).execution_options(populate_existing=True))
    if found is None:
        raise NotFound(_("This entry is no longer there."))
    return found


def the_entry(entry_id: int) -> TimeEntry:
    """The time entry with that id, locked, deleted ones too. Raises NotFound."""
    query = entries_visible_to(me(), deleted=True).where(TimeEntry.id == min(entry_id, _MOST))
    found: TimeEntry = _found(query, TimeEntry)
    return found


def the_item(item_id: int) -> TicketItem:
    """The item with that id, locked, deleted ones too. Raises NotFound."""
    query = items_visible_to(me(), deleted=True).where(TicketItem.id == min(item_id, _MOST))
    found: TicketItem = _found(query, TicketItem)
    return found
