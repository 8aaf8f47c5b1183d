"""Jobs that keep a mailbox whole: once a day its Inbox is read from end to end, and its subscription is renewed.

A delta query may forget: a mail that is moved away and back before it was taken in is reported as removed and never
again. What lies in the Inbox and has no receipt here is taken in; what has one is passed over, also when its ticket has
been deleted since.
"""

from datetime import timedelta

from backend import clock, live
from backend.db import session
from backend.errors import OutsideDown
from backend.jobs import TryAgainIn, checkpoint, job, later
from backend.mail.actions import desk_mailboxes
from backend.mail.incoming.arriving import ails, reachable, take_in_unknown, wish_of
from backend.mail.models import ImportMode, Mailbox
from backend.microsoft import graph, mailbox, subscriptions

_GOES_ON = 20.0  # seconds
_EVERY = timedelta(hours=23, minutes=30)  # asked each hour, so that it is once a day


@job("mail.reconcile")
def reconcile() -> None:
    """Has every mailbox of the desk read in full whose last full reading is a day ago."""
    for box in desk_mailboxes():
        if box.reconciled_at is None or box.reconciled_at <= clock.now() - _EVERY:
            later("mail.read_whole", once=f"mail.read_whole:{box.id}", mailbox_id=box.id, link="", found=0)


@job("mail.read_whole")
def read_whole(mailbox_id: int, link: str, found: int) -> None:
    """Lists one page of an Inbox and asks for what was never taken in, then for the next page.

    `found` counts those of the pages before. At the end the mailbox's subscriptions are looked through as well.
    """
    box = session.get(Mailbox, mailbox_id)
    if box is None or box.import_mode != ImportMode.TICKET:
        return
    try:
        page = mailbox.listed(box.address, link)
    except (graph.Forbidden, graph.Missing, graph.GraphRefused, graph.Malformed, graph.DeltaExpired) as error:
        ails(box, error)
        if link:  # half of it is read: it goes on from there when this has been put right
            checkpoint()
            raise TryAgainIn(_GOES_ON, str(error)) from error
        return
    except OutsideDown as error:
        ails(box, error)
        checkpoint()
        raise
    found += take_in_unknown(mailbox_id, page)
    if not page.complete:
        key = f"mail.read_whole:{mailbox_id}"
        later("mail.read_whole", once=key, mailbox_id=mailbox_id, link=page.link, found=found)
        return
    box.reconciled_at, box.reconciled_found = clock.now(), found
    later("mail.subscribe_mailbox", once=f"mail.subscribe:{mailbox_id}", mailbox_id=mailbox_id)
    live.tell("mailboxes")


@job("mail.renew")
def renew(mailbox_id: int) -> None:
    """Gives the mailbox's subscription its full life again, or makes a new one; further equal ones are ended."""
    box = session.get(Mailbox, mailbox_id)
    if box is None or not reachable():
        return
    kept, made = subscriptions.keep(wish_of(box), box.subscription_id, whole_life=True)
    if made or box.subscribed_at is None:
        box.subscribed_at = clock.now()
    box.subscription_id, box.subscription_expires_at, box.subscription_error = kept.id, kept.expires_at, ""
    later("mail.fetch", once=f"mail.fetch:{mailbox_id}", mailbox_id=mailbox_id)
    later("mail.check", once=f"mail.check:{mailbox_id}", mailbox_id=mailbox_id)
    live.tell("mailboxes")
