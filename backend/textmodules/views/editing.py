"""The pages on which text modules are listed, written, changed and deleted."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from backend.auth import me, requires
from backend.config import LANGUAGES
from backend.db import session
from backend.i18n import _, language
from backend.textmodules import actions
from backend.textmodules.actions import Wording
from backend.textmodules.models import ModuleKind, TextModule, matching, text_modules_visible_to
from backend.textmodules.placeholders import GROUPS
from backend.textmodules.values import preview
from backend.textmodules.views.door import KINDS, blueprint, kind_name, the_module
from backend.ui.answers import changed, go_to
from backend.ui.jinja import snippet
from backend.web import form_text

SHOWN = 500


@blueprint.get("/text-modules")
@requires("tickets.write")
def text_modules() -> ResponseReturnValue:
    """All modules the person may use, by name; `q` and `kind` narrow them."""
    asked, kind = form_text(request.args, "q")[:200], request.args.get("kind", "")
    query = matching(text_modules_visible_to(me()), asked)
    if kind in KINDS:
        query = query.where(TextModule.kind == kind)
    rows = session.scalars(query.order_by(func.lower(TextModule.name), TextModule.id).limit(SHOWN)).all()
    listed = [(row, kind_name(row.kind), snippet(row.text, 120)) for row in rows]
    kinds = [("", _("All")), *((key, kind_name(key)) for key in KINDS)]
    return render_template("textmodules/list.html", rows=listed, asked=asked, kind=kind, kinds=kinds)


def _form(module: TextModule | None) -> ResponseReturnValue:
    who = me()
    categories = session.scalars(
        text_modules_visible_to(who)
        .with_only_columns(TextModule.category)
        .where(TextModule.category != "")
        .distinct()
        .order_by(TextModule.category)
    )
    return render_template(
        "textmodules/form.html",
        module=module,
        version=actions.version(module) if module is not None else "",
        writes=module is None or actions.may_change(who, module),
        kinds=[(key, kind_name(key)) for key in KINDS],
        groups=[(_(title), [(one.token, _(one.title)) for one in group]) for title, group in GROUPS],
        categories=list(categories),
        gap="{{? " + _("what is to be filled in") + "}}",
        chosen_kind=request.args.get("kind", ModuleKind.REPLY),
    )


@blueprint.get("/text-modules/new")
@requires("tickets.write")
def new_text_module() -> ResponseReturnValue:
    """The form for a new one."""
    return _form(None)


@blueprint.get("/text-modules/<int:number>")
@requires("tickets.write")
def text_module(number: int) -> ResponseReturnValue:
    """One module, to be read or changed."""
    return _form(the_module(number))


def _wording() -> Wording:
    form = request.form
    return Wording(
        name=form_text(form, "name"),
        text=form_text(form, "text"),
        kind=form_text(form, "kind"),
        language=form_text(form, "language"),
        category=form_text(form, "category"),
        words=form_text(form, "words"),
        shortcut=form_text(form, "shortcut"),
        shared=form_text(form, "reach") == "shared",
    )


@blueprint.post("/text-modules")
@requires("tickets.write")
def add() -> ResponseReturnValue:
    """Keeps a new one and leads to the list."""
    actions.write(me(), _wording())
    return go_to("/text-modules")


@blueprint.post("/text-modules/<int:number>")
@requires("tickets.write")
def save(number: int) -> ResponseReturnValue:
    """Keeps what was changed and leads to the list."""
    actions.rewrite(me(), the_module(number, lock=True), _wording(), seen=form_text(request.form, "seen"))
    return go_to("/text-modules")


@blueprint.post("/text-modules/<int:number>/delete")
@requires("tickets.write")
def delete(number: int) -> ResponseReturnValue:
    """Takes a module away; the toast brings it back."""
    module = the_module(number, lock=True)
    actions.delete(me(), module)
    return changed(
        _("Text module deleted"), "textmodules", detail=module.name, undo=f"/text-modules/{module.id}/restore"
    )


@blueprint.post("/text-modules/<int:number>/restore")
@requires("tickets.write")
def restore(number: int) -> ResponseReturnValue:
    """Brings a deleted module back."""
    found = session.scalar(select(TextModule.deleted_at.is_not(None)).where(TextModule.id == min(number, 2**31 - 1)))
    module = the_module(number, deleted=bool(found), lock=True)
    actions.restore(me(), module)
    return changed(_("Text module restored"), "textmodules", detail=module.name)


@blueprint.post("/text-modules/preview")
@requires("tickets.write")
def preview_text() -> ResponseReturnValue:
    """What the posted text looks like for an example ticket."""
    asked = form_text(request.form, "language")
    spoken = asked if asked in LANGUAGES else language()
    text = form_text(request.form, "text")[: actions.MAX_TEXT]
    return render_template("textmodules/_preview.html", parts=preview(text, spoken))
