"""Teams and who is in them, groups and of which teams they are made; every change is in the log of settings."""

from typing import Any

from sqlalchemy import delete as remove
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from backend.auth import Who
from backend.db import session
from backend.errors import Invalid
from backend.i18n import _
from backend.people.models import Group, GroupTeam, Person, Team, TeamMember
from backend.renamed import bereft, renamed
from backend.settings.actions import log_change
from backend.tickets.models import Ticket

MAX_NAME = 60
_IN_A_JOB = 2000  # tickets whose words it puts together anew
_INSIDE: dict[type[Any], tuple[type[Any], str, str]] = {
    Team: (TeamMember, "team_id", "person_id"),
    Group: (GroupTeam, "group_id", "team_id"),
}


def _word(kind: type[Any]) -> str:
    return _("team") if kind is Team else _("group")


def _checked(kind: type[Any], name: str, *, but: int = 0) -> str:
    name = " ".join(name.replace("\x00", "").split())[:MAX_NAME]
    if not name:
        raise Invalid(_("Please correct the marked fields."), fields={"name": _("A name is needed.")})
    taken = select(kind.id).where(func.lower(kind.name) == name.lower(), kind.id != but)
    if session.scalar(taken) is not None:
        raise Invalid(_("Please correct the marked fields."), fields={"name": _("This name is taken already.")})
    return name


def create(actor: Who, kind: type[Any], name: str) -> Any:
    """A new team or group (`kind` is the class). Raises Invalid for a name that is taken or empty."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(kind.__tablename__))))
    made = kind(name=_checked(kind, name))
    session.add(made)
    session.flush()
    log_change(actor, f"{_word(kind)} {made.name}", after=made.name)
    return made


def rename(actor: Who, one: Any, name: str) -> bool:
    """Gives a team or group another name; whether it was another. Raises Invalid as `create`."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(type(one).__tablename__))))
    name, before = _checked(type(one), name, but=one.id), one.name
    if name == before:
        return False
    one.name = name
    renamed("team" if isinstance(one, Team) else "group", [one.id])
    log_change(actor, f"{_word(type(one))} {before}", before=before, after=name)
    return True


def delete(actor: Who, one: Any) -> None:
    """Removes a team or group; its tickets stay, and are nobody's team's from then on."""
    session.execute(select(type(one).id).where(type(one).id == one.id).with_for_update())  # none is given to it now
    _find_without(one)
    log_change(actor, f"{_word(type(one))} {one.name}", before=one.name)
    session.execute(remove(type(one)).where(type(one).id == one.id))
    session.expunge(one)


def _find_without(one: Any) -> None:
    """Has the tickets of a team or group that goes found without its name, some thousand in a job."""
    theirs, last = Ticket.team_id if isinstance(one, Team) else Ticket.group_id, 0
    query = select(Ticket.id).where(theirs == one.id).order_by(Ticket.id).limit(_IN_A_JOB)
    while ids := session.scalars(query.where(Ticket.id > last)).all():
        bereft(ids)
        last = ids[-1]


def put_in(actor: Who, one: Any, part: Person | Team) -> bool:
    """Puts a person into a team, or a team into a group; whether it was not there before."""
    table, whole, inner = _INSIDE[type(one)]
    row = insert(table).values({whole: one.id, inner: part.id}).on_conflict_do_nothing().returning(table)
    if session.execute(row).first() is None:
        return False
    log_change(actor, f"{_word(type(one))} {one.name}", after=part.name)
    return True


def take_out(actor: Who, one: Any, part: Person | Team) -> bool:
    """Takes a person out of a team, or a team out of a group; whether it was there."""
    table, whole, inner = _INSIDE[type(one)]
    where = (getattr(table, whole) == one.id, getattr(table, inner) == part.id)
    if session.execute(remove(table).where(*where).returning(getattr(table, whole))).first() is None:
        return False
    log_change(actor, f"{_word(type(one))} {one.name}", before=part.name)
    return True
