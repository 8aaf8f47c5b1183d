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
from backend.people.offered import likeliest_first, told_apart
from backend.tickets.actions.assigning import limited
from backend.tickets.models import Ticket
from backend.tickets.views.door import blueprint, the_ticket

OFFERED = 12


def _pattern(words: str) -> str:
    words = words.replace("\x00", "").strip().lower()[:100]
    return "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _technicians(ticket: Ticket, pattern: str) -> list[tuple[str, str, str]]:
    query = members(team=ticket.team_id, group=ticket.group_id) if limited(me()) else technicians()
    matching = or_(func.lower(Person.name).like(pattern), func.lower(Person.mail).like(pattern))
    query = likeliest_first(query.where(matching), me(), team=ticket.team_id, group=ticket.group_id)
    rows = session.execute(query.with_only_columns(Person.id, Person.name, Person.mail).limit(OFFERED))
    return [(str(key), name, beside) for key, name, beside in told_apart(rows, me())]


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


def team_or_group(value: str) -> Team | Group | None:
    """What the field for team and group posts; None for the empty one. Raises Invalid for what is not there."""
    kind = Group if value.startswith("g") else Team
    digits = value.removeprefix("g")
    if not digits:
        return None
    found: Any = session.get(kind, int(digits)) if digits.isdecimal() and len(digits) < 10 else None
    if found is None:
        raise Invalid(_("Please correct the marked fields."), fields={"team": _("It is not there any more.")})
    return found  # type: ignore[no-any-return]
