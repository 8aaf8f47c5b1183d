"""Which ticket a mail belongs to, and which of the desk's own mails have come back."""

from sqlalchemy import and_, func, or_, select

from backend import config
from backend.db import session
from backend.mail import thread
from backend.mail.actions.mailboxes import installation, is_own
from backend.mail.machine import Kind
from backend.mail.models import InboundMail, OutboundMail
from backend.mail.parse import Mail
from backend.people.models import Person, normal_address, person_by_address
from backend.tickets.models import Kind as MessageKind
from backend.tickets.models import MailedAs, Message, Ticket

_MOST_REFERENCES = 30


def _key() -> bytes:
    return config.current().secret_key.encode()


def is_ours(mail: Mail) -> bool:
    """Whether the desk itself sent `mail`: by its mark, its signed Message-ID, or the one Exchange gave it."""
    if installation() in mail.headers.get("x-deskside-loop", ()):
        return True
    own = mail.internet_message_id
    if not own:
        return False
    return thread.verify(_key(), own) is not None or _sent_as((own,)) is not None


def _sent_as(ids: tuple[str, ...]) -> OutboundMail | None:
    found = select(OutboundMail).where(
        or_(OutboundMail.exchange_message_id.in_(ids), OutboundMail.internet_message_id.in_(ids))
    )
    return session.scalar(found.order_by(OutboundMail.id.desc()).limit(1))


def ticket_of(mail: Mail, kind: Kind) -> Ticket | None:
    """The ticket that `mail` answers, locked for what follows; None when it begins something new.

    What it answers directly counts before older references, these only under the same subject (people reuse an old
    mail for a new matter), and the number in the subject only from those who take part in that ticket.
    """
    parent = mail.in_reply_to or (mail.references[-1] if mail.references else None)
    failed = kind.bounced.original_message_id if kind.bounced else None
    sender = mail.from_.address if mail.from_ else ""
    for one in filter(None, (parent, failed)):
        found = _of_message(one, sender)
        if found is not None:
            return _locked(found)
    for one in reversed(mail.references[-_MOST_REFERENCES:]):
        found = _of_message(one, sender)
        if found is not None and any(thread.same_subject(mail.subject, subject) for subject in _subjects(found)):
            return _locked(found)
    for number in thread.numbers_in(mail.subject):
        ticket = session.scalar(select(Ticket).where(Ticket.number == number))
        if ticket is not None and takes_part(sender, ticket):
            return _locked(ticket.id)
    return None


def _subjects(ticket_id: int) -> list[str]:
    """What the ticket is about, and what was about it before: the subjects of those that are merged with it."""
    goes_on = select(func.coalesce(Ticket.merged_into_id, Ticket.id)).where(Ticket.id == ticket_id).scalar_subquery()
    query = select(Ticket.subject).where(or_(Ticket.id == goes_on, Ticket.merged_into_id == goes_on))
    return list(session.scalars(query.order_by(Ticket.id)))


def sent_by_us(message_id: str) -> OutboundMail | None:
    """The mail of ours with that Message-ID: the signed one, or the one under which Exchange has sent it."""
    signed = thread.verify(_key(), message_id)
    outbound = session.get(OutboundMail, int(signed[1])) if signed and signed[1].isdigit() else None
    if outbound is None or outbound.internet_message_id.lower() != message_id.lower():
        outbound = _sent_as((message_id,))
    return outbound


def between_us(mail: Mail, ticket: Ticket) -> bool:
    """Whether `mail` is between its sender and us: the matter was passed on to them, and they know it from that alone.

    The customer sees neither that nor what comes of it.
    """
    address = normal_address(mail.from_.address) if mail.from_ else ""
    return _answers(mail, MailedAs.FORWARD) or _knows_by(address, ticket) == {MailedAs.FORWARD}


def beside_the_thread(mail: Mail, ticket: Ticket, sender: Person | None) -> bool:
    """Whether `mail` answers one that we have written beside the customer's thread, and not to them: what it says is
    neither quoted to the customer, nor is its sender answered by itself.
    """
    if sender is not None:
        same = ticket.customer_id is not None and sender.customer_id == ticket.customer_id
        if same or sender.id == ticket.contact_id:
            return False
    address = normal_address(mail.from_.address) if mail.from_ else ""
    known = _knows_by(address, ticket)
    return _answers(mail, MailedAs.FOLLOW_UP) or (bool(known) and "" not in known)


def _knows_by(address: str, ticket: Ticket) -> set[str]:
    """As what the mails of the ticket went out that `address` has got or written."""
    if not address:
        return set()
    named = [{"address": address}]
    wrote = and_(func.lower(Message.author_mail) == address, Message.kind != MessageKind.NOTE)
    found = select(Message.mailed_as).where(
        Message.ticket_id == ticket.id, or_(Message.to.contains(named), Message.cc.contains(named), wrote)
    )
    return set(session.scalars(found))


def _answers(mail: Mail, mailed_as: MailedAs) -> bool:
    for one in {mail.in_reply_to or "", *mail.references[-_MOST_REFERENCES:]} - {""}:
        outbound = sent_by_us(one)
        message = session.get(Message, outbound.message_id) if outbound is not None and outbound.message_id else None
        if message is not None and message.mailed_as == mailed_as:
            return True
    return False


def _of_message(message_id: str, sender: str) -> int | None:
    """The ticket of the mail `message_id`: of ours, whose ids only its receivers know; of others, if one takes part."""
    outbound = sent_by_us(message_id)
    if outbound is not None and outbound.ticket_id is not None:
        return outbound.ticket_id
    said = select(Message.ticket_id).where(Message.internet_message_id == message_id)
    taken = select(InboundMail.ticket_id).where(InboundMail.internet_message_id == message_id)
    candidates = [*session.scalars(said.order_by(Message.id.desc())), *session.scalars(taken)]
    for ticket_id in dict.fromkeys(one for one in candidates if one is not None):
        ticket = session.get(Ticket, ticket_id)
        if ticket is not None and takes_part(sender, ticket):
            return ticket.id
    return None


def takes_part(address: str, ticket: Ticket) -> bool:
    """Whether `address` is staff's, the contact's or a colleague's, or wrote or received one of the ticket's mails."""
    address = normal_address(address)
    # Every mail is addressed to the desk itself, and anybody can write its address as their own.
    if not address or is_own(address):
        return False
    person = person_by_address(address)
    if person is not None:
        same = ticket.customer_id is not None and person.customer_id == ticket.customer_id
        if person.is_staff or person.id == ticket.contact_id or same:
            return True
    named = [{"address": address}]
    found = select(Message.id).where(
        Message.ticket_id == (ticket.merged_into_id or ticket.id),
        or_(func.lower(Message.author_mail) == address, Message.to.contains(named), Message.cc.contains(named)),
    )
    return session.scalar(found.limit(1)) is not None


def _locked(ticket_id: int) -> Ticket | None:
    """The ticket that goes on for that one, as it is now; it may be merged while we wait for it."""
    wanted = session.scalar(select(func.coalesce(Ticket.merged_into_id, Ticket.id)).where(Ticket.id == ticket_id))
    while wanted is not None:
        query = select(Ticket).where(Ticket.id == wanted).with_for_update()
        ticket = session.scalar(query.execution_options(populate_existing=True))
        if ticket is None or ticket.merged_into_id is None:
            return ticket
        wanted = ticket.merged_into_id
    return None
