"""Microsoft's word of new mail, and mails as they came."""

from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select

from backend import files, notices
from backend.auth import me, open_to, requires
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.jobs import later
from backend.mail.actions import retry
from backend.mail.models import InboundMail, Mailbox, OutboundMail, Outcome
from backend.mail.views.door import blueprint
from backend.tickets.models import Ticket, tickets_visible_to, visible
from backend.ui.answers import changed
from backend.web import file_response


def _watched(ids: list[str]) -> dict[str, tuple[str, int]]:
    """The mailboxes that these subscriptions follow: by subscription, the address and the mailbox's id."""
    boxes = session.scalars(select(Mailbox).where(Mailbox.subscription_id.in_(ids)))
    return {box.subscription_id: (box.address, box.id) for box in boxes}


@blueprint.post("/microsoft/notifications")
@open_to("Microsoft has no account here; each notification brings a secret word", cross_site=True, door="webhooks")
def notifications() -> ResponseReturnValue:
    """Something is new in a mailbox: a look at it is asked for, and Microsoft is answered at once."""
    question = notices.handshake()
    if question is not None:
        return question
    for box_id in {box_id for box_id, _notice in notices.believed(_watched)}:
        later("mail.fetch", once=f"mail.fetch:{box_id}", mailbox_id=box_id)
    return "", 202


@blueprint.post("/microsoft/lifecycle")
@open_to("Microsoft has no account here; each notification brings a secret word", cross_site=True, door="webhooks")
def lifecycle() -> ResponseReturnValue:
    """A subscription needs care, has ended, or notifications were lost: it is seen to, and the mailbox looked at."""
    question = notices.handshake()
    if question is not None:
        return question
    for box_id in {box_id for box_id, _notice in notices.believed(_watched)}:
        later("mail.subscribe_mailbox", once=f"mail.subscribe:{box_id}", mailbox_id=box_id)
        later("mail.fetch", once=f"mail.fetch:{box_id}", mailbox_id=box_id)
    return "", 202


@blueprint.get("/mails/<int:mail_id>/original")
@requires("mail.read")
def original(mail_id: int) -> ResponseReturnValue:
    """An incoming mail byte by byte, to be saved."""
    seen = select(InboundMail.original).outerjoin(Ticket, Ticket.id == InboundMail.ticket_id)
    seen = seen.where(InboundMail.id == mail_id, InboundMail.outcome != Outcome.DELETED)
    key = session.scalar(seen.where(or_(Ticket.id.is_(None), visible(me()))))
    if not key:
        raise NotFound(_("There is no such mail."))
    return file_response(files.read(key), name=f"mail-{mail_id}.eml", content_type="message/rfc822")


@blueprint.post("/mails/<int:mail_id>/release")
@requires("mail.retry")
def release(mail_id: int) -> ResponseReturnValue:
    """Sends an automatic mail that was held back after all."""
    visible = tickets_visible_to(me()).with_only_columns(Ticket.id)
    held = session.scalar(
        select(OutboundMail).where(OutboundMail.id == min(mail_id, 2**62), OutboundMail.ticket_id.in_(visible))
    )
    if held is None:
        raise NotFound(_("There is no such mail."))
    retry(held, me())
    return changed(_("On its way"), f"ticket:{held.ticket_id}", detail=str(held.to[0]["address"]))
