"""A mail on a ticket that speaks of another matter becomes a ticket of its own."""

from sqlalchemy import update

from backend.auth import Who
from backend.db import session
from backend.errors import Refused
from backend.i18n import _
from backend.mail.models import InboundMail
from backend.mail.thread import without_prefixes
from backend.people.models import Customer, Person
from backend.tickets.actions.changing import editable
from backend.tickets.actions.chatting import index_again, locked, move_messages
from backend.tickets.actions.opening import open_ticket
from backend.tickets.actions.record import record
from backend.tickets.models import Channel, Message, Ticket


def split_off(message: Message, actor: Who) -> Ticket:
    """`actor` makes a new ticket of the mail `message`, for whoever wrote it; answers to it land there from now on.

    Raises Refused for what is no customer's mail, and for the only message of its ticket.
    """
    old = locked(message.ticket_id)
    session.refresh(message)
    editable(old, actor)
    if message.by_staff or message.channel != Channel.MAIL or old.id != message.ticket_id or old.messages_count < 2:
        raise Refused(_("Only a customer's mail can become a ticket of its own, and not the only one of its ticket."))
    writer = session.get(Person, message.author_id) if message.author_id else None
    new = open_ticket(
        actor,
        without_prefixes(message.subject) or old.subject,
        contact=writer or (session.get(Person, old.contact_id) if old.contact_id else None),
        customer=session.get(Customer, old.customer_id) if old.customer_id else None,
    )
    move_messages([message], new)
    session.execute(update(InboundMail).where(InboundMail.message_id == message.id).values(ticket_id=new.id))
    index_again(old)
    record(old, actor, "split_off", after=f"#{new.number}", message_id=message.id)
    record(new, actor, "split_from", before=f"#{old.number}", message_id=message.id)
    session.flush()
    return new
