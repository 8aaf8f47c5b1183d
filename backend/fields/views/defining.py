"""The administrators' page of fields: defined, put in order, removed and brought back."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend.auth import me, requires
from backend.db import session
from backend.errors import NotFound
from backend.fields.actions import move_field, put_field, remove_field
from backend.fields.models import CustomField, all_fields
from backend.fields.views.door import blueprint
from backend.fields.words import CUSTOMERS, KINDS
from backend.i18n import _
from backend.ui.answers import go_to
from backend.web import form_text

_PAGE = "/settings/fields"


def _the_field(number: int) -> CustomField:
    query = select(CustomField).where(CustomField.id == min(number, 2**31 - 1))
    found = session.scalar(query.with_for_update() if request.method == "POST" else query)
    if found is None:
        raise NotFound(_("There is no such field."))
    return found


def _kinds() -> list[tuple[str, str]]:
    return [(key, _(word)) for key, word in KINDS.items()]


@blueprint.get(_PAGE)
@requires("settings.write")
def field_list() -> ResponseReturnValue:
    """All fields, those that were removed last."""
    fields = all_fields()
    return render_template(
        "fields/list.html",
        fields=[each for each in fields if not each.removed],
        removed=[each for each in fields if each.removed],
        kinds=dict(_kinds()),
    )


def _form(field: CustomField | None) -> ResponseReturnValue:
    customers = [(key, _(word)) for key, word in CUSTOMERS.items()]
    return render_template("fields/form.html", field_=field, kinds=_kinds(), customers=customers)


@blueprint.get(_PAGE + "/new")
@requires("settings.write")
def new_field() -> ResponseReturnValue:
    """The form for a new field."""
    return _form(None)


@blueprint.get(_PAGE + "/<int:number>")
@requires("settings.write")
def one_field(number: int) -> ResponseReturnValue:
    """The form of one field."""
    return _form(_the_field(number))


def _put(field: CustomField | None) -> ResponseReturnValue:
    form, seen = request.form, form_text(request.form, "version")
    put_field(
        me(),
        field,
        name=form_text(form, "name"),
        kind=form_text(form, "kind"),
        options=form_text(form, "options").split("\n"),
        types=form.getlist("types"),
        customers=form_text(form, "customers"),
        needed=bool(form.get("needed")),
        seen=int(seen[:9]) if seen.isascii() and seen.isdigit() else 0,
    )
    return go_to(_PAGE)


@blueprint.post(_PAGE)
@requires("settings.write")
def add_field() -> ResponseReturnValue:
    """Defines a field."""
    return _put(None)


@blueprint.post(_PAGE + "/<int:number>")
@requires("settings.write")
def save_field(number: int) -> ResponseReturnValue:
    """Changes a field."""
    return _put(_the_field(number))


@blueprint.post(_PAGE + "/<int:number>/move")
@requires("settings.write")
def reorder_field(number: int) -> ResponseReturnValue:
    """Moves a field up or down by one place."""
    move_field(me(), _the_field(number), by=-1 if request.form.get("to") == "up" else 1)
    return go_to(_PAGE)


@blueprint.post(_PAGE + "/<int:number>/remove")
@requires("settings.write")
def drop_field(number: int) -> ResponseReturnValue:
    """Takes a field off all pages; what tickets hold in it stays."""
    remove_field(me(), _the_field(number))
    return go_to(_PAGE)


@blueprint.post(_PAGE + "/<int:number>/restore")
@requires("settings.write")
def restore_field(number: int) -> ResponseReturnValue:
    """Brings a removed field back, with all that tickets hold in it."""
    remove_field(me(), _the_field(number), removed=False)
    return go_to(_PAGE)
