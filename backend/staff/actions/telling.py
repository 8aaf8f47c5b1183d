"""Whoever is given a ticket hears of it."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend import clock
from backend.chat.models import TeamsPost
from backend.db import session
from backend.jobs import later
from backend.mentions.actions import ways
from backend.mentions.models import Told
from backend.people.models import Customer, Group, Person, Team, members
from backend.staff import cards
from backend.staff.models import AssignmentNotice
from backend.tickets.models import Activity, Ticket, sees

PURPOSE = "assignment"


def tell(activity_id: int) -> None:
    """Tells those who have the ticket by that activity, each once, whoever did it left out.

    What was changed again meanwhile is not told: whoever undoes a slip at once disturbs nobody.
    """
    activity = session.get(Activity, activity_id)
    ticket = session.get(Ticket, activity.ticket_id) if activity is not None and activity.ticket_id else None
    if activity is None or ticket is None or ticket.closed:
        return
    for person in _owners(activity, ticket):
        if person.id != activity.actor_id:
            _tell_one(activity, person)


def _owners(activity: Activity, ticket: Ticket) -> list[Person]:
    """The technician; without one, the members of team or group from whom the ticket is not hidden."""
    if activity.verb in ("assignee", "opened") and ticket.assignee_id:
        given = ticket.assignee_id == activity.data.get("after_id", ticket.assignee_id)
        person = session.get(Person, ticket.assignee_id)
        return [person] if given and person is not None and person.active else []
    if ticket.assignee_id:
        return []
    team = ticket.team_id if activity.verb in ("team", "opened") else None
    group = ticket.group_id if activity.verb in ("group", "opened") else None
    now_id = team if team is not None else group
    if now_id is None or now_id != activity.data.get("after_id", now_id):
        return []
    found = session.scalars(members(team=team, group=None if team is not None else group))
    return [person for person in found if sees(person.who(), ticket.id)]


def _tell_one(activity: Activity, person: Person) -> None:
    row = insert(AssignmentNotice).values(
        activity_id=activity.id, person_id=person.id, told=Told.WAITING, created_at=clock.now()
    )
    made = session.scalar(row.on_conflict_do_nothing().returning(AssignmentNotice.id))
    if made is None:  # the job ran before
        return
    if ways.tell(session.get_one(AssignmentNotice, made), _words, PURPOSE):
        later("staff.overdue", notice_id=made, at=datetime.now(UTC) + ways.PATIENCE)


def _words(one: AssignmentNotice) -> ways.Words:
    facts = _facts(one)
    heading = cards.heading(facts)
    return ways.Words(
        card=cards.given(facts),
        heading=heading,
        subject=facts.subject,
        paragraphs=(f"{heading}.", cards.about(facts)),
        number=facts.number,
        ticket_id=session.get_one(Activity, one.activity_id).ticket_id or 0,
    )


def _facts(one: AssignmentNotice) -> cards.AssignmentFacts:
    activity = session.get_one(Activity, one.activity_id)
    row = session.execute(
        select(
            Ticket.number,
            Ticket.subject,
            Ticket.assignee_id,
            Customer.name.label("company"),
            Team.name.label("team"),
            Group.name.label("group"),
        )
        .outerjoin(Customer, Customer.id == Ticket.customer_id)
        .outerjoin(Team, Team.id == Ticket.team_id)
        .outerjoin(Group, Group.id == Ticket.group_id)
        .where(Ticket.id == activity.ticket_id)
    ).one()
    alone = activity.verb == "assignee" or row.assignee_id == one.person_id
    return cards.AssignmentFacts(
        number=row.number,
        subject=row.subject,
        company=row.company or "",
        by=activity.actor_name,
        given_to="" if alone else row.team or row.group or "",
    )


def overdue(one: AssignmentNotice) -> None:
    """The card has not gone out for a while: it is taken back and a mail goes instead, unless it is under way."""
    ways.overdue(one, _words)


def told(post: TeamsPost) -> None:
    """Teams has shown the card."""
    one = ways.told_by(post, AssignmentNotice, PURPOSE)
    if one is not None:
        ways.shown(one)


def doubtful(post: TeamsPost) -> None:
    """Nobody knows whether Teams has shown the card: there is no mail for it."""
    one = ways.told_by(post, AssignmentNotice, PURPOSE)
    if one is not None:
        ways.doubtful(one)


def not_told(post: TeamsPost) -> None:
    """Teams surely does not show the card: a mail goes instead, unless one went."""
    one = ways.told_by(post, AssignmentNotice, PURPOSE)
    if one is not None:
        ways.by_mail(one, _words)
