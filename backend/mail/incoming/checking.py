"""Jobs that find out how a mailbox fares: whether it is there, what Deskside may do in it, and where its copies go.

Nothing in the mailbox changes: rights are tried on a mail that does not exist.
"""

from collections.abc import Iterator
from datetime import timedelta

import structlog
from sqlalchemy import select

from backend import clock, live
from backend.db import session
from backend.errors import OutsideDown
from backend.jobs import job, later
from backend.mail import trouble
from backend.mail.actions import desk_mailboxes
from backend.mail.incoming.arriving import reachable, said, wish_of
from backend.mail.models import Delivery, Mailbox, OutboundMail
from backend.mail.trouble import Finding, Look
from backend.microsoft import directory, graph, identity, mailbox, subscriptions

log = structlog.get_logger(__name__)
_COPIED_BY = timedelta(minutes=1)  # after its sending a mail lies in Sent Items
_WRONG = (graph.Missing, graph.GraphRefused, graph.Malformed, OutsideDown)


@job("mail.check_all")
def check_all() -> None:
    """Looks how every mailbox of the desk fares."""
    for box in desk_mailboxes():
        later("mail.check", once=f"mail.check:{box.id}", mailbox_id=box.id)


@job("mail.check")
def check(mailbox_id: int) -> None:
    """Looks how one mailbox fares, and keeps what was found. While it has to rest, this waits like all its jobs."""
    box = session.get(Mailbox, mailbox_id)
    if box is None:
        return
    found: list[Finding] = []
    try:
        found.extend(_findings(box))
    except _WRONG as error:
        log.warning("a mailbox cannot be checked", mailbox=box.address, error=f"{type(error).__name__}: {error}"[:300])
        found.append(Finding(Look.BAD, said(error)))
    box.findings, box.checked_at = [one.stored() for one in found], clock.now()
    live.tell("mailboxes")


def _findings(box: Mailbox) -> Iterator[Finding]:
    try:
        identity.app_token()
    except OutsideDown:
        yield Finding(Look.BAD, trouble.SIGN_IN)
        return
    mailbox.folder_id(box.address, "inbox")
    yield Finding(Look.OK, trouble.READS)
    if mailbox.may_write(box.address):
        yield Finding(Look.OK, trouble.WRITES)
    else:
        yield Finding(Look.BAD, trouble.MAY_NOT_WRITE)
    if mailbox.may_send(box.address):
        yield Finding(Look.OK, trouble.SENDS)
    else:
        yield Finding(Look.BAD, trouble.MAY_NOT_SEND)
    yield _told(box)
    yield from _copy(box)
    account = directory.account(box.address)
    if account is not None:
        box.name = box.name or account.name
        yield Finding(Look.WARN, trouble.PERSONAL) if account.enabled else Finding(Look.OK, trouble.SHARED)


def _told(box: Mailbox) -> Finding:
    """Whether the subscription lives that we believe in. One that is lost is asked for again."""
    if not reachable():
        return Finding(Look.WARN, trouble.NOT_TOLD)
    ours = subscriptions.fitting(subscriptions.all_of_ours(), wish_of(box))
    if [one.id for one in ours] == [box.subscription_id]:
        return Finding(Look.OK, trouble.TOLD)
    later("mail.subscribe_mailbox", once=f"mail.subscribe:{box.id}", mailbox_id=box.id)
    kept = box.subscription_id in [one.id for one in ours]
    return Finding(Look.OK, trouble.TOLD) if kept else Finding(Look.WARN, trouble.NOT_TOLD)


def _copy(box: Mailbox) -> Iterator[Finding]:
    """Whether the mail that was sent last lies in this mailbox's own Sent Items; nothing as long as it is under way."""
    last = session.scalar(
        select(OutboundMail)
        .where(
            OutboundMail.mailbox_id == box.id,
            OutboundMail.state == Delivery.SENT,
            OutboundMail.sent_at.is_not(None),
            OutboundMail.draft_id != "",  # of what was taken over from elsewhere there is no copy
        )
        .order_by(OutboundMail.sent_at.desc())
        .limit(1)
    )
    if last is None or last.sent_at is None:
        yield Finding(Look.OPEN, trouble.NOTHING_SENT)
        return
    folder = mailbox.folder_id(box.address, "sentitems")
    for message_id in dict.fromkeys((last.exchange_message_id, last.internet_message_id)):
        for one in mailbox.find_by_message_id(box.address, message_id):
            if one.folder_id == folder:
                yield Finding(Look.OK, trouble.COPY)
                return
    if last.sent_at < clock.now() - _COPIED_BY:
        yield Finding(Look.WARN, trouble.NO_COPY)
