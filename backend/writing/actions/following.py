"""A mail of its own on a ticket: to one person, under a subject of its own."""

from typing import Any

from backend.auth import Who
from backend.db import session
from backend.errors import Invalid
from backend.i18n import _
from backend.jobs import later
from backend.people.models import Person
from backend.textmodules.gaps import refuse_open
from backend.tickets.actions import Enclosure, Said
from backend.tickets.actions.changing import checked_subject, editable
from backend.tickets.actions.talking import add_message, nonempty
from backend.tickets.models import ActivityStatus, Channel, Kind, MailedAs, Message, Ticket


def follow_up(
    ticket: Ticket,
    actor: Who,
    text: str,
    to: list[dict[str, Any]],
    subject: str,
    *,
    enclosures: tuple[Enclosure, ...] = (),
    channel: Channel = Channel.DESK,
) -> Message:
    """`actor` writes to exactly one person, beside the conversation's own thread. The answer comes to the ticket.

    Raises Invalid for none or several, without a subject or without anything to say, and for a gap of a text module
    that is left in it; NotAllowed for whoever may not change the ticket.
    """
    editable(ticket, actor)
    if len(to) != 1:
        raise Invalid(_("Please correct the marked fields."), fields={"mail_to": _("One recipient, please.")})
    said = Said(
        text=text,
        to=to,
        subject=checked_subject(subject),
        channel=channel,
        mailed_as=MailedAs.FOLLOW_UP,
        enclosures=enclosures,
    )
    nonempty(said)
    refuse_open(said.text)
    turn = ticket.activity_status
    message = add_message(ticket, actor, Kind.REPLY, said, by_staff=True)
    message.delivery = "waiting"
    contact = session.get(Person, ticket.contact_id) if ticket.contact_id else None
    if contact is not None and contact.mail == to[0]["address"]:
        ticket.activity_status = ActivityStatus.WAITING_CONTACT
    elif turn == ActivityStatus.UNREAD:
        ticket.activity_status = ActivityStatus.READ
    later("mail.reply", message_id=message.id)
    return message
