"""What an activity of Teams means to the house: something to take in, or a button whose press is answered at once."""

from typing import Any

from backend.chat import actions as chat
from backend.chat.actions import meeting
from backend.chat.actions.telling import language_for
from backend.chat.cards import CARD
from backend.chat.heard import Heard, button
from backend.db import session
from backend.errors import Refused
from backend.i18n import _, in_language
from backend.mentions import actions as mentions

# https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format
_MESSAGE = "application/vnd.microsoft.activity.message"
_ERROR = "application/vnd.microsoft.error"
_TAKEN_IN = frozenset({"message", "messageUpdate", "messageDelete", "conversationUpdate", "installationUpdate"})
_FEATURES = (chat, mentions)


def hear(heard: Heard) -> None:
    """Keeps an activity for the job that takes it in; a kind that means nothing here is let go."""
    if heard.type in _TAKEN_IN:
        meeting.keep(heard)


def invoked(heard: Heard) -> dict[str, Any]:
    """The answer to an invoke: the card as it stands after the press of its button, or a sentence."""
    press = button(heard)
    conversation = meeting.meet(heard)
    if press is None or conversation is None:
        return {"statusCode": 501, "type": _ERROR, "value": {"code": "NotSupported", "message": "Not supported."}}
    verb, data = press
    person = meeting.known(heard)
    if person is None:
        with in_language(language_for(conversation)):
            return _sentence(_("I do not know you yet. Please write to me first."))
    meeting.recognised(conversation, person)
    feature = next((one for one in _FEATURES if verb in one.VERBS), chat)
    try:
        # What was refused leaves nothing behind, though the request itself is answered.
        with session.begin_nested():
            card = feature.pressed(person, conversation, verb, data)
    except Refused as refused:
        return _sentence(refused.message)
    return {"statusCode": 200, "type": CARD, "value": card}


def _sentence(text: str) -> dict[str, Any]:
    return {"statusCode": 200, "type": _MESSAGE, "value": text}
