"""Somebody is mentioned in a note and hears of it, and can answer by the card."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from backend import clock, live
from backend.auth import Who
from backend.chat.actions import outbox
from backend.chat.actions.telling import language_for
from backend.chat.cards import Card, with_card
from backend.chat.models import (
    Operation,
    PostState,
    TeamsConversation,
    TeamsPost,
)
from backend.db import session
from backend.errors import Invalid, NotFound
from backend.i18n import _, in_language
from backend.jobs import later
from backend.mentions import cards
from backend.mentions.actions import ways
from backend.mentions.models import Mention
from backend.people.models import Customer, EmailAddress, Person, normal_address
from backend.tickets.actions import Said, locked_of, note, record
from backend.tickets.models import Channel, Kind, Message, Ticket, sees

VERBS = (cards.REPLY,)
PURPOSE = "mention"
MOST = 20  # people mentioned in one note


def staff_by_address(addresses: Iterable[str], field: str = "mentions") -> list[Person]:
    """Those of staff to whom the addresses belong, each once. Raises Invalid naming what belongs to nobody."""
    wanted = list(dict.fromkeys(normal_address(one) for one in addresses if one.strip()))
    rows = session.execute(
        select(EmailAddress.address, Person)
        .join(Person, Person.id == EmailAddress.person_id)
        .where(EmailAddress.address.in_(wanted), Person.active)
    ).all()
    found = {row.address: row.Person for row in rows if row.Person.is_staff}
    for address in wanted:
        if address not in found:
            sentence = _("%(address)s is nobody of the desk.", address=address)
            raise Invalid(_("Please correct the marked fields."), fields={field: sentence})
    return _checked(list({person.id: person for person in found.values()}.values()), field)


def _checked(people: list[Person], field: str) -> list[Person]:
    if len(people) > MOST:
        sentence = _("Please name %(most)s people at most.", most=MOST)
        raise Invalid(_("Please correct the marked fields."), fields={field: sentence})
    return people


def mention(message: Message, actor: Who, people: Sequence[Person]) -> list[Mention]:
    """`actor` asks `people` of staff to look at the note `message`; who is asked already, or is the actor, is not told.

    Of a call the ticket's technician is told likewise. Raises Invalid for what is mailed to customers, and for whom the
    ticket is hidden from.
    """
    if message.kind not in (Kind.NOTE, Kind.CALL):
        raise Invalid(_("Only a note can notify colleagues."), fields={"mentions": _("This is not a note.")})
    there = set(session.scalars(select(Mention.person_id).where(Mention.message_id == message.id)))
    new = [one for one in people if one.id not in there and one.id != actor.person_id]
    for person in new:
        if not sees(person.who(), message.ticket_id):
            sentence = _("%(name)s does not see this ticket.", name=person.name)
            raise Invalid(_("Please correct the marked fields."), fields={"mentions": sentence})
    made = []
    for person in new:
        one = Mention(message_id=message.id, person_id=person.id, created_at=clock.now())
        session.add(one)
        session.flush()
        if ways.tell(one, _words, PURPOSE):
            later("mentions.overdue", mention_id=one.id, at=datetime.now(UTC) + ways.PATIENCE)
        made.append(one)
    if made:
        ticket = session.get_one(Ticket, message.ticket_id)
        names = ", ".join(one.name for one in new)
        record(ticket, actor, "mentioned", after=names, message_id=message.id)
    return made


def _words(one: Mention) -> ways.Words:
    facts = facts_of(one)
    heading = cards.heading(facts)
    return ways.Words(
        card=cards.mentioned(facts),
        heading=heading,
        subject=facts.subject,
        paragraphs=(f"{heading}:", facts.text),
        number=facts.number,
        ticket_id=session.get_one(Message, one.message_id).ticket_id,
    )


def facts_of(one: Mention, replied: str = "") -> cards.MentionFacts:
    """What the card about `one` says now."""
    row = session.execute(
        select(Ticket.number, Ticket.subject, Customer.name, Message.author_name, Message.text, Message.kind)
        .join_from(Message, Ticket, Ticket.id == Message.ticket_id)
        .outerjoin(Customer, Customer.id == Ticket.customer_id)
        .where(Message.id == one.message_id)
    ).one()
    return cards.MentionFacts(
        mention=one.id,
        number=row.number,
        subject=row.subject,
        company=row.name or "",
        author=row.author_name,
        text=row.text,
        replies=one.replies,
        replied=replied,
        call=row.kind == Kind.CALL,
    )


def overdue(one: Mention) -> None:
    """The card has not gone out for a while: it is taken back and a mail goes instead, unless it is under way."""
    if ways.overdue(one, _words):
        _looked_again(one)


def told(post: TeamsPost) -> None:
    """Teams has shown the card."""
    one = ways.told_by(post, Mention, PURPOSE)
    if one is not None:
        ways.shown(one)
        _looked_again(one)


def doubtful(post: TeamsPost) -> None:
    """Nobody knows whether Teams has shown the card: there is no mail for it, the ticket says so."""
    one = ways.told_by(post, Mention, PURPOSE)
    if one is not None:
        ways.doubtful(one)
        _looked_again(one)


def not_told(post: TeamsPost) -> None:
    """Teams surely does not show the card: a mail goes instead, unless one went."""
    one = ways.told_by(post, Mention, PURPOSE)
    if one is not None:
        ways.by_mail(one, _words)
        _looked_again(one)


def _looked_again(one: Mention) -> None:
    session.flush()
    ticket_id = session.scalar(select(Message.ticket_id).where(Message.id == one.message_id))
    live.tell(f"ticket:{ticket_id}")


def pressed(person: Person, conversation: TeamsConversation, verb: str, data: dict[str, Any]) -> Card:
    """`person` answers by the card: a note on the ticket, of which the one who mentioned them hears.

    Returns the card as it stands from now on. Raises NotFound for what is not theirs, or is hidden from them by now.
    """
    number, seen = data.get("mention"), data.get("replies")
    one = None
    if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**63:
        mine = select(Mention).where(Mention.id == number, Mention.person_id == person.id)
        one = session.scalar(mine.with_for_update(key_share=True))
    with in_language(language_for(conversation)):
        if one is None or verb not in VERBS or not person.is_staff or not _seen(one, person):
            raise NotFound(_("There is no such note for you."))
        text = str(data.get(cards.INPUT) or "").strip()
        if seen != one.replies:
            return cards.mentioned(facts_of(one), _("You have answered this already; here is how it stands."))
        if not text:
            return cards.mentioned(facts_of(one), _("Please write something first."))
        _answer(one, person, text)
        made = cards.mentioned(facts_of(one, text))
        post = session.get(TeamsPost, one.post_id) if one.post_id else None
        if post is not None and post.state == PostState.SENT:
            activity = with_card(made, cards.heading(facts_of(one)))
            outbox.post(conversation, activity, purpose=PURPOSE, operation=Operation.UPDATE, replaces=post)
        return made


def _seen(one: Mention, person: Person) -> bool:
    return sees(person.who(), session.get_one(Message, one.message_id).ticket_id)


def _answer(one: Mention, person: Person, text: str) -> None:
    asked = session.get_one(Message, one.message_id)
    answered = note(locked_of(asked), person.who(), Said(text=text, channel=Channel.TEAMS))
    one.replies += 1
    author = session.get(Person, asked.author_id) if asked.author_id else None
    if author is not None and author.is_staff and author.active and sees(author.who(), asked.ticket_id):
        mention(answered, person.who(), [author])
    session.flush()
