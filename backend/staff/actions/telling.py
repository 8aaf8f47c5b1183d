"""Whoever is given a ticket hears of it: by a card in Teams, else by mail, never by both."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend import clock
from backend.chat.actions import outbox
from backend.chat.actions.telling import language_for
from backend.chat.cards import ticket_url, with_card
from backend.chat.models import Operation, TeamsPost, personal_conversation
from backend.db import session
from backend.i18n import in_language
from backend.jobs import later
from backend.mail.actions import notify
from backend.mentions.models import Told
from backend.people.models import Customer, Group, Person, Team, members
from backend.staff import cards
from backend.staff.models import AssignmentNotice
from backend.tickets.models import Activity, Ticket, tickets_visible_to

PURPOSE = "assignment"
_PATIENCE = timedelta(seconds=45)  # after which a card that did not go out is given up for a mail


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
    return [person for person in found if _sees(person, ticket)]


def _sees(person: Person, ticket: Ticket) -> bool:
    return session.scalar(tickets_visible_to(person.who()).where(Ticket.id == ticket.id)) is not None


def _tell_one(activity: Activity, person: Person) -> None:
    row = insert(AssignmentNotice).values(
        activity_id=activity.id, person_id=person.id, told=Told.WAITING, created_at=clock.now()
    )
    made = session.scalar(row.on_conflict_do_nothing().returning(AssignmentNotice.id))
    if made is None:  # the job ran before
        return
    one = session.get_one(AssignmentNotice, made)
    conversation = personal_conversation(person.id)
    if conversation is None:
        by_mail(one)
        return
    with in_language(language_for(conversation)):
        facts = _facts(one)
        said = with_card(cards.given(facts), cards.heading(facts))
    one.post_id = outbox.post(conversation, said, purpose=PURPOSE).id
    later("staff.overdue", notice_id=one.id, at=datetime.now(UTC) + _PATIENCE)


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


def by_mail(one: AssignmentNotice) -> None:
    """Tells by mail, once."""
    if one.told != Told.WAITING:
        return
    person, outbound = session.get_one(Person, one.person_id), None
    if person.mail:
        with in_language(person.language):
            facts = _facts(one)
            outbound = notify(
                person.name,
                person.mail,
                subject=f"{cards.heading(facts)}: {facts.subject}",
                paragraphs=(cards.heading(facts) + ".", cards.about(facts)),
                link=ticket_url(facts.number),
                language=person.language,
            )
    one.outbound_id = outbound.id if outbound else None
    one.told = Told.MAIL if outbound else Told.NOBODY


def overdue(one: AssignmentNotice) -> None:
    """The card has not gone out for a while: it is taken back and a mail goes instead, unless it is under way."""
    post = session.get(TeamsPost, one.post_id) if one.post_id else None
    if one.told == Told.WAITING and post is not None and outbox.withdraw(post):
        by_mail(one)


def told(post: TeamsPost) -> None:
    """Teams has shown the card."""
    _to(post, Told.TEAMS)


def doubtful(post: TeamsPost) -> None:
    """Nobody knows whether Teams has shown the card: there is no mail."""
    _to(post, Told.DOUBTFUL)


def not_told(post: TeamsPost) -> None:
    """Teams surely does not show the card: a mail goes instead."""
    one = _of(post)
    if one is not None:
        by_mail(one)


def _of(post: TeamsPost) -> AssignmentNotice | None:
    if post.purpose != PURPOSE or post.operation != Operation.CREATE:
        return None
    waiting = (AssignmentNotice.post_id == post.id, AssignmentNotice.told == Told.WAITING)
    return session.scalar(select(AssignmentNotice).where(*waiting))


def _to(post: TeamsPost, how: Told) -> None:
    one = _of(post)
    if one is not None:
        one.told = how
