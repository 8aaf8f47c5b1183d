"""The blueprint of all these requests, and how they find a message."""

from flask import Blueprint
from sqlalchemy import select

from backend.auth import me
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.tickets.models import Message, Ticket, messages_visible_to

blueprint = Blueprint("writing", __name__, template_folder="../templates")


def the_message(message_id: int) -> Message:
    """The message with that id, if the person may read it. Raises NotFound."""
    message = session.scalar(messages_visible_to(me()).where(Message.id == min(message_id, 2**62)))
    if message is None:
        raise NotFound(_("This message is no longer there."))
    return message


def number_of(message: Message) -> int:
    """The number of the message's ticket."""
    return session.scalars(select(Ticket.number).where(Ticket.id == message.ticket_id)).one()
