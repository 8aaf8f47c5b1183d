"""The one gate through which every mail of the desk leaves. What no person has typed is looked at here: who must not
be written to by a machine, and whether two machines have begun to answer each other.

Everything is counted in rows, under a lock that lasts as long as the transaction: it holds after a restart, in every
worker, and two who ask at once do not both pass.
"""

from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, func, select

from backend import clock, config
from backend.auth import SYSTEM
from backend.db import session
from backend.jobs import later
from backend.mail import machine, thread
from backend.mail.actions.mailboxes import is_own
from backend.mail.log import HELD
from backend.mail.models import Delivery, Mailbox, OutboundMail, Purpose
from backend.people.models import normal_address
from backend.tickets.actions import record
from backend.tickets.models import Activity, Ticket

log = structlog.get_logger(__name__)
OURSELVES, UNREAD, ANSWERS, ADDRESS, MAILBOX = "ourselves", "unread", "answers", "address", "mailbox"
_DAY, _TIMES_A_DAY = timedelta(days=1), 4
_WORDS = {
    Purpose.REPLY: "reply",
    Purpose.ACKNOWLEDGEMENT: "ack",
    Purpose.NOTIFICATION: "notice",
    Purpose.COLLEAGUE: "notice",
    Purpose.INVITATION: "visit",
}


def send_off(outbound: OutboundMail, mailbox: Mailbox) -> bool:
    """Gives the mail its Message-ID, the same at each attempt, and asks for it to be sent.

    False: it is automatic and is held back, for a reason that its ticket tells.
    """
    session.add(outbound)
    session.flush()
    outbound.internet_message_id = thread.new_message_id(
        config.current().secret_key.encode(),
        mailbox.address.rpartition("@")[2],
        _WORDS[Purpose(outbound.purpose)],
        outbound.id,
    )
    reason = "" if outbound.purpose == Purpose.REPLY else _held_back(outbound, mailbox)
    if reason:
        outbound.state = Delivery.HELD
        _say(outbound, reason)
    else:
        later("mail.draft", outbound_id=outbound.id)
    session.flush()
    return not reason


def _held_back(outbound: OutboundMail, mailbox: Mailbox) -> str:
    """Why this automatic mail must not go; empty when it may."""
    addresses = [normal_address(str(one["address"])) for one in [*outbound.to, *(outbound.cc or [])]]
    outbound.counted_as = _untagged(addresses[0])
    session.flush()
    if any(is_own(one) for one in addresses):
        return OURSELVES
    if any(machine.nobody_reads(one) for one in addresses):
        return UNREAD
    # The mailbox first, always, and the row before both: who waits for a lock must not hold what its owner wants next.
    for name in (f"gate:{mailbox.id}", f"gate:{outbound.counted_as}"):
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))
    return _braked(outbound, mailbox)


def _untagged(address: str) -> str:
    """`address` without what follows "+": who numbers his senders is one sender all the same."""
    local, _at, domain = address.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def _braked(outbound: OutboundMail, mailbox: Mailbox) -> str:
    """The brake that is on. Acknowledgements that were held back count as well, so that it stays on until it is quiet;
    of everything else only what went out, so that a flood from one keeps nothing from another. Of a mailbox what tells
    colleagues is counted apart: a busy day of theirs keeps nothing from customers."""
    settings = config.current()
    lately = OutboundMail.created_at > clock.now() - timedelta(minutes=settings.brake_minutes)
    theirs, went = OutboundMail.counted_as == outbound.counted_as, OutboundMail.state != Delivery.HELD
    answers = OutboundMail.purpose == Purpose.ACKNOWLEDGEMENT
    if outbound.purpose == Purpose.ACKNOWLEDGEMENT:
        today = OutboundMail.created_at > clock.now() - _DAY
        many = _others(outbound, theirs, answers, lately) >= settings.brake_answers
        if many or _others(outbound, theirs, answers, went, today) >= _TIMES_A_DAY * settings.brake_answers:
            return ANSWERS
    if _others(outbound, theirs, went, lately) >= settings.brake_address:
        return ADDRESS
    inside = OutboundMail.purpose == Purpose.COLLEAGUE
    same = inside if outbound.purpose == Purpose.COLLEAGUE else ~inside
    if _others(outbound, OutboundMail.mailbox_id == mailbox.id, same, went, lately) >= settings.brake_mailbox:
        return MAILBOX
    return ""


def _others(outbound: OutboundMail, *conditions: ColumnElement[bool]) -> int:
    """How many other automatic mails are so."""
    automatic = select(func.count()).select_from(OutboundMail).where(OutboundMail.counted_as != "")
    return session.scalar(automatic.where(OutboundMail.id != outbound.id, *conditions)) or 0


def _say(outbound: OutboundMail, reason: str) -> None:
    """Says on the ticket that nothing went out and why: once for each kind of mail, address and reason."""
    address = str(outbound.to[0]["address"])
    log.warning("an automatic mail was held back", outbound_id=outbound.id, purpose=outbound.purpose, reason=reason)
    if outbound.ticket_id is None:
        return
    what = {"purpose": str(outbound.purpose), "reason": reason}
    said = select(Activity.id).where(
        Activity.ticket_id == outbound.ticket_id,
        Activity.verb == HELD,
        Activity.after == address,
        Activity.data.contains(what),
    )
    if session.scalar(said.limit(1)) is None:
        ticket = session.get_one(Ticket, outbound.ticket_id)
        record(ticket, SYSTEM, HELD, after=address, mail_id=outbound.id, **what)
