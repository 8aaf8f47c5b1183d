"""By which ways a technician is told of something: in Teams, by mail or by both, as the settings say, each way once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import select

from backend.chat.actions import outbox
from backend.chat.actions.telling import language_for
from backend.chat.cards import Card, ticket_url, with_card
from backend.chat.models import Operation, TeamsPost, personal_conversation
from backend.db import session
from backend.i18n import in_language
from backend.mail.actions import notify
from backend.mail.models import Purpose
from backend.mentions.models import Notice, Told
from backend.people.models import Person
from backend.settings.models import setting
from backend.tickets.models import sees

N = TypeVar("N", bound=Notice)
PATIENCE = timedelta(seconds=45)  # after which a card that did not go out is given up for a mail


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is said, in the language of the moment. `heading` is the line of the notification and begins the subject."""

    card: Card
    heading: str
    subject: str
    paragraphs: tuple[str, ...]
    number: int
    ticket_id: int


def tell(one: N, words: Callable[[N], Words], purpose: str) -> bool:
    """Tells of `one` by each of the chosen ways that there is. True: there is only a card, which has yet to go out."""
    way = setting("telling")
    conversation = personal_conversation(one.person_id) if way != "mail" else None
    if conversation is None:
        by_mail(one, words)
        return False
    if way == "both":
        _mail(one, words)
    with in_language(language_for(conversation)):
        said = words(one)
        activity = with_card(said.card, said.heading)
    one.post_id = outbox.post(conversation, activity, purpose=purpose).id
    return one.told == Told.WAITING


def by_mail(one: N, words: Callable[[N], Words]) -> None:
    """Tells by mail whoever has not been told."""
    if one.told == Told.WAITING and not _mail(one, words):
        one.told = Told.NOBODY


def _mail(one: N, words: Callable[[N], Words]) -> bool:
    """A mail, unless the person is no longer of the desk or the ticket has been hidden from them meanwhile."""
    person, outbound = session.get_one(Person, one.person_id), None
    if person.mail and person.active and person.is_staff:
        with in_language(person.language):
            said = words(one)
            if not sees(person.who(), said.ticket_id):
                return False
            outbound = notify(
                person.name,
                person.mail,
                subject=f"{said.heading}: {said.subject}",
                paragraphs=said.paragraphs,
                link=ticket_url(said.number),
                language=person.language,
                purpose=Purpose.COLLEAGUE,
            )
    if outbound is None:
        return False
    one.outbound_id, one.told = outbound.id, Told.MAIL
    return True


def overdue(one: N, words: Callable[[N], Words]) -> bool:
    """The card has not gone out for a while: it is taken back and a mail goes instead, unless it is under way."""
    post = session.get(TeamsPost, one.post_id) if one.post_id else None
    if one.told != Told.WAITING or post is None or not outbox.withdraw(post):
        return False
    by_mail(one, words)
    return True


def shown(one: Notice) -> None:
    """Teams has shown the card."""
    one.told = Told.BOTH if one.told == Told.MAIL else Told.TEAMS


def doubtful(one: Notice) -> None:
    """Nobody knows whether Teams has shown the card. There is no mail because of it; who got one has been told."""
    if one.told == Told.WAITING:
        one.told = Told.DOUBTFUL


def told_by(post: TeamsPost, table: type[N], purpose: str) -> N | None:
    """What the card `post` tells of, unless it is settled how that was told."""
    if post.purpose != purpose or post.operation != Operation.CREATE:
        return None
    return session.scalar(select(table).where(table.post_id == post.id, table.told.in_((Told.WAITING, Told.MAIL))))
