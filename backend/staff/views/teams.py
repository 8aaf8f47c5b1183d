"""The page on teams and groups: made, named, filled and removed."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from backend.auth import me, requires
from backend.db import session
from backend.errors import Invalid, NotFound
from backend.i18n import _
from backend.people.models import Group, Person, Team, technicians
from backend.staff.actions import create, delete, put_in, rename, take_out
from backend.staff.models import groups_with_teams, teams_with_members
from backend.staff.views.door import blueprint
from backend.tickets.models import Ticket
from backend.ui.answers import changed, looked_again
from backend.web import form_text

KINDS: dict[str, Any] = {"teams": Team, "groups": Group}


def _shown() -> dict[str, Any]:
    return {
        "teams": session.execute(teams_with_members()).all(),
        "groups": session.execute(groups_with_teams()).all(),
    }


@blueprint.get("/settings/teams")
@requires("settings.write")
def teams() -> ResponseReturnValue:
    """The page."""
    return render_template("staff/teams.html", **_shown())


@blueprint.get("/settings/teams/list")
@requires("settings.write")
def teams_list() -> ResponseReturnValue:
    """The part of the page that changes."""
    return render_template("staff/_teams.html", **_shown())


def _kind(name: str) -> Any:
    if name not in KINDS:
        raise NotFound(_("There is nothing here. It may have been moved, or the address is incomplete."))
    return KINDS[name]


def _one(kind: str, number: int) -> Any:
    found = session.get(_kind(kind), min(number, 2**31 - 1), with_for_update=True)
    if found is None:
        raise NotFound(_("It is not there any more."))
    return found


@blueprint.post("/settings/staff/<kind>")
@requires("settings.write")
def make(kind: str) -> ResponseReturnValue:
    """A new team or group with this `name`."""
    made = create(me(), _kind(kind), form_text(request.form, "name"))
    return changed(made.name, "settings", undo=f"/settings/staff/{kind}/{made.id}/remove")


@blueprint.post("/settings/staff/<kind>/<int:number>")
@requires("settings.write")
def name(kind: str, number: int) -> ResponseReturnValue:
    """Gives it another `name`."""
    one = _one(kind, number)
    before = one.name
    if not rename(me(), one, form_text(request.form, "name")):
        return looked_again("settings")
    return changed(one.name, "settings", undo=f"/settings/staff/{kind}/{one.id}", undo_fields={"name": before})


@blueprint.post("/settings/staff/<kind>/<int:number>/remove")
@requires("settings.write")
def remove(kind: str, number: int) -> ResponseReturnValue:
    """Removes it. Its tickets stay; with open ones it is asked again (`anyway`)."""
    one = _one(kind, number)
    column = Ticket.team_id if kind == "teams" else Ticket.group_id
    some = select(Ticket.id).where(column == one.id, ~Ticket.closed).limit(100).subquery()
    count = session.scalar(select(func.count()).select_from(some)) or 0
    if count and request.form.get("anyway") != "1":
        return render_template("staff/removing.html", kind=kind, one=one, count=count)
    delete(me(), one)
    return changed(_("%(name)s removed", name=one.name), "settings")


def _part(kind: str, value: str) -> Person | Team:
    """The person or team that a form names by id."""
    found: Any = None
    if value.isdecimal() and len(value) < 10:
        query: Any = technicians().where(Person.id == int(value)) if kind == "teams" else None
        found = session.scalar(query) if query is not None else session.get(Team, int(value))
    if found is None:
        raise Invalid(_("Please correct the marked fields."), fields={"value": _("It is not there any more.")})
    return found  # type: ignore[no-any-return]


@blueprint.post("/settings/staff/<kind>/<int:number>/parts")
@requires("settings.write")
def add(kind: str, number: int) -> ResponseReturnValue:
    """Puts a person into the team, or a team into the group: its id as `value`."""
    one, part = _one(kind, number), _part(kind, form_text(request.form, "value"))
    if not put_in(me(), one, part):
        return looked_again("settings")
    undo = f"/settings/staff/{kind}/{one.id}/parts/{part.id}/remove"
    return changed(_("%(name)s is in %(team)s", name=part.name, team=one.name), "settings", undo=undo)


@blueprint.post("/settings/staff/<kind>/<int:number>/parts/<int:part_id>/remove")
@requires("settings.write")
def take(kind: str, number: int, part_id: int) -> ResponseReturnValue:
    """Takes a person out of the team, or a team out of the group."""
    one = _one(kind, number)
    part: Any = session.get(Person if kind == "teams" else Team, min(part_id, 2**31 - 1))
    if part is None or not take_out(me(), one, part):
        return looked_again("settings")
    undo = f"/settings/staff/{kind}/{one.id}/parts"
    said = _("%(name)s is not in %(team)s any more", name=part.name, team=one.name)
    return changed(said, "settings", undo=undo, undo_fields={"value": str(part.id)})


@blueprint.get("/settings/teams/find")
@requires("settings.write")
def find_teams() -> ResponseReturnValue:
    """Options: teams whose name holds `q`."""
    words = request.args.get("q", "").replace("\x00", "").strip().lower()[:100]
    query = select(Team.id, Team.name).where(func.lower(Team.name).contains(words, autoescape=True))
    rows = session.execute(query.order_by(func.lower(Team.name)).limit(8))
    return render_template("people/_found.html", found=[(row.id, row.name, "", row.id) for row in rows])
