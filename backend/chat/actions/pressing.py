"""The buttons on the bot's cards: each acts on what is so today and answers with the card as it is then."""

from typing import Any

from backend.chat.actions.answering import answer, continue_with, end, locked_chat
from backend.chat.actions.choosing import choose_ticket
from backend.chat.actions.telling import GREETING, HOLDING, RING, card_for, language_for
from backend.chat.cards import Card
from backend.chat.models import Chat, TeamsConversation
from backend.db import session
from backend.errors import Conflict, NotAllowed, NotFound
from backend.i18n import _, in_language
from backend.people.models import Person

VERBS = ("chat.answer", "chat.end", "chat.continue", "chat.ticket")


def pressed(person: Person, conversation: TeamsConversation, verb: str, data: dict[str, Any]) -> Card:
    """`person` pressed a button in `conversation`: does it and returns the card that stands there from now on.

    What a card carries can be forged, so it names only ids, and rights are asked here. Raises Refused with a
    sentence in the person's language.
    """
    with in_language(person.language or language_for(conversation)):
        if verb not in VERBS:
            raise NotFound(_("This button is not known any more."))
        chat_id = _number(data.get("chat"))
        if person.is_staff:
            return _by_staff(person, conversation, verb, chat_id)
        return _by_customer(person, conversation, verb, chat_id, _number(data.get("ticket")))


def _number(value: Any) -> int:
    """`value` as an id; 0, which is nobody's, when it can be none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 < value < 2**31 else 0
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _by_staff(person: Person, conversation: TeamsConversation, verb: str, chat_id: int) -> Card:
    if not person.active or not person.who().may("chats.write"):
        raise NotAllowed(_("You may not do this. If you should, ask an administrator for the right."))
    purpose = RING
    if verb == "chat.answer":
        try:
            chat = answer(chat_id, person)
        except Conflict:
            chat = locked_chat(chat_id)  # who it is stands on the card
    elif verb == "chat.continue":
        chat, purpose = _continued(chat_id, person), HOLDING
    elif verb == "chat.end":
        chat, purpose = _ended_by_staff(chat_id, person), HOLDING
    else:
        raise NotFound(_("This button is not known any more."))
    return card_for(purpose, chat, conversation)[0]


def _continued(chat_id: int, person: Person) -> Chat:
    try:
        return continue_with(chat_id, person)
    except Conflict:
        return locked_chat(chat_id)


def _ended_by_staff(chat_id: int, person: Person) -> Chat:
    chat = locked_chat(chat_id)
    return end(chat_id, person.who()) if chat.technician_id == person.id else chat


def _by_customer(person: Person, conversation: TeamsConversation, verb: str, chat_id: int, ticket: int) -> Card:
    chat = session.get(Chat, chat_id)
    if chat is None or chat.contact_id != person.id or chat.conversation_id != conversation.id:
        raise NotFound(_("There is no such chat."))
    if verb == "chat.end":
        chat = end(chat_id, person.who())
    elif verb == "chat.ticket":
        chat = _chosen(chat_id, person, ticket)
    else:
        raise NotFound(_("There is no such chat."))
    return card_for(GREETING, chat, conversation)[0]


def _chosen(chat_id: int, person: Person, ticket: int) -> Chat:
    try:
        return choose_ticket(chat_id, person, ticket)
    except Conflict:
        return locked_chat(chat_id)
