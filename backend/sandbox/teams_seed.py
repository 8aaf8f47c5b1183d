"""What customers have just written to the bot when the sandbox is used for the first time."""

from typing import Any

from backend.sandbox.people import by_mail
from backend.sandbox.store import Tx
from backend.sandbox.teams_activities import message
from backend.sandbox.teams_chats import add
from backend.sandbox.teams_people import chat_id

_WAITING = (
    (
        "torben.lasch@brauhaus-kettwin.example",
        "Moin, im Gasthaus nimmt die Kasse keine Karten mehr, die ersten Gäste wollen zahlen.",
        "Können Sie sich das gleich ansehen? Ich bin am Tresen.",
    ),
    (
        "owen.prentice@harcastle-marine.example",
        "Hello, is anybody there? The printer in the yard store prints every label twice since this morning.",
    ),
)


def first_lines(tx: Tx, service_url: str) -> list[dict[str, Any]]:
    """Writes the lines into their chats and returns the activities, which the bot is still to hear of."""
    told = []
    for mail, *lines in _WAITING:
        person = by_mail(mail)
        assert person is not None
        for text in lines:
            activity = message(tx, person, chat_id(person), service_url, text=text, mentions=[], attachments=[])
            told.append(add(tx, chat_id(person), person.id, activity).doc)
    return told
