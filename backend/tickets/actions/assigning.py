"""Giving a ticket to a technician, a team or a group: who may be chosen, and that they hear of it."""

from typing import Any

from backend.auth import Who
from backend.db import session
from backend.errors import Invalid, NotAllowed
from backend.i18n import _
from backend.jobs import later
from backend.people.models import Person, members
from backend.settings.models import setting
from backend.tickets.family import may_edit
from backend.tickets.models import Activity, Ticket

OWNERS = ("assignee", "team", "group")


def limited(actor: Who) -> bool:
    """Whether `actor` may give a ticket of a team or group to its members only."""
    return bool(setting("assign_within_group")) and actor.is_staff and not actor.may("tickets.all")


def _is_of_it(ticket: Ticket, actor: Who, assignee: Person) -> bool:
    """False: the ticket's team or group, as they are now, must keep it and `assignee` is not of it."""
    if not (ticket.team_id or ticket.group_id) or not limited(actor):
        return True
    query = members(team=ticket.team_id, group=ticket.group_id).where(Person.id == assignee.id)
    return session.scalar(query) is not None


def assignable(ticket: Ticket, actor: Who, assignee: Person) -> bool:
    """Whether `actor` may give the ticket to `assignee`."""
    return may_edit(ticket, actor) and _is_of_it(ticket, actor, assignee)


def owner_checked(ticket: Ticket, actor: Who, assignee: Person | None) -> None:
    """Raises Invalid when the ticket's team or group must keep it and `assignee` is not of it, NotAllowed for a
    sub-ticket that is to be nobody's: its owner would see beside it what is hidden from them while it is theirs.
    """
    parent = session.get(Ticket, ticket.parent_id) if assignee is None and ticket.parent_id else None
    if parent is not None and not may_edit(parent, actor):
        raise NotAllowed(
            _(
                "You work on a sub-ticket of #%(number)s: you can give it to a colleague, its owner also to nobody.",
                number=parent.number,
            )
        )
    if assignee is not None and not _is_of_it(ticket, actor, assignee):
        sentence = _("%(name)s is not in the team or group that has this ticket.", name=assignee.name)
        raise Invalid(_("Please correct the marked fields."), fields={"assignee": sentence})


def one_owner_each(ticket: Ticket, properties: dict[str, Any]) -> dict[str, Any]:
    """`properties` in the order they are set: a ticket is a team's or a group's, and the technician comes last."""
    found = dict(properties)
    if found.get("team") is not None and ticket.group_id:
        found.setdefault("group", None)
    if found.get("group") is not None and ticket.team_id:
        found.setdefault("team", None)
    if "assignee" in found:
        found["assignee"] = found.pop("assignee")
    return found


def given_at_first(ticket: Ticket, actor: Who, opened: Activity, assignee: Person | None) -> None:
    """A new ticket that is somebody's already: the same rule, and they hear of it."""
    owner_checked(ticket, actor, assignee)
    if ticket.assignee_id or ticket.team_id or ticket.group_id:
        tell_owners(opened)


def tell_owners(activity: Activity) -> None:
    """Whoever has the ticket by what `activity` says hears of it."""
    session.flush()
    later("staff.tell", activity_id=activity.id)
