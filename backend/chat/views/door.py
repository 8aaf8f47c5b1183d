"""The blueprint that all views of chats hang on, and how they find the chat of an address."""

from typing import Any

from flask import Blueprint
from sqlalchemy import select

from backend.auth import me
from backend.chat import queue
from backend.db import session
from backend.errors import NotAllowed, NotFound
from backend.i18n import _
from backend.people.models import Person

blueprint = Blueprint("chats", __name__, template_folder="../templates")


def the_chat(chat_id: int) -> Any:
    """The chat with that id as a row, if the person may see it. Raises NotFound otherwise."""
    row = queue.one(chat_id, me())
    if row is None:
        raise NotFound(_("There is no such chat."))
    return row


def myself() -> Person:
    """The person behind this request as a row. Raises NotAllowed when it is no person."""
    person = session.scalar(select(Person).where(Person.id == (me().person_id or 0)))
    if person is None:
        raise NotAllowed(_("Only a person can do this."))
    return person
