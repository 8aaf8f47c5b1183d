"""The statuses in their order: added, renamed, moved, removed."""

from types import SimpleNamespace

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from backend.auth import me, requires
from backend.db import session
from backend.i18n import _
from backend.statuses.actions import add_status, move_status, remove_status, rename_status, set_kind, set_rule, set_tone
from backend.statuses.views.door import blueprint, nothing_here, page_or_part
from backend.statuses.words import kind_name, rule_name, tone_name
from backend.tickets import words
from backend.tickets.models import Status, StatusKind, StatusTone, Ticket, statuses
from backend.ui.answers import changed, looked_again
from backend.web import form_text

STEPS = {"up": -1, "down": 1}


@blueprint.get("/settings/statuses")
@requires("settings.write")
def arrangement() -> ResponseReturnValue:
    """The page."""
    counted = session.execute(select(Ticket.status_id, func.count().label("tickets")).group_by(Ticket.status_id))
    count = {row.status_id: row.tickets for row in counted}
    rows = [
        SimpleNamespace(
            key=one.key,
            name=words.status_name(one.key, one.name),
            kind=one.kind,
            look=words.status_look(one.kind, one.name, one.key, one.tone),
            tone=one.tone,
            own=not words.built_in(one.key),
            tickets=count.get(one.id, 0),
        )
        for one in statuses()
    ]
    return page_or_part("statuses", rows=rows, kinds=list(StatusKind), tones=list(StatusTone))


@blueprint.post("/settings/statuses")
@requires("settings.write")
def add() -> ResponseReturnValue:
    """Adds a status (`name`, `kind`, `after`: the key of the one before)."""
    form = request.form
    made = add_status(me(), form_text(form, "name"), form_text(form, "kind"), form_text(form, "after"))
    undo = f"/settings/statuses/{made.key}/remove"
    return changed(_("Status added"), "settings", detail=made.name, undo=undo)


@blueprint.post("/settings/statuses/<key>/<what>")
@requires("settings.write")
def arrange(key: str, what: str) -> ResponseReturnValue:
    """Renames (`value`), moves up or down or removes (`instead`) a status, or says what it looks like, what it means,
    and what it means for root causes.
    """
    status = session.scalar(select(Status).where(Status.key == key))
    if status is None:
        raise nothing_here()
    name, here = words.status_name(status.key, status.name), f"/settings/statuses/{key}"
    if what == "name":
        if not rename_status(me(), key, form_text(request.form, "value")):
            return looked_again("settings")
        new = words.status_name(status.key, status.name)
        return changed(_("Status renamed"), "settings", detail=new, undo=f"{here}/name", undo_fields={"value": name})
    if what in STEPS:
        if not move_status(me(), key, STEPS[what]):
            return looked_again("settings")
        back = "up" if what == "down" else "down"
        return changed(_("Status moved"), "settings", detail=name, undo=f"{here}/{back}")
    if what == "root-cause":
        before, rule = status.root_cause, form_text(request.form, "value")
        if not set_rule(me(), status, rule):
            return looked_again("settings")
        said = f"{name}: {rule_name(rule)}"
        return changed(
            _("Root cause"), "settings", detail=said, undo=f"{here}/root-cause", undo_fields={"value": before}
        )
    if what in ("tone", "kind"):
        return _look_or_meaning(status, what)
    if what != "remove":
        raise nothing_here()
    remove_status(me(), key, form_text(request.form, "instead"))
    return changed(_("Status removed"), "settings", detail=name)


def _look_or_meaning(status: Status, what: str) -> ResponseReturnValue:
    name, value, here = words.status_name(status.key, status.name), form_text(request.form, "value"), request.path
    if what == "tone":
        before = status.tone
        if not set_tone(me(), status.key, value):
            return looked_again("settings")
        said = f"{name}: {tone_name(value)}"
        return changed(_("Status changed"), "settings", detail=said, undo=here, undo_fields={"value": before})
    how = set_kind(me(), status.key, value)
    if how == "same":
        return looked_again("settings")
    if how == "later":
        return changed(_("Many tickets have this status"), detail=_("It changes together with them, in some moments."))
    return changed(_("Status changed"), "settings", detail=f"{name}: {kind_name(value)}")
