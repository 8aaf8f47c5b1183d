"""Saved views and chosen columns, from the list's own menus."""

from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from backend.auth import me, requires
from backend.errors import NotFound
from backend.i18n import _
from backend.lists.actions import choose_list, delete_view, rename_view, save_view
from backend.lists.models import SavedView, view_for
from backend.tickets.columns import chosen
from backend.tickets.sorting import ORDERS
from backend.ui.answers import go_to
from backend.web import form_text

blueprint = Blueprint("lists", __name__)
_NOT_KEPT = ("saved", "after", "before")


def _query(text: str) -> str:
    """An address's query without what belongs to one moment."""
    pairs = parse_qsl(text.replace("\x00", "")[:2000])
    return urlencode([(name, value) for name, value in pairs if name not in _NOT_KEPT])


def _address(query: str, **more: str) -> str:
    return "/tickets?" + "&".join(part for part in (_query(query), urlencode(more)) if part)


def _the_view(number: int) -> SavedView:
    found = view_for(me(), min(number, 2**31 - 1))
    if found is None:
        raise NotFound(_("This view is no longer there."))
    return found


@blueprint.post("/list/views")
@requires("tickets.read")
def save() -> ResponseReturnValue:
    """Keeps the list as it stands under a name, and opens it."""
    form = request.form
    columns = chosen(form_text(form, "columns").split())
    query = _query(form_text(form, "query"))
    view = save_view(me(), form_text(form, "name"), query, columns, shared="shared" in form)
    return go_to(_address(view.query, saved=str(view.id)))


@blueprint.post("/list/views/<int:number>")
@requires("tickets.read")
def rename(number: int) -> ResponseReturnValue:
    """Another name for an own view, or another circle of people."""
    view = _the_view(number)
    rename_view(me(), view, form_text(request.form, "name"), shared="shared" in request.form)
    return go_to(_address(view.query, saved=str(view.id)))


@blueprint.post("/list/views/<int:number>/delete")
@requires("tickets.read")
def delete(number: int) -> ResponseReturnValue:
    """Takes an own view out of the menu; the same list stays open."""
    view = _the_view(number)
    query = view.query
    delete_view(me(), view)
    return go_to(_address(query))


@blueprint.post("/list/columns")
@requires("tickets.read")
def columns() -> ResponseReturnValue:
    """The person's columns and order from now on."""
    form = request.form
    sort = form_text(form, "sort")
    choose_list(me(), chosen(form.getlist("column")), sort if sort in ORDERS else "")
    return go_to(_address(form_text(form, "query")))
