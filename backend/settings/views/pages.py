"""Settings by subject, and the log of what was changed."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend.auth import me, requires
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _, n_
from backend.settings.actions import VERB, choose, read
from backend.settings.declared import BY_KEY, DECLARED, PAGES, Declared, Kind
from backend.settings.models import setting
from backend.settings.views.door import blueprint
from backend.tickets.models import Activity
from backend.ui.answers import changed, go_to
from backend.web import form_text

LOGGED = 500


_UNITS = {
    "days": lambda number: n_("%(num)s day", "%(num)s days", number),
    "minutes": lambda number: n_("%(num)s minute", "%(num)s minutes", number),
    "seconds": lambda number: n_("%(num)s second", "%(num)s seconds", number),
}


def value_shown(declared: Declared, value: Any) -> str:
    """`value` as people say it."""
    if declared.kind == Kind.SWITCH:
        return _("on") if value in (True, "True") else _("off")
    if declared.kind == Kind.CHOICE:
        return dict(declared.offered()).get(str(value), str(value))
    return _UNITS[declared.unit](int(value)) if declared.unit else str(value)


@blueprint.get("/settings")
@requires("settings.write")
def settings() -> ResponseReturnValue:
    """Leads to the first page."""
    return go_to("/settings/about/" + next(iter(PAGES)))


@blueprint.get("/settings/about/<page>")
@requires("settings.write")
def about(page: str) -> ResponseReturnValue:
    """The settings of one subject."""
    if page not in PAGES:
        raise NotFound(_("There is nothing here. It may have been moved, or the address is incomplete."))
    shown = [(one, setting(one.key)) for one in DECLARED if one.page == page]
    return render_template("settings/about.html", page=page, title=_(PAGES[page]), shown=shown)


@blueprint.post("/settings/about/<page>")
@requires("settings.write")
def choose_one(page: str) -> ResponseReturnValue:
    """Chooses one setting (`key`, `value`); answers with a toast that can take it back."""
    declared = BY_KEY.get(form_text(request.form, "key"))
    if declared is None or declared.page != page:
        raise NotFound(_("There is no such setting."))
    before, value = setting(declared.key), read(declared.key, form_text(request.form, "value"))
    choose(me(), declared.key, value)
    return changed(
        _(declared.label),
        detail=value_shown(declared, value),
        undo=f"/settings/about/{page}" if before != value else "",
        undo_fields={"key": declared.key, "value": _posted(before)},
    )


def _posted(value: Any) -> str:
    return ("1" if value else "") if isinstance(value, bool) else str(value)


@blueprint.get("/settings/log")
@requires("settings.write")
def log() -> ResponseReturnValue:
    """Who changed what, when, from what to what: the newest 500."""
    rows = session.execute(
        select(Activity)
        .with_only_columns(Activity.actor_name, Activity.at, Activity.before, Activity.after, Activity.data)
        .where(Activity.ticket_id.is_(None), Activity.verb == VERB)
        .order_by(Activity.id.desc())
        .limit(LOGGED)
    )
    return render_template("settings/log.html", entries=[_entry(row) for row in rows])


def _entry(row: Any) -> dict[str, Any]:
    declared = BY_KEY.get(row.data.get("setting", ""))
    if declared is None:
        return {"actor": row.actor_name, "at": row.at, "what": row.data["what"], "to": (row.before, row.after)}
    values = (value_shown(declared, row.before), value_shown(declared, row.after))
    return {"actor": row.actor_name, "at": row.at, "what": _(declared.label), "to": values}
