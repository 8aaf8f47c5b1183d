"""What the bot says about a chat, to whom, in their language; and the cards that always show today's state."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from backend import config
from backend.chat import cards
from backend.chat.actions import outbox
from backend.chat.cards import Card, ChatFacts
from backend.chat.models import (
    Chat,
    ChatState,
    Operation,
    PostState,
    Reach,
    TeamsConversation,
    TeamsPost,
    personal_conversation,
)
from backend.chat.queue import bells, held_by
from backend.config import LANGUAGES
from backend.db import session
from backend.i18n import in_language
from backend.people.models import Customer, Person
from backend.tickets.models import Kind, Message, Ticket, tickets_visible_to

# What a post is for.
LINE = "line"  # what a technician said, to the customer
FILE = "file"  # a file that came after a technician's words, to the customer
COPY = "copy"  # what the customer said, to the technician
WORD = "word"  # a sentence of the bot's own
RING = "ring"
HOLDING = "holding"
GREETING = "greeting"
_CARDS = (RING, HOLDING, GREETING)
_OFFERED = 4
_NOTHING_LEFT = (PostState.FAILED, PostState.DOUBTFUL)
_A_MOMENT_BEFORE = timedelta(seconds=5)


def language_for(conversation: TeamsConversation) -> str:
    """The language of whoever reads a conversation: the person's, the client's, else the installation's."""
    person = session.get(Person, conversation.person_id) if conversation.person_id is not None else None
    own = person.language if person is not None else ""
    asked = (own, conversation.locale[:2].lower())
    return next((code for code in asked if code in LANGUAGES), config.current().language)


def facts_of(chat: Chat) -> ChatFacts:
    """What cards say of `chat` as it is now."""
    row = session.execute(
        select(Ticket.number, Ticket.subject, Person.name, Customer.name.label("company"))
        .join_from(Ticket, Person, Person.id == chat.contact_id)
        .outerjoin(Customer, Customer.id == Ticket.customer_id)
        .where(Ticket.id == chat.ticket_id)
    ).one()
    return ChatFacts(
        chat=chat.id,
        customer=row.name,
        company=row.company or "",
        number=row.number,
        subject=row.subject,
        since=chat.waiting_since,
        technician=_name(chat.technician_id),
        ended_by=_name(chat.ended_by_id),
        lines=_lines(chat),
    )


def _name(person_id: int | None) -> str:
    return (session.scalar(select(Person.name).where(Person.id == person_id)) or "") if person_id else ""


def _lines(chat: Chat) -> tuple[tuple[str, str], ...]:
    rows = session.execute(
        select(Message.author_name, Message.text)
        .where(
            Message.ticket_id == chat.ticket_id,
            Message.kind == Kind.REPLY,
            Message.deleted_at.is_(None),
            Message.sent_at >= chat.waiting_since - _A_MOMENT_BEFORE,
        )
        .order_by(Message.id.desc())
        .limit(8)
    ).all()
    return tuple((row.author_name, row.text) for row in reversed(rows))


def say(
    conversation: TeamsConversation, words: Callable[[], str], chat: Chat | None = None, purpose: str = WORD
) -> TeamsPost | None:
    """The bot says a sentence of its own in the reader's language; None where it may not speak."""
    if conversation.state != Reach.OPEN:
        return None
    with in_language(language_for(conversation)):
        activity = cards.line(words())
    return outbox.post(conversation, activity, purpose=purpose, chat=chat)


def customer_of(chat: Chat) -> TeamsConversation:
    """The conversation in which the customer writes."""
    return session.get_one(TeamsConversation, chat.conversation_id)


def desk_of(chat: Chat) -> TeamsConversation | None:
    """The chat of the bot with the technician who has this chat; None when there is none."""
    return personal_conversation(chat.technician_id) if chat.technician_id else None


def show_card(conversation: TeamsConversation, chat: Chat, purpose: str, facts: ChatFacts | None = None) -> None:
    """Puts a card about `chat` into a conversation; `refresh` keeps it as the chat is."""
    with in_language(language_for(conversation)):
        content, summary = card_for(purpose, chat, conversation, facts)
        activity = cards.with_card(content, summary)
    outbox.post(conversation, activity, purpose=purpose, chat=chat)


def ring(chat: Chat) -> None:
    """Everybody who may answer hears that somebody waits."""
    facts = facts_of(chat)
    for conversation in bells():
        show_card(conversation, chat, RING, facts)


def ring_here(conversation: TeamsConversation) -> None:
    """The bot has met a technician (or a channel): the chats that wait ring there too, each once."""
    if conversation.id not in {one.id for one in bells()}:
        return
    rung = select(TeamsPost.chat_id).where(
        TeamsPost.conversation_id == conversation.id, TeamsPost.purpose == RING, TeamsPost.chat_id.is_not(None)
    )
    waiting = select(Chat).where(Chat.state == ChatState.WAITING, Chat.id.not_in(rung)).order_by(Chat.waiting_since)
    for chat in session.scalars(waiting).all():
        show_card(conversation, chat, RING)


def refresh(*chats: Chat) -> None:
    """Brings every card about these chats to what is so now; a card that says it already is left alone."""
    session.flush()
    for chat in chats:
        shown = select(TeamsPost).where(
            TeamsPost.chat_id == chat.id,
            TeamsPost.purpose.in_(_CARDS),
            TeamsPost.operation == Operation.CREATE,
            TeamsPost.state.not_in(_NOTHING_LEFT),
        )
        facts = facts_of(chat)
        for post in session.scalars(shown.order_by(TeamsPost.id)).all():
            _bring_up_to_date(post, chat, facts)


def _bring_up_to_date(post: TeamsPost, chat: Chat, facts: ChatFacts) -> None:
    conversation = session.get_one(TeamsConversation, post.conversation_id)
    with in_language(language_for(conversation)):
        content, summary = card_for(post.purpose, chat, conversation, facts)
        activity = cards.with_card(content, summary)
    last = session.scalar(
        select(TeamsPost.activity).where(TeamsPost.replaces_id == post.id).order_by(TeamsPost.id.desc()).limit(1)
    )
    if activity != (last or post.activity):
        outbox.post(conversation, activity, purpose=post.purpose, chat=chat, operation=Operation.UPDATE, replaces=post)


def card_for(
    purpose: str, chat: Chat, conversation: TeamsConversation, facts: ChatFacts | None = None
) -> tuple[Card, str]:
    """(the card of that purpose as the chat is now, its summary), in the language of the moment."""
    facts = facts or facts_of(chat)
    if purpose == GREETING:
        made = _greeting(chat, facts)
    elif purpose == HOLDING:
        made = _holding(chat, facts, conversation)
    elif chat.state == ChatState.WAITING:
        made = cards.ring_waiting(facts)
    else:
        made = cards.ring_answered(facts) if chat.state == ChatState.OPEN else cards.ring_ended(facts)
    return made, _heading(made)


def _heading(made: Card) -> str:
    return str(made["body"][0]["inlines"][0]["text"])


def _holding(chat: Chat, facts: ChatFacts, conversation: TeamsConversation) -> Card:
    if chat.state == ChatState.ENDED:
        return cards.ring_ended(facts)
    if chat.technician_id != conversation.person_id:
        return cards.ring_answered(facts)
    mine = held_by(chat.technician_id or 0)
    if mine and mine[0].id != chat.id:
        return cards.put_aside(facts)
    names = dict(
        session.execute(select(Person.id, Person.name).where(Person.id.in_([one.contact_id for one in mine]))).all()
    )
    return cards.holding(facts, [(one.id, names[one.contact_id]) for one in mine if one.id != chat.id])


def _greeting(chat: Chat, facts: ChatFacts) -> Card:
    if chat.state == ChatState.ENDED:
        return cards.greeting_ended(facts)
    contact = session.get_one(Person, chat.contact_id)
    if chat.state != ChatState.WAITING or chat.matter_known:
        return cards.greeting_chosen(facts)
    return cards.greeting(contact.name, facts, offered_tickets(chat, contact))


def offered_tickets(chat: Chat, contact: Person) -> list[tuple[int, str]]:
    """The contact's open tickets other than the chat's own, the newest change first, as (number, subject)."""
    query = tickets_visible_to(contact.who()).where(~Ticket.closed, Ticket.id != chat.ticket_id)
    rows = session.execute(
        query.with_only_columns(Ticket.number, Ticket.subject).order_by(Ticket.updated_at.desc()).limit(_OFFERED)
    )
    return [(row.number, row.subject) for row in rows]
