"""Jobs that send what the desk has written, and write down how it went.

A mail goes in steps, each with one effect outside and its receipt: a draft in the mailbox, then its sending, then the
look at the sent copy. A step that is taken again first looks whether it was done already, so nothing is sent twice.
"""

import structlog
from sqlalchemy import select

from backend import config, files
from backend.db import session
from backend.jobs import TryAgainIn, job, later
from backend.mail import compose
from backend.mail.actions import confirmed, drafted, failed, installation, sent, write_reply
from backend.mail.models import Delivery, Mailbox, OutboundMail, Purpose
from backend.mail.parse import Address
from backend.mail.parse import Attachment as File
from backend.mail.problems import N_
from backend.microsoft import graph, mailbox
from backend.people.models import Team
from backend.settings.models import setting
from backend.tickets.models import Attachment, Message, Ticket

log = structlog.get_logger(__name__)
_LOOK_AGAIN = 5.0  # seconds until Exchange has put the sent copy into its folder
_REFUSED = N_("Microsoft 365 refuses this e-mail. Please check the addresses and the attachments.")
_FORBIDDEN = N_(
    "Microsoft 365 does not let the desk send from this mailbox. An administrator can give it the permission."
)
_VANISHED = N_("The e-mail was taken out of the mailbox before it was sent.")


@job("mail.reply")
def reply(message_id: int) -> None:
    """Makes the mail of a reply that somebody wrote on a ticket."""
    # Locked: whoever takes it back meanwhile waits, or has taken it back already.
    message = session.get(Message, message_id, with_for_update={"key_share": True})  # its ticket may be merged now
    if message is not None and message.deleted_at is None:
        write_reply(message)


def _give_up(outbound_id: int, error: str) -> None:
    outbound = session.get(OutboundMail, outbound_id)
    if outbound is not None and outbound.state != Delivery.SENT:
        failed(outbound, error.partition(": ")[2] or error)


def _waiting(outbound_id: int) -> tuple[OutboundMail, str] | None:
    """The mail and the address of its mailbox, unless there is nothing left to do."""
    outbound = session.get(OutboundMail, outbound_id)
    if outbound is None or outbound.state in (Delivery.SENT, Delivery.FAILED, Delivery.HELD):
        return None
    return outbound, session.get_one(Mailbox, outbound.mailbox_id).address


@job("mail.draft", gave_up=_give_up)
def draft(outbound_id: int) -> None:
    """Puts the mail into the mailbox as a draft, with its files and our mark; asks for it to be sent."""
    found = _waiting(outbound_id)
    if found is None:
        return
    outbound, address = found
    try:
        whole, apart = _mime(outbound, address)
        made = _there(outbound, address)
        if made is None:
            new = mailbox.create_draft(address, whole)
            made = mailbox.StoredMail(new.id, new.internet_message_id, is_draft=True, folder_id="")
        if made.is_draft:
            mailbox.mark(address, made.id, _mark(outbound))
            if apart:
                mailbox.attach(address, made.id, apart)
    except graph.Forbidden:
        failed(outbound, _FORBIDDEN)
        return
    except (graph.GraphRefused, compose.NotAHeader) as error:
        log.warning("a mail was refused", outbound_id=outbound_id, error=str(error))
        failed(outbound, _REFUSED)
        return
    drafted(outbound, made.id, made.internet_message_id)
    later("mail.send", outbound_id=outbound_id)


@job("mail.send", gave_up=_give_up)
def send(outbound_id: int) -> None:
    """Sends the draft, unless that was done by an attempt whose end nobody saw."""
    found = _waiting(outbound_id)
    if found is None:
        return
    outbound, address = found
    there = _there(outbound, address)
    if there is None:
        failed(outbound, _VANISHED)
        return
    if there.is_draft:
        try:
            mailbox.send_draft(address, there.id)
        except graph.Forbidden:
            failed(outbound, _FORBIDDEN)
            return
        except graph.GraphRefused as error:
            log.warning("a mail was not sent", outbound_id=outbound_id, error=str(error))
            failed(outbound, _REFUSED)
            return
    sent(outbound)
    later("mail.confirm", outbound_id=outbound_id)


@job("mail.confirm")
def confirm(outbound_id: int) -> None:
    """Learns under which Message-ID the mail really left: answers will name that one."""
    outbound = session.get(OutboundMail, outbound_id)
    if outbound is None or outbound.state != Delivery.SENT:
        return
    address = session.get_one(Mailbox, outbound.mailbox_id).address
    there = _there(outbound, address)
    if there is None or there.is_draft:
        raise TryAgainIn(_LOOK_AGAIN, "the sent copy is not there yet")
    confirmed(outbound, there.internet_message_id or outbound.exchange_message_id or outbound.internet_message_id)


def _mark(outbound: OutboundMail) -> str:
    return f"{installation()}-{outbound.id}"


def _there(outbound: OutboundMail, address: str) -> mailbox.StoredMail | None:
    """Our mail as it lies in the mailbox, sent or still a draft; sent copies first.

    Sending may give the copy another id or another Message-ID; our own mark it keeps.
    """
    if outbound.draft_id:
        try:
            return mailbox.look(address, outbound.draft_id)
        except graph.Missing:
            by_mark = mailbox.find_by_mark(address, _mark(outbound))
            if by_mark:
                return by_mark[0]
    for message_id in dict.fromkeys((outbound.exchange_message_id, outbound.internet_message_id)):
        for one in mailbox.find_by_message_id(address, message_id):
            return one
    return None


def _mime(outbound: OutboundMail, address: str) -> tuple[bytes, list[mailbox.File]]:
    """The mail as bytes, and the files that have to be put on the draft one by one since the whole is too large."""
    attached = _files(outbound)
    whole = _composed(outbound, address, attached)
    if len(whole) <= mailbox.LARGEST_MIME:
        return whole, []
    apart = [
        mailbox.File(one.name, one.content_type, one.data, inline=one.inline, content_id=one.content_id or "")
        for one in attached
    ]
    return _composed(outbound, address, []), apart


def _files(outbound: OutboundMail) -> list[File]:
    if outbound.message_id is None:
        return []
    rows = session.query(Attachment).filter_by(message_id=outbound.message_id).order_by(Attachment.id)
    return [
        File(row.name, row.content_type, files.read(row.sha256), inline=row.inline, content_id=row.content_id or None)
        for row in rows
    ]


def _composed(outbound: OutboundMail, address: str, attached: list[File]) -> bytes:
    name = _shown_name(outbound) or session.get_one(Mailbox, outbound.mailbox_id).name
    calendar = compose.Calendar(outbound.calendar_method, outbound.calendar) if outbound.calendar else None
    return compose.compose(
        from_=Address(name, address),
        to=_addresses(outbound.to),
        cc=_addresses(outbound.cc),
        subject=outbound.subject,
        text=outbound.text,
        html=outbound.html or None,
        message_id=outbound.internet_message_id,
        date=outbound.created_at,
        installation=installation(),
        in_reply_to=outbound.in_reply_to or None,
        references=outbound.references,
        attachments=attached,
        automatic=_automatic(outbound),
        language=outbound.language or config.current().language,
        calendar=calendar,
    )


def _shown_name(outbound: OutboundMail) -> str:
    """Under which name a reply goes, as the settings say; empty for the mailbox's own, which all other mails have."""
    way = setting("sender_name")
    message = session.get(Message, outbound.message_id) if outbound.message_id else None
    if way == "mailbox" or message is None or outbound.purpose != Purpose.REPLY:
        return ""
    if way == "team":
        of = select(Team.name).join(Ticket, Ticket.team_id == Team.id).where(Ticket.id == message.ticket_id)
        return session.scalar(of) or ""
    if message.author_id is None or not message.by_staff:  # a program, or the desk itself
        return ""
    last, comma, first = message.author_name.partition(", ")
    return message.author_name if way == "full" else (first if comma else last).split(" ")[0]


def _automatic(outbound: OutboundMail) -> str | None:
    """The word of RFC 3834 for all that no person has typed."""
    if outbound.purpose == Purpose.REPLY:
        return None
    return "auto-replied" if outbound.purpose == Purpose.ACKNOWLEDGEMENT else "auto-generated"


def _addresses(people: list[dict[str, str]]) -> list[Address]:
    return [Address(str(one.get("name") or ""), str(one["address"])) for one in people]
