"""Taking in a mail: the original kept first, then what it is, whose it is, where it belongs. Once, however often it
comes."""

import hashlib

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from backend import clock, config, files, live
from backend.auth import Who
from backend.db import session
from backend.errors import Invalid, Refused
from backend.i18n import _
from backend.jobs import later
from backend.mail import machine, words
from backend.mail.actions.bounces import attach
from backend.mail.actions.content import Content, read, shown
from backend.mail.actions.following import answered, follow_up
from backend.mail.actions.mailboxes import installation, is_own, mailbox_of
from backend.mail.actions.threading import beside_the_thread, between_us, is_ours, ticket_of
from backend.mail.actions.writing import acknowledge
from backend.mail.machine import Kind
from backend.mail.models import InboundMail, Mailbox, Outcome
from backend.mail.parse import Address, Mail, parse
from backend.mail.problems import N_
from backend.people.actions import contact_for
from backend.people.models import Person, address_topic, person_by_address
from backend.tickets.actions import note, receive
from backend.tickets.models import ActivityStatus, Channel, MailedAs, Message, Ticket, writes_as_contact

_MACHINES = ("auto-reply", "bounce", "list", "receipt")
_REPORTS = ("bounce", "receipt")  # of mail servers and programs, about a mail
_OWN = N_("It was sent by this desk and has come back.")


def take_in(mailbox: Mailbox, raw: bytes, *, graph_id: str = "", listed_as: str = "") -> InboundMail:
    """Takes in a mail of a mailbox whose mail becomes tickets, and says what became of it.

    The same mail (same Message-ID, sender, date, subject and words) is taken in once per mailbox; another mail under a
    used Message-ID is another mail. `listed_as`: the Message-ID by which Exchange lists it, its own when it has none.
    """
    original, mail = files.keep(raw), parse(raw)
    _serialise(mail, raw, listed_as)
    row = receipt(mailbox, mail, raw, original, graph_id, listed_as)
    if row.outcome:
        return row
    kind = machine.kind(mail, installation=installation())
    row.kind, row.reason = kind.name, kind.reason if kind.name != "normal" else " ".join(mail.problems)
    twin = _twin(row)
    if kind.name == "loop" or is_ours(mail):
        row.outcome, row.kind, row.reason = Outcome.IGNORED, "loop", _OWN
    elif _deleted(row):
        row.outcome = Outcome.DELETED
    elif kind.name in _MACHINES or (kind.name == "notification" and not _begins(mail, kind)):
        _from_machine(row, mail, kind, twin)
    else:
        _from_person(row, mail, kind, twin, mailbox)
    session.flush()
    if row.ticket_id is not None and twin is None and _answers_invitation(mail):
        later("visits.answered", inbound_id=row.id)
    return row


def _answers_invitation(mail: Mail) -> bool:
    """Whether a calendar program wrote it: accepted, declined (RFC 5546, 3.2.3)."""
    return any(one.content_type == "text/calendar" and b"METHOD:REPLY" in one.data[:50_000] for one in mail.attachments)


def _begins(mail: Mail, kind: Kind) -> bool:
    """Whether a notification is news: an alert that belongs to no ticket yet."""
    return kind.opens and ticket_of(mail, kind) is None


def take_in_by_hand(actor: Who, raw: bytes) -> Ticket:
    """`actor` makes a ticket of a mail in the own mailbox, or puts it on the one it answers. Twice is one ticket.

    A mail that came through another mailbox already is found there. Raises Refused when it has no sender, and for the
    desk's own mails.
    """
    original, mail = files.keep(raw), parse(raw)
    _serialise(mail, raw)
    earlier = _earlier(mail, raw)
    if earlier is not None:
        return earlier
    if mail.from_ is None or not mail.from_.address:
        raise Invalid(_("This e-mail does not say who sent it. Please open a ticket by hand."))
    if session.scalar(
        select(InboundMail.id)
        .where(InboundMail.internet_message_id == _message_id(mail, raw), InboundMail.outcome == Outcome.DELETED)
        .limit(1)
    ):
        raise Refused(_("The ticket of this e-mail was deleted."))
    if is_ours(mail):
        raise Refused(_("The desk sent this e-mail itself; its ticket has it already."))
    kind = machine.kind(mail, installation=installation())
    row = receipt(mailbox_of(actor.mail or "by-hand"), mail, raw, original, "")
    row.kind, row.reason = kind.name, kind.reason if kind.name != "normal" else ""
    contact = contact_for(mail.from_.address, mail.from_.name)
    ticket, old = answered(mail, kind, contact)
    row.outcome = Outcome.MESSAGE
    if ticket is None:
        row.outcome = Outcome.TICKET
        ticket = follow_up(old, actor, subject_of(mail), contact, source="pane")
    content = read(mail, Channel.PANE)
    tie(row, _said_by(ticket, contact, writer_of(contact, mail.from_), mail, content), content)
    return ticket


def _message_id(mail: Mail, raw: bytes, listed_as: str = "") -> str:
    return mail.internet_message_id or listed_as or f"<{hashlib.sha256(raw).hexdigest()[:40]}@no-message-id.invalid>"


def _serialise(mail: Mail, raw: bytes, listed_as: str = "") -> None:
    """The same mail through two doors at once: the second waits and then finds what the first has made of it."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("mail:" + _message_id(mail, raw, listed_as)))))


def receipt(mailbox: Mailbox, mail: Mail, raw: bytes, original: str, graph_id: str, listed_as: str = "") -> InboundMail:
    """The row of this mail in this mailbox; new when its outcome is empty. `listed_as`: see `take_in`."""
    now = clock.now()
    key = {
        "mailbox_id": mailbox.id,
        "internet_message_id": _message_id(mail, raw, listed_as),
        "content_hash": mail.content_hash,
    }
    session.execute(
        insert(InboundMail)
        .values(
            **key,
            graph_id=graph_id,
            exchange_message_id="" if listed_as == key["internet_message_id"] else listed_as,
            from_address=mail.from_.address if mail.from_ else "",
            from_name=mail.from_.name if mail.from_ else "",
            subject=mail.subject,
            outcome="",
            kind="normal",
            reason="",
            received_at=now,
            taken_in_at=now,
            original=original,
        )
        .on_conflict_do_nothing()
    )
    row = session.scalars(select(InboundMail).filter_by(**key).with_for_update()).one()
    if graph_id and row.graph_id != graph_id:
        row.graph_id = graph_id
    return row


def _twin(row: InboundMail) -> InboundMail | None:
    """The same mail as it came through another mailbox."""
    return session.scalar(
        select(InboundMail)
        .where(
            InboundMail.internet_message_id == row.internet_message_id,
            InboundMail.content_hash == row.content_hash,
            InboundMail.id != row.id,
            InboundMail.ticket_id.is_not(None),
        )
        .order_by(InboundMail.id)
        .limit(1)
    )


def _deleted(row: InboundMail) -> bool:
    """Whether the same mail came through another mailbox and was deleted with its ticket."""
    same = select(InboundMail.id).where(
        InboundMail.internet_message_id == row.internet_message_id,
        InboundMail.content_hash == row.content_hash,
        InboundMail.outcome == Outcome.DELETED,
    )
    return session.scalar(same.limit(1)) is not None


def _earlier(mail: Mail, raw: bytes) -> Ticket | None:
    """The ticket of this mail, through whichever mailbox it came.

    Outlook's copy may differ in its white space from Exchange's, so sender and subject are enough beside the id.
    """
    found = session.scalar(
        select(InboundMail)
        .where(
            InboundMail.internet_message_id == _message_id(mail, raw),
            InboundMail.from_address == (mail.from_.address if mail.from_ else ""),
            InboundMail.subject == mail.subject,
            InboundMail.ticket_id.is_not(None),
        )
        .order_by((InboundMail.content_hash == mail.content_hash).desc(), InboundMail.id)
        .limit(1)
    )
    ticket = session.get(Ticket, found.ticket_id) if found is not None else None
    return session.get(Ticket, ticket.merged_into_id) if ticket is not None and ticket.merged_into_id else ticket


def _from_machine(row: InboundMail, mail: Mail, kind: Kind, twin: InboundMail | None) -> None:
    """A robot's mail is kept; on a ticket when it answers one, where it changes nobody's turn."""
    row.outcome = Outcome.MACHINE
    if twin is not None and kind.name == "bounce":
        row.ticket_id, row.message_id = twin.ticket_id, twin.message_id
        return
    if kind.name == "bounce" and attach(row, mail, kind):
        return
    ticket = ticket_of(mail, kind)
    if ticket is None:
        return
    if twin is not None and twin.ticket_id == ticket.id:
        row.ticket_id, row.message_id = twin.ticket_id, twin.message_id
        return
    from_ = mail.from_ or Address("", "")
    person = person_by_address(from_.address) if from_.address else None
    content = read(mail, Channel.MAIL)
    if (person is not None and person.is_staff) or kind.name in _REPORTS:
        message = _as_note(ticket, writer_of(person, from_), content)
    else:
        message = receive(ticket, writer_of(person, from_), content.said, machine=True)
    tie(row, message, content)


def _from_person(row: InboundMail, mail: Mail, kind: Kind, twin: InboundMail | None, mailbox: Mailbox) -> None:
    from_ = mail.from_ or Address("", "")
    contact = contact_for(from_.address, from_.name) if from_.address else None
    ticket, old = answered(mail, kind, contact)
    if ticket is not None and twin is not None and twin.ticket_id == ticket.id:
        row.outcome, row.ticket_id, row.message_id = Outcome.MESSAGE, twin.ticket_id, twin.message_id
        return
    writer, content = writer_of(contact, from_), read(mail, Channel.MAIL)
    if ticket is not None:
        row.outcome = Outcome.MESSAGE
        if contact is not None and contact.is_staff and not writes_as_contact(contact, ticket):
            message = _as_note(ticket, writer, content)
        else:
            message = _said_by(ticket, contact, writer, mail, content)
        tie(row, message, content)
        return
    row.outcome = Outcome.TICKET
    ticket = follow_up(old, writer, subject_of(mail), contact, source="mail")
    tie(row, receive(ticket, writer, content.said), content)
    if kind.answerable and contact is not None and not contact.is_staff and not is_own(from_.address):
        acknowledge(ticket, row, mailbox)


def _said_by(ticket: Ticket, contact: Person | None, writer: Who, mail: Mail, content: Content) -> Message:
    """What somebody outside says on `ticket`: a reply, or a note where it is between them and us."""
    if (contact is not None and contact.id == ticket.contact_id) or not between_us(mail, ticket):
        beside = beside_the_thread(mail, ticket, contact)
        message = receive(ticket, writer, content.said)
        message.mailed_as = MailedAs.FOLLOW_UP if beside else ""
        return message
    message = _as_note(ticket, writer, content)
    ticket.activity_status = ActivityStatus.WAITING_TECHNICIAN
    return message


def _as_note(ticket: Ticket, writer: Who, content: Content) -> Message:
    """What claims to come from one of us, or a mail server's report, is never shown to customers, nor answered, and
    nobody's turn changes by it."""
    turn = ticket.activity_status
    message = note(ticket, writer, content.said)
    ticket.activity_status = turn
    return message


def tie(row: InboundMail, message: Message, content: Content | None = None) -> None:
    """Ties the receipt to the message it became, which shows the HTML of `content`."""
    row.ticket_id, row.message_id = message.ticket_id, message.id
    if content is not None:
        message.html, message.problems = shown(message, content), list(content.problems)
    if row.from_address:
        live.tell(address_topic(row.from_address))
    session.flush()


def writer_of(contact: Person | None, from_: Address) -> Who:
    """Who wrote the mail. Without roles, whoever it is: an address in a mail proves nothing."""
    if contact is None:
        return Who(person_id=None, name=from_.name or from_.address or "?", mail=from_.address)
    return Who(
        person_id=contact.id,
        name=contact.name,
        mail=from_.address,
        customer_id=contact.customer_id,
        language=contact.language,
    )


def subject_of(mail: Mail) -> str:
    """The subject, or the sentence that there is none."""
    return mail.subject.strip() or words.said(words.NO_SUBJECT, config.current().language)
