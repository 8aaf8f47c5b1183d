"""To whom a ticket can be given: technicians, teams and groups, found by typing a name."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select

from backend.auth import me, requires
from backend.db import session
from backend.errors import Invalid
from backend.i18n import _
from backend.people.models import Group, Person, Team, members, technicians
from backend.tickets.actions.assigning import limited
from backend.tickets.models import Ticket
from backend.tickets.views.door import blueprint, the_ticket

OFFERED = 8


def _pattern(words: str) -> str:
    words = words.replace("\x00", "").strip().lower()[:100]
    return "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _technicians(ticket: Ticket, pattern: str) -> list[tuple[str, str, str]]:
    query = members(team=ticket.team_id, group=ticket.group_id) if limited(me()) else technicians()
    matching = or_(func.lower(Person.name).like(pattern), func.lower(Person.mail).like(pattern))
    if pattern == "%%":  # whoever asks is the likeliest
        query = query.order_by(None).order_by((Person.id == me().person_id).desc(), Person.name)
    rows = session.execute(query.with_only_columns(Person.id, Person.name, Person.mail).where(matching).limit(OFFERED))
    return [(str(row.id), row.name, _("Me") if row.id == me().person_id else row.mail or "") for row in rows]


def _teams(pattern: str) -> list[tuple[str, str, str]]:
    found = []
    for kind, prefix, sub in ((Team, "", ""), (Group, "g", _("Group"))):
        query = select(kind.id, kind.name).where(func.lower(kind.name).like(pattern))
        rows: Any = session.execute(query.order_by(func.lower(kind.name)).limit(OFFERED))
        found += [(f"{prefix}{row.id}", row.name, sub) for row in rows]
    return found


@blueprint.get("/tickets/<int:number>/assignable")
@requires("tickets.read")
def assignable(number: int) -> ResponseReturnValue:
    """Options for `for=assignee` or `for=team` (teams and groups) whose name holds `q`; the first one is Enter's."""
    ticket, pattern = the_ticket(number), _pattern(request.args.get("q", ""))
    people = request.args.get("for") != "team"
    found = _technicians(ticket, pattern) if people else _teams(pattern)
    if pattern == "%%":
        found.append(("", _("Nobody") if people else _("No team"), ""))
    return render_template("tickets/family/assignable.html", found=found, faces=people)


def team_or_group(value: str) -> tuple[str, Team | Group | None]:
    """(property, what to set) of what the field for team and group posts. Raises Invalid for what is not there."""
    name, kind = ("group", Group) if value.startswith("g") else ("team", Team)
    digits = value.removeprefix("g")
    if not digits:
        return "team", None
    found: Any = session.get(kind, int(digits)) if digits.isdecimal() and len(digits) < 10 else None
    if found is None:
        raise Invalid(_("Please correct the marked fields."), fields={"team": _("It is not there any more.")})
    return name, found
