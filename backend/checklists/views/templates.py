"""The administrators' page of checklist templates."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend.auth import me, requires
from backend.checklists.actions import put_template, remove_template
from backend.checklists.models import ChecklistTemplate, templates
from backend.checklists.views.door import blueprint
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.ui.answers import go_to
from backend.web import form_text

_PAGE = "/settings/checklists"


def _the_template(number: int) -> ChecklistTemplate:
    query = select(ChecklistTemplate).where(ChecklistTemplate.id == min(number, 2**31 - 1))
    found = session.scalar(query.with_for_update() if request.method == "POST" else query)
    if found is None:
        raise NotFound(_("This template is no longer there."))
    return found


@blueprint.get(_PAGE)
@requires("settings.write")
def template_list() -> ResponseReturnValue:
    """All templates."""
    return render_template("checklists/templates.html", templates=templates())


@blueprint.get(_PAGE + "/new")
@requires("settings.write")
def new_template() -> ResponseReturnValue:
    """The form for a new template."""
    return render_template("checklists/template.html", template=None)


@blueprint.get(_PAGE + "/<int:number>")
@requires("settings.write")
def one_template(number: int) -> ResponseReturnValue:
    """The form of one template."""
    return render_template("checklists/template.html", template=_the_template(number))


def _put(template: ChecklistTemplate | None) -> ResponseReturnValue:
    seen = form_text(request.form, "version")
    put_template(
        me(),
        template,
        name=form_text(request.form, "name"),
        items=form_text(request.form, "items").split("\n"),
        in_order=bool(request.form.get("in_order")),
        seen=int(seen[:9]) if seen.isascii() and seen.isdigit() else 0,
    )
    return go_to(_PAGE)


@blueprint.post(_PAGE)
@requires("settings.write")
def add_template() -> ResponseReturnValue:
    """Makes a template."""
    return _put(None)


@blueprint.post(_PAGE + "/<int:number>")
@requires("settings.write")
def save_template(number: int) -> ResponseReturnValue:
    """Changes a template."""
    return _put(_the_template(number))


@blueprint.post(_PAGE + "/<int:number>/remove")
@requires("settings.write")
def drop_template(number: int) -> ResponseReturnValue:
    """Removes a template."""
    remove_template(me(), _the_template(number))
    return go_to(_PAGE)
