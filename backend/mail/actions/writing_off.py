"""A mail that could not be taken in: a ticket says so and has the original, so that a person can look at it."""

import structlog

from backend import config, files
from backend.db import session
from backend.mail import words
from backend.mail.actions.taking_in import receipt, subject_of, tie, writer_of
from backend.mail.models import InboundMail, Mailbox, Outcome
from backend.mail.parse import Address, Mail, parse
from backend.people.actions import contact_for
from backend.tickets.actions import Enclosure, Said, open_ticket, receive
from backend.tickets.models import Channel

log = structlog.get_logger(__name__)
_NOTHING = b""


def write_off(mailbox: Mailbox, raw: bytes, graph_id: str, error: str, listed_as: str = "") -> InboundMail:
    """A ticket for the mail `raw`, which `error` kept from being taken in; nobody is answered.

    Sender and subject are told when they can be. Whatever of it breaks us, the bytes alone do not.
    """
    original = files.keep(raw)
    try:
        with session.begin_nested():
            row = receipt(mailbox, mail := parse(raw), raw, original, graph_id, listed_as)
            return _written_off(row, mail, raw, error)
    # The same fault as before, or its like.
    except Exception:
        log.exception("not even the sender of a mail could be kept", mailbox=mailbox.address, graph_id=graph_id)
    row = receipt(mailbox, mail := parse(_NOTHING), raw, original, graph_id, listed_as)
    return _written_off(row, mail, raw, error)


def _written_off(row: InboundMail, mail: Mail, raw: bytes, error: str) -> InboundMail:
    if row.outcome:
        return row
    row.outcome, row.kind, row.reason = Outcome.FAILED, "normal", error.replace("\x00", "")[:1000]
    from_ = mail.from_ or Address("", "")
    contact = contact_for(from_.address, from_.name) if from_.address else None
    writer = writer_of(contact, from_)
    ticket = open_ticket(writer, subject_of(mail), contact=contact, source="mail")
    said = Said(
        text=words.said(words.UNREADABLE, config.current().language),
        channel=Channel.MAIL,
        subject=mail.subject,
        internet_message_id=mail.internet_message_id,
        author_mail=from_.address,
        enclosures=(Enclosure("original.eml", "message/rfc822", raw),),
    )
    tie(row, receive(ticket, writer, said))
    return row
