"""Lines of a chat as messages of its ticket: said, changed, taken back, given to the mail, moved to another ticket."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy import text as sql

from backend import clock, live
from backend.auth import Who
from backend.db import session
from backend.errors import Conflict
from backend.i18n import _
from backend.jobs import later
from backend.people.models import Person
from backend.tickets.actions.index import index_message
from backend.tickets.actions.record import record
from backend.tickets.actions.talking import Said, add_message, nonempty
from backend.tickets.models import Activity, ActivityStatus, Attachment, Kind, Message, Ticket, TicketSearch


def locked(ticket_id: int) -> Ticket:
    """The ticket with that id as it is now; nobody else changes it before this transaction ends.

    Rows that point to it can be added meanwhile by others: two who add to one another's would wait for ever.
    """
    session.flush()  # what this transaction has changed already is not read over
    return session.get_one(Ticket, ticket_id, populate_existing=True, with_for_update={"key_share": True})


def locked_where_it_goes_on(ticket_id: int) -> Ticket:
    """The same, or the ticket that it is merged into.

    Only where it goes on is locked: a merge, and its undoing, lock both by their ids, and change neither without.
    """
    leads = select(func.coalesce(Ticket.merged_into_id, Ticket.id)).where(Ticket.id == ticket_id)
    while True:
        ticket = locked(session.scalar(leads) or ticket_id)
        if session.scalar(leads) in (ticket.id, None):
            return ticket


def locked_of(message: Message) -> Ticket:
    """The ticket on which `message` stands, locked: it may be moved to another one while we wait."""
    while True:
        ticket = locked(message.ticket_id)
        session.refresh(message, ["ticket_id"])
        if message.ticket_id == ticket.id:
            return ticket


def answer_in_chat(ticket: Ticket, actor: Who, said: Said, *, files_follow: bool = False) -> Message:
    """A line of `actor` (staff) in the ticket's chat; how it reaches the customer is the chat's matter.

    `files_follow`: its files are still fetched. Raises Invalid when there is nothing to say.
    """
    if not files_follow:
        nonempty(said)
    message = add_message(ticket, actor, Kind.REPLY, said, by_staff=True)
    message.delivery = "waiting"
    ticket.activity_status = ActivityStatus.WAITING_CONTACT
    return message


def give_to_mail(message: Message, contact: Person | None, why: str) -> bool:
    """A line that the chat cannot bring to `contact`, to whom it was said, goes by mail instead, once. False: there is
    no address. `why` in a word, as the chat tells it.

    Whoever the ticket's contact is by now was not spoken to. What the mail has taken over already stays with it.
    """
    if message.to:
        return True
    if contact is None or not contact.mail:
        message.delivery = "failed"
        live.tell(f"ticket:{message.ticket_id}")
        return False
    message.to, message.delivery = [{"name": contact.name, "address": contact.mail}], "waiting"
    message.by_mail_because = why
    later("mail.reply", message_id=message.id)
    live.tell(f"ticket:{message.ticket_id}")
    return True


def edit(message: Message, actor: Who, text: str) -> bool:
    """`actor` changed what they had said; the earlier words are kept in the log. False: nothing was changed."""
    text = text.replace("\x00", "").strip()
    if message.deleted_at is not None or not text or text == message.text:
        return False
    ticket, before = locked_of(message), message.text
    message.text, message.html, message.edited_at = text, "", clock.now()
    record(ticket, actor, "message_edited", before=before, after=text, message_id=message.id)
    session.flush()
    index_again(ticket)
    return True


def take_back(message: Message, actor: Who) -> bool:
    """`actor` deleted what they had said: it is shown as deleted, its words are kept in the log. False: it was so."""
    if message.deleted_at is not None:
        return False
    ticket, before = locked_of(message), message.text
    rest = {name: kept for name, kept in (("html", message.html), ("quoted", message.quoted)) if kept}
    message.text, message.html, message.quoted, message.deleted_at = "", "", "", clock.now()
    record(ticket, actor, "message_deleted", before=before, message_id=message.id, **rest)
    session.flush()
    index_again(ticket)
    return True


def bring_back(message: Message, actor: Who) -> bool:
    """`actor` wants a deleted message back, as the log has kept it. False: it is not deleted.

    Raises Conflict when that log is gone with its ticket.
    """
    if message.deleted_at is None:
        return False
    ticket = locked(message.ticket_id)
    # In the log of whichever ticket it stood on then: a merge moves messages and leaves the logs.
    said = select(Activity).where(sql("activities.verb = 'message_deleted'"))
    kept = session.scalar(
        said.where(Activity.data.contains({"message_id": message.id})).order_by(Activity.id.desc()).limit(1)
    )
    if kept is None:
        raise Conflict(_("The log that kept these words is gone. The message cannot be brought back."))
    message.text, message.deleted_at = kept.before, None
    message.html, message.quoted = kept.data.get("html", ""), kept.data.get("quoted", "")
    record(ticket, actor, "message_restored", message_id=message.id)
    session.flush()
    index_again(ticket)
    return True


def move_messages(messages: Sequence[Message], to: Ticket) -> None:
    """Moves `messages` of one ticket to `to`; both are counted and searched by what they hold then."""
    for message in messages:
        there = session.get_one(Ticket, message.ticket_id)
        there.messages_count -= 1
        message.ticket_id = to.id
        to.messages_count += 1
        to.updated_at = clock.now()
        if not message.by_staff:
            to.activity_status = ActivityStatus.WAITING_TECHNICIAN
    session.flush()
    for message in messages:
        index_message(to, message, _names(message))


def index_again(ticket: Ticket) -> None:
    """Puts the ticket's words together anew: what was taken away is no longer found."""
    session.execute(delete(TicketSearch).where(TicketSearch.ticket_id == ticket.id, TicketSearch.part > 0))
    for message in session.scalars(select(Message).where(Message.ticket_id == ticket.id).order_by(Message.id)):
        index_message(ticket, message, _names(message))


def _names(message: Message) -> list[str]:
    if message.deleted_at is not None:
        return []
    files = select(Attachment.name).where(Attachment.message_id == message.id, ~Attachment.inline)
    return list(session.scalars(files.order_by(Attachment.id)))


def withdraw(ticket: Ticket) -> None:
    """Removes a ticket that holds nothing: its chat began it and went to another one."""
    session.execute(delete(Ticket).where(Ticket.id == ticket.id))
    session.expunge(ticket)
    live.tell(f"ticket:{ticket.id}", "tickets")
