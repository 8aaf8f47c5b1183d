"""Root causes: their names and order, the lists on which they stand, and what each status says of them."""

from types import SimpleNamespace

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from backend.auth import me, requires
from backend.db import session
from backend.i18n import _, n_
from backend.statuses.actions import add_causes, move_cause, put_cause, remove_cause, rename_cause, set_list
from backend.statuses.models import LISTS, MOST_OFFERED, CauseRule, RootCause, RootCauseOffer, causes_on, root_causes
from backend.statuses.views.arranging import STEPS
from backend.statuses.views.door import blueprint, nothing_here, page_or_part
from backend.statuses.words import list_name
from backend.tickets import words
from backend.tickets.models import statuses
from backend.ui.answers import changed, looked_again
from backend.web import form_text


@blueprint.get("/settings/root-causes")
@requires("settings.write")
def causes() -> ResponseReturnValue:
    """The page."""
    offers = select(RootCauseOffer.offered_for, func.count().label("causes")).group_by(RootCauseOffer.offered_for)
    count = {row.offered_for: row.causes for row in session.execute(offers)}
    named = [
        SimpleNamespace(
            key=one.key,
            name=words.status_name(one.key, one.name),
            look=words.status_look(one.kind, one.name, one.key, one.tone),
            rule=one.root_cause,
        )
        for one in statuses()
    ]
    lists = [(one, count.get(one, 0)) for one in LISTS]
    return page_or_part(
        "causes", causes=root_causes(), lists=lists, named_statuses=named, rules=list(CauseRule), most=MOST_OFFERED
    )


@blueprint.post("/settings/root-causes")
@requires("settings.write")
def add_some() -> ResponseReturnValue:
    """Adds root causes, one on each line of `names`, to the ticked `lists`."""
    names = [line for line in form_text(request.form, "names").split("\n") if line.strip()]
    made = add_causes(me(), names, request.form.getlist("lists"))
    said = n_("%(num)s root cause added", "%(num)s root causes added", len(made))
    return changed(said, "settings", detail=made[0].name if len(made) == 1 else "")


@blueprint.post("/settings/root-causes/<int:cause_id>/<what>")
@requires("settings.write")
def change_cause(cause_id: int, what: str) -> ResponseReturnValue:
    """Renames (`value`), moves up, down, to the top or to a place (`value`), or removes a root cause."""
    cause = session.get(RootCause, min(cause_id, 2**31 - 1))
    if cause is None:
        raise nothing_here()
    name, here = cause.name, f"/settings/root-causes/{cause.id}"
    if what == "name":
        if not rename_cause(me(), cause.id, form_text(request.form, "value")):
            return looked_again("settings")
        said, undo, fields = _("Root cause renamed"), f"{here}/name", {"value": name}
        return changed(said, "settings", detail=cause.name, undo=undo, undo_fields=fields)
    if what in STEPS:
        if not move_cause(me(), cause.id, STEPS[what]):
            return looked_again("settings")
        back = "up" if what == "down" else "down"
        return changed(_("Root cause moved"), "settings", detail=name, undo=f"{here}/{back}")
    if what in ("top", "place"):
        return _put(cause, "1" if what == "top" else form_text(request.form, "value"))
    if what != "remove":
        raise nothing_here()
    remove_cause(me(), cause.id)
    return changed(_("Root cause removed"), "settings", detail=name)


def _put(cause: RootCause, value: str) -> ResponseReturnValue:
    if not (value.isascii() and value.isdigit() and len(value) < 6 and int(value)):
        raise nothing_here()
    before = put_cause(me(), cause.id, int(value))
    if before == int(value):
        return looked_again("settings")
    undo = f"/settings/root-causes/{cause.id}/place"
    return changed(_("Root cause moved"), "settings", detail=cause.name, undo=undo, undo_fields={"value": str(before)})


@blueprint.get("/settings/root-causes/lists/<offered_for>")
@requires("settings.write")
def list_form(offered_for: str) -> ResponseReturnValue:
    """All root causes with a tick at those that stand on this list."""
    if offered_for not in LISTS:
        raise nothing_here()
    ticked = {one.id for one in causes_on(offered_for)}
    return render_template("statuses/_list.html", offered_for=offered_for, causes=root_causes(), ticked=ticked)


@blueprint.post("/settings/root-causes/lists/<offered_for>")
@requires("settings.write")
def save_list(offered_for: str) -> ResponseReturnValue:
    """Says which root causes (`cause`, ids) stand on this list; `which` may say all or none instead."""
    if offered_for not in LISTS:
        raise nothing_here()
    posted = [int(one) for one in request.form.getlist("cause") if one.isascii() and one.isdigit() and len(one) < 10]
    which = form_text(request.form, "which")
    chosen = {"all": [one.id for one in root_causes()], "none": []}.get(which, posted)
    if not set_list(me(), offered_for, chosen):
        return looked_again("settings")
    said = _("List “%(name)s” saved", name=list_name(offered_for))
    return changed(said, "settings", detail="" if chosen else _("The field is not shown there."))
