"""What an administrator can do for a mailbox that fares badly: each asks for a job, and returns a sentence about it."""

from datetime import timedelta

import structlog

from backend.auth import Who
from backend.errors import Refused
from backend.i18n import _, language
from backend.jobs import in_a_moment, later
from backend.mail.actions.notices import notify
from backend.mail.models import Mailbox

log = structlog.get_logger(__name__)
_COPY_THERE = timedelta(seconds=15)  # until a sent mail's copy lies in its folder, as a rule


def _noted(box: Mailbox, actor: Who, what: str) -> None:
    log.info("a mailbox is mended", mailbox=box.address, what=what, person_id=actor.person_id)


def look_now(box: Mailbox, actor: Who) -> str:
    """Looks for new mail at once."""
    _noted(box, actor, "look")
    later("mail.fetch", once=f"mail.fetch:{box.id}", mailbox_id=box.id)
    return _("%(address)s is looked into.", address=box.address)


def check_now(box: Mailbox, actor: Who) -> str:
    """Finds out anew how the mailbox fares."""
    _noted(box, actor, "check")
    later("mail.check", once=f"mail.check:{box.id}", mailbox_id=box.id)
    return _("%(address)s is checked.", address=box.address)


def renew(box: Mailbox, actor: Who) -> str:
    """Gives the subscription its full life again, or makes a new one."""
    _noted(box, actor, "renew")
    later("mail.renew", once=f"mail.renew:{box.id}", mailbox_id=box.id)
    return _("The subscription of %(address)s is renewed.", address=box.address)


def read_whole(box: Mailbox, actor: Who) -> str:
    """Reads the whole Inbox and takes in what is missing."""
    _noted(box, actor, "read")
    later("mail.read_whole", once=f"mail.read_whole:{box.id}", mailbox_id=box.id, link="", found=0)
    return _("The whole Inbox of %(address)s is read.", address=box.address)


def send_test(box: Mailbox, actor: Who) -> str:
    """Sends a mail from the mailbox to `actor`, and looks afterwards where its copy went.

    Raises Refused when `actor` has no e-mail address.
    """
    if not actor.mail:
        raise Refused(_("Your account has no e-mail address to which a test mail could go."))
    _noted(box, actor, "test")
    notify(
        actor.name,
        actor.mail,
        subject=_("Test mail from %(address)s", address=box.address),
        paragraphs=[_("This mail was sent from the page on mailboxes. It arrived, so Deskside can send from here.")],
        language=language(),
        from_=box,
    )
    later("mail.check", once=f"mail.check_after:{box.id}", at=in_a_moment(_COPY_THERE), mailbox_id=box.id)
    return _("A test mail is on its way to %(address)s.", address=actor.mail)
