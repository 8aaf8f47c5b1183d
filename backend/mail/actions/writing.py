"""Writing the desk's mails: true replies in the customer's own thread, and one acknowledgement per new ticket."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape
from sqlalchemy import func, select, true

from backend import clock, config, files
from backend.db import session
from backend.mail import sanitise, thread, words
from backend.mail.actions.gate import send_off
from backend.mail.actions.mailboxes import desk_mailboxes
from backend.mail.models import (
    Delivery,
    ImportMode,
    InboundMail,
    Mailbox,
    OutboundMail,
    Purpose,
)
from backend.mail.parse import parse
from backend.people.models import Person
from backend.tickets.models import MailedAs, Message, Ticket

Calendar = Callable[[str, str], str]  # (name, address) of whoever invites → an iCalendar object
_LONGEST_QUOTE = 20_000


def write_reply(message: Message) -> OutboundMail | None:
    """The mail by which `message`, a reply of staff, goes to the customer; the same one when asked again.

    Returns None when there is no mailbox to send from yet: the message says so then.
    """
    there = session.scalar(
        select(OutboundMail).where(OutboundMail.message_id == message.id, OutboundMail.purpose == Purpose.REPLY)
    )
    if there is not None:
        return there
    ticket = session.get_one(Ticket, message.ticket_id)
    mailbox = mailbox_for(ticket)
    if mailbox is None:
        message.delivery = Delivery.FAILED
        return None
    language = language_of(ticket)
    letter = _letter(ticket, message, language)
    outbound = OutboundMail(
        mailbox_id=mailbox.id,
        ticket_id=ticket.id,
        message_id=message.id,
        purpose=Purpose.REPLY,
        to=message.to,
        cc=message.cc,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        language=language,
        created_at=clock.now(),
    )
    outbound.in_reply_to, outbound.references = letter.chain
    send_off(outbound, mailbox)
    message.subject, message.author_mail = outbound.subject, mailbox.address
    message.internet_message_id, message.delivery = outbound.internet_message_id, Delivery.WAITING
    return outbound


@dataclass(frozen=True)
class _Letter:
    subject: str
    text: str
    html: str
    chain: tuple[str, list[str]] = ("", [])  # In-Reply-To and References


def _letter(ticket: Ticket, message: Message, language: str) -> _Letter:
    """What the mail of `message` says: an answer in the customer's thread, or a mail that begins one of its own."""
    if message.mailed_as == MailedAs.FORWARD:
        subject = thread.with_token(words.forwarded(thread.without_prefixes(ticket.subject), language), ticket.number)
        below = Markup("<br>").join(escape(line) for line in message.quoted.split("\n"))
        return _Letter(
            subject,
            "\n\n".join(filter(None, (message.text, message.quoted))) + "\n",
            f"{_html_of(message)}<br><div>{below}</div>" if message.quoted else _html_of(message),
        )
    if message.mailed_as == MailedAs.FOLLOW_UP:
        return _Letter(thread.with_token(message.subject, ticket.number), message.text, _html_of(message))
    last = _last_of_customer(ticket, message)
    text, html = _with_quote(message, last, language)
    subject = last.subject if last is not None and last.subject else ticket.subject
    subject = _reply_subject(subject, ticket.number, language if last is not None else "")
    return _Letter(subject, text, html, _chain(ticket, last))


def acknowledge(ticket: Ticket, inbound: InboundMail, mailbox: Mailbox) -> OutboundMail | None:
    """Tells the sender of `inbound` that it has become `ticket`; once per ticket.

    None when acknowledgements are switched off, it was done, or the gate holds it back: the ticket says so then.
    """
    if config.current().acknowledgements != "on":
        return None
    mine = select(OutboundMail.id).where(OutboundMail.purpose == Purpose.ACKNOWLEDGEMENT)
    if session.scalar(mine.where(OutboundMail.ticket_id == ticket.id).limit(1)):
        return None
    language = language_of(ticket)
    number = f"#{ticket.number}"
    sentences = (words.said(words.ACKNOWLEDGED, language, number=number), words.said(words.ANSWERING, language))
    outbound = OutboundMail(
        mailbox_id=mailbox.id,
        ticket_id=ticket.id,
        purpose=Purpose.ACKNOWLEDGEMENT,
        to=[{"name": inbound.from_name, "address": inbound.from_address}],
        cc=[],
        subject=_reply_subject(inbound.subject, ticket.number, language),
        text="\n\n".join(sentences) + "\n",
        html="".join(f"<p>{escape(sentence)}</p>" for sentence in sentences),
        language=language,
        created_at=clock.now(),
    )
    outbound.in_reply_to, outbound.references = _answering(inbound.internet_message_id, inbound.original)
    return outbound if send_off(outbound, mailbox) else None


def write_notice(ticket: Ticket, sentences: Sequence[str], language: str) -> OutboundMail | None:
    """Tells the ticket's contact something that the desk does by itself, in the ticket's thread.

    None where there is nobody to tell or no mailbox, and where the gate holds it back: the ticket says so then.
    """
    contact = session.get(Person, ticket.contact_id) if ticket.contact_id else None
    mailbox = mailbox_for(ticket) if contact is not None and contact.mail else None
    if contact is None or mailbox is None:
        return None
    answers, before = _chain(ticket, _last_of_customer(ticket, None))
    outbound = OutboundMail(
        mailbox_id=mailbox.id,
        ticket_id=ticket.id,
        purpose=Purpose.NOTIFICATION,
        to=[{"name": contact.name, "address": contact.mail}],
        cc=[],
        subject=_reply_subject(ticket.subject, ticket.number, language if answers else ""),
        text="\n\n".join(sentences) + "\n",
        html="".join(f"<p>{escape(sentence)}</p>" for sentence in sentences),
        language=language,
        in_reply_to=answers,
        references=before,
        created_at=clock.now(),
    )
    return outbound if send_off(outbound, mailbox) else None


def write_invitation(
    ticket: Ticket, to: dict[str, str], subject: str, text: str, html: str, *, method: str, calendar: Calendar
) -> OutboundMail | None:
    """A mail with an iCalendar object to one of the ticket's people, in its thread.

    None without a mailbox, and where the gate holds it back: the ticket says so then.

    `to` is {"name", "address"}, `html` clean, `method` REQUEST or CANCEL. `calendar` is asked for the object once it is
    known from which address it goes.
    """
    mailbox = mailbox_for(ticket)
    if mailbox is None:
        return None
    outbound = OutboundMail(
        mailbox_id=mailbox.id,
        ticket_id=ticket.id,
        purpose=Purpose.INVITATION,
        to=[to],
        cc=[],
        subject=thread.with_token(subject, ticket.number),
        text=text,
        html=html,
        language=language_of(ticket),
        calendar=calendar(mailbox.name, mailbox.address),
        calendar_method=method,
        created_at=clock.now(),
    )
    outbound.in_reply_to, outbound.references = _chain(ticket, _last_of_customer(ticket, None))
    return outbound if send_off(outbound, mailbox) else None


def mailbox_for(ticket: Ticket) -> Mailbox | None:
    """The desk's mailbox by which the ticket's mail came, else the one the desk writes from."""
    came = session.scalar(
        select(Mailbox)
        .join(InboundMail, InboundMail.mailbox_id == Mailbox.id)
        .where(InboundMail.ticket_id == ticket.id, Mailbox.import_mode == ImportMode.TICKET)
        .order_by(InboundMail.id.desc())
        .limit(1)
    )
    return came or next(iter(desk_mailboxes()), None)


def _last_of_customer(ticket: Ticket, message: Message | None) -> Message | None:
    """The customer's last mail (before `message`), without robots' and answers to mails of their own: these are
    between their sender and us.
    """
    return session.scalar(
        select(Message)
        .outerjoin(InboundMail, InboundMail.message_id == Message.id)
        .where(
            Message.ticket_id == ticket.id,
            Message.id < message.id if message is not None else true(),
            Message.by_staff.is_(False),
            Message.internet_message_id.is_not(None),
            Message.mailed_as == "",
            func.coalesce(InboundMail.kind, "normal") == "normal",
        )
        .order_by(Message.id.desc())
        .limit(1)
    )


def language_of(ticket: Ticket) -> str:
    """The language of the ticket's contact, else the installation's."""
    language = session.scalar(select(Person.language).where(Person.id == ticket.contact_id))
    return words.known(language or "")


def _reply_subject(subject: str, number: int, answers_in: str) -> str:
    """The subject of a mail in a ticket's thread; with the prefix of the language that it answers in, if it does."""
    bare = thread.without_prefixes(subject)
    return thread.with_token(words.answered(bare, answers_in) if answers_in else bare, number)


def _chain(ticket: Ticket, last: Message | None) -> tuple[str, list[str]]:
    """In-Reply-To and References: the customer's last mail, else the last one we sent on the ticket."""
    if last is not None and last.internet_message_id:
        original = session.scalar(select(InboundMail.original).where(InboundMail.message_id == last.id).limit(1))
        return _answering(last.internet_message_id, original or "")
    ours = session.scalar(
        select(OutboundMail)
        .where(OutboundMail.ticket_id == ticket.id, OutboundMail.state == Delivery.SENT)
        .order_by(OutboundMail.id.desc())
        .limit(1)
    )
    if ours is None:
        return "", []
    sent_as = ours.exchange_message_id or ours.internet_message_id
    return sent_as, [*ours.references, sent_as]


def _answering(message_id: str, original: str) -> tuple[str, list[str]]:
    """In-Reply-To and References of an answer to that mail (RFC 5322, 3.6.4)."""
    if message_id.endswith("@no-message-id.invalid>"):
        return "", []
    mail = parse(files.read(original)) if original else None
    before = (mail.references or ((mail.in_reply_to,) if mail.in_reply_to else ())) if mail else ()
    return message_id, [*(one for one in before if one != message_id), message_id]


def _with_quote(message: Message, last: Message | None, language: str) -> tuple[str, str]:
    """The mail's text and HTML: what was written, and below it the mail it answers."""
    text, html = message.text, _html_of(message)
    if last is None:
        return text, html
    when = words.moment(last.sent_at, language, "")
    line = words.said(words.WROTE, language, when=when, who=last.author_name)
    quoted = "\n".join(f"> {one}".rstrip() for one in last.text[:_LONGEST_QUOTE].splitlines())
    below = Markup('<div>{}</div><blockquote type="cite">{}</blockquote>').format(line, Markup(_html_of(last)))
    return f"{text}\n\n{line}\n{quoted}\n", f"{html}<br>{below}"


def _html_of(message: Message) -> str:
    """The message as HTML that may be sent."""
    if message.html and len(message.html) < 10 * _LONGEST_QUOTE:
        return sanitise.outgoing(message.html)
    lines: list[Any] = [escape(line) for line in message.text[: 10 * _LONGEST_QUOTE].split("\n")]
    return f"<div>{Markup('<br>').join(lines)}</div>"
