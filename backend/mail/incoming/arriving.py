"""Jobs that turn mail in Microsoft's mailboxes into verbs.

A notification only says "look again"; the delta query is the truth, and a sweep looks each minute anyway.
"""

from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.exc import DBAPIError

from backend import clock, config, live, notices
from backend.db import session
from backend.errors import OutsideDown
from backend.jobs import TryAgainIn, checkpoint, in_a_moment, job, later
from backend.mail import trouble
from backend.mail.actions import desk_mailboxes, write_off
from backend.mail.actions import take_in as take_in_mail
from backend.mail.models import ImportMode, InboundMail, Mailbox
from backend.microsoft import directory, graph, mailbox, subscriptions

log = structlog.get_logger(__name__)
_BEGIN_ANEW = timedelta(seconds=5)  # after a link is forgotten, so that a forgetful server is not asked without a pause


@job("mail.sweep")
def sweep() -> None:
    """Looks into every mailbox of the desk, whether or not anybody said that something is new."""
    for box in desk_mailboxes():
        later("mail.fetch", once=f"mail.fetch:{box.id}", mailbox_id=box.id)


@job("mail.fetch")
def fetch(mailbox_id: int) -> None:
    """Reads one page of what is new in a mailbox, and asks for each mail to be taken in.

    Its new delta link is kept in the same transaction. A link that Microsoft no longer knows is given up: everything
    in the Inbox is listed again, and what is here already is passed over.
    """
    box = session.get(Mailbox, mailbox_id)
    if box is None or box.import_mode != ImportMode.TICKET:
        return
    link = box.delta_link
    try:
        page = mailbox.changes(box.address, link)
    except graph.DeltaExpired:
        box.delta_link = ""
        soon = in_a_moment(_BEGIN_ANEW)
        later("mail.fetch", once=f"mail.fetch:{mailbox_id}", at=soon, mailbox_id=mailbox_id)
        # A list that is begun anew may not come to its end before its link is forgotten again; a full reading does.
        later("mail.read_whole", once=f"mail.read_whole:{mailbox_id}", mailbox_id=mailbox_id, link="", found=0)
        return
    except (graph.Forbidden, graph.Missing, graph.GraphRefused, graph.Malformed) as error:
        # Said on the mailbox at once; the next sweep finds out when it has been put right.
        ails(box, error)
        return
    except OutsideDown as error:
        ails(box, error)
        checkpoint()
        raise
    kept = session.execute(
        update(Mailbox)
        .where(Mailbox.id == mailbox_id, Mailbox.delta_link == link)
        .values(delta_link=page.link, fetched_at=clock.now(), error="", failing_since=None)
        .returning(Mailbox.id)
    ).one_or_none()
    if kept is None:  # another look was faster, and has asked for the same mails
        return
    take_in_unknown(mailbox_id, page)
    live.tell("mailboxes")
    if not page.complete:
        later("mail.fetch", once=f"mail.fetch:{mailbox_id}", mailbox_id=mailbox_id)


def ails(box: Mailbox, error: Exception) -> None:
    """Writes on the mailbox why it cannot be read, and since when."""
    log.warning("a mailbox cannot be read", mailbox=box.address, error=f"{type(error).__name__}: {error}"[:300])
    box.error, box.failing_since = said(error), box.failing_since or clock.now()
    live.tell("mailboxes")


def said(error: Exception) -> str:
    """What is wrong with a mailbox that answers a look with `error`: a sentence of mail/trouble."""
    if isinstance(error, graph.Forbidden):
        return trouble.MAY_NOT_READ
    if isinstance(error, graph.Missing):
        return trouble.GONE
    if isinstance(error, graph.Malformed):
        return trouble.STRANGE
    return trouble.REFUSED if isinstance(error, graph.GraphRefused) else trouble.UNREACHABLE


def take_in_unknown(mailbox_id: int, page: mailbox.Changes) -> int:
    """Asks for every mail on the page that has no receipt here; says how many those are."""
    unknown = _unknown(mailbox_id, page)
    for one in unknown:
        key = f"mail.take_in:{mailbox_id}:{one.id}"
        listed = one.internet_message_id
        later("mail.take_in", once=key, mailbox_id=mailbox_id, graph_id=one.id, again=False, listed_as=listed)
    return len(unknown)


def _unknown(mailbox_id: int, page: mailbox.Changes) -> list[mailbox.ChangedMessage]:
    """The mails on the page that are new; what was only read or flagged since is here already."""
    there = [one for one in page.messages if not one.removed]
    ids = {one.internet_message_id for one in there} - {""}
    known = select(InboundMail.graph_id).where(
        InboundMail.mailbox_id == mailbox_id,
        or_(InboundMail.internet_message_id.in_(ids), InboundMail.exchange_message_id.in_(ids)),
    )
    taken = set(session.scalars(known))
    return [one for one in there if one.id not in taken]


def _lost(mailbox_id: int, graph_id: str, again: bool, error: str, listed_as: str = "") -> None:
    box = session.get(Mailbox, mailbox_id)
    if box is not None:
        write_off(box, mailbox.mime(box.address, graph_id), graph_id, error, listed_as)


@job("mail.take_in", gave_up=_lost)
def take_in(mailbox_id: int, graph_id: str, again: bool, listed_as: str = "") -> None:
    """Takes in one mail, which Exchange lists under the Message-ID `listed_as`.

    One that has been moved meanwhile is looked for `again` once, then let go.
    """
    box = session.get(Mailbox, mailbox_id)
    if box is None:
        return
    try:
        raw = mailbox.mime(box.address, graph_id)
    except graph.Missing:
        if not again:
            later("mail.take_in", mailbox_id=mailbox_id, graph_id=graph_id, again=True, listed_as=listed_as)
        return
    settle(box, raw, graph_id, listed_as)


def settle(box: Mailbox, raw: bytes, graph_id: str, listed_as: str = "") -> InboundMail:
    """Takes in the mail `raw`; one that breaks our reading is written off, neither lost nor tried for hours.

    `listed_as`: see `take_in_mail`.
    """
    try:
        with session.begin_nested():
            return take_in_mail(box, raw, graph_id=graph_id, listed_as=listed_as)
    except (OSError, TryAgainIn):
        raise  # may be better next time
    except Exception as error:
        if isinstance(error, DBAPIError) and not _never_fits(error):
            raise
        log.exception("a mail could not be taken in", mailbox=box.address, graph_id=graph_id)
        return write_off(box, raw, graph_id, f"{type(error).__name__}: {error}", listed_as)


def _never_fits(error: DBAPIError) -> bool:
    """Whether the database refuses the mail itself (SQLSTATE 22: its data, 54: its size), however often it is asked."""
    return str(getattr(error.orig, "sqlstate", None) or "")[:2] in ("22", "54")


@job("mail.subscribe")
def subscribe() -> None:
    """Sees to it that Microsoft tells of new mail in every mailbox of the desk."""
    for box in desk_mailboxes():
        later("mail.subscribe_mailbox", once=f"mail.subscribe:{box.id}", mailbox_id=box.id)


@job("mail.subscribe_mailbox")
def subscribe_mailbox(mailbox_id: int) -> None:
    """Creates, renews (at half life) or recreates the subscription of one mailbox; further equal ones are ended."""
    box = session.get(Mailbox, mailbox_id)
    if box is None or box.import_mode != ImportMode.TICKET or not reachable():
        return
    if not box.name:
        known = directory.account(box.address)
        box.name = known.name if known is not None else ""
    try:
        kept, made = subscriptions.keep(wish_of(box), box.subscription_id)
    except (graph.Forbidden, graph.Missing, graph.GraphRefused, graph.Malformed) as error:
        log.warning("a mailbox tells nothing", mailbox=box.address, error=str(error)[:300])
        box.subscription_error = trouble.NOT_TOLD
        live.tell("mailboxes")
        return
    if made:
        # What came before somebody was told of it.
        later("mail.fetch", once=f"mail.fetch:{mailbox_id}", mailbox_id=mailbox_id)
        later("mail.check", once=f"mail.check:{mailbox_id}", mailbox_id=mailbox_id)
        box.subscribed_at = clock.now()
    box.subscription_id, box.subscription_expires_at, box.subscription_error = kept.id, kept.expires_at, ""


def wish_of(box: Mailbox) -> subscriptions.Wish:
    """What Microsoft is asked to tell of a mailbox."""
    url = config.current().url
    return subscriptions.Wish(
        resource=subscriptions.inbox_of(box.address),
        change_type="created",
        notification_url=f"{url}/microsoft/notifications",
        lifecycle_url=f"{url}/microsoft/lifecycle",
        client_state=notices.secret_word(box.address),
    )


def reachable() -> bool:
    """Whether Microsoft can reach this installation to tell it anything."""
    settings = config.current()
    return urlsplit(settings.url).scheme == "https" or bool(settings.sandbox_url)
