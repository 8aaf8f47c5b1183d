"""Keeping a list under a name, sharing it, and choosing one's columns."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend import clock
from backend.auth import Who
from backend.db import session
from backend.errors import Invalid, NotAllowed, Refused
from backend.i18n import _
from backend.lists.models import MOST_VIEWS, ListChoice, SavedView

_LONGEST = 60


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid(_("Please correct the marked fields."), fields={"name": _("A name is needed.")})
    return name[:_LONGEST]


def save_view(who: Who, name: str, query: str, columns: Sequence[str], *, shared: bool) -> SavedView:
    """Keeps a list under `name`; one of the same name of the same person becomes this one."""
    name, owner = _named(name), who.person_id or 0
    mine = list(session.scalars(select(SavedView).where(SavedView.owner_id == owner).with_for_update()))
    view = next((one for one in mine if one.name.casefold() == name.casefold()), None)
    if view is None:
        if len(mine) >= MOST_VIEWS:
            raise Refused(_("You have %(count)s saved views. Please delete one first.", count=len(mine)))
        view = SavedView(owner_id=owner, created_at=clock.now())
        session.add(view)
    view.name, view.query, view.columns, view.shared = name, query[:2000], list(columns), shared
    session.flush()
    return view


def _own(who: Who, view: SavedView) -> None:
    if view.owner_id != who.person_id:
        raise NotAllowed(_("Only whoever has saved a view can change it."))


def rename_view(who: Who, view: SavedView, name: str, *, shared: bool) -> None:
    """Gives the own view another name, shares it or keeps it to oneself again."""
    _own(who, view)
    view.name, view.shared = _named(name), shared


def delete_view(who: Who, view: SavedView) -> None:
    """Takes the own view out of everybody's menu; the tickets stay."""
    _own(who, view)
    session.delete(view)


def choose_list(who: Who, columns: Sequence[str], sort: str) -> None:
    """From now on the lists of `who` have these columns and stand in this order."""
    row = {"person_id": who.person_id, "columns": list(columns), "sort": sort}
    written = insert(ListChoice).values(row)
    changed = {"columns": written.excluded["columns"], "sort": written.excluded.sort}
    session.execute(written.on_conflict_do_update(index_elements=[ListChoice.person_id], set_=changed))
