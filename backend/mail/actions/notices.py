"""Mails by which the desk tells somebody something by itself: a code, a mention. They belong to no ticket's thread."""

from collections.abc import Sequence

from markupsafe import escape

from backend import clock
from backend.mail.actions.gate import send_off
from backend.mail.actions.mailboxes import desk_mailboxes
from backend.mail.models import Mailbox, OutboundMail, Purpose


def notify(
    name: str,
    address: str,
    *,
    subject: str,
    paragraphs: Sequence[str],
    link: str = "",
    language: str = "",
    from_: Mailbox | None = None,
    purpose: Purpose = Purpose.NOTIFICATION,
) -> OutboundMail | None:
    """A mail with these plain paragraphs to one person, and a link below.

    None when there is no mailbox to send from, and where the gate holds it back.

    It goes from the mailbox the desk writes from, or `from_` another one. It is marked as made by a machine (RFC 3834),
    so that no absence note answers it.
    """
    mailbox = from_ or next(iter(desk_mailboxes()), None)
    if mailbox is None:
        return None
    html = "".join(f"<p>{escape(one)}</p>".replace("\n", "<br>") for one in paragraphs)
    below = f'<p><a href="{escape(link)}">{escape(link)}</a></p>' if link else ""
    outbound = OutboundMail(
        mailbox_id=mailbox.id,
        purpose=purpose,
        to=[{"name": name, "address": address}],
        subject=" ".join(subject.split()),
        text="\n\n".join([*paragraphs, link] if link else paragraphs) + "\n",
        html=html + below,
        language=language,
        created_at=clock.now(),
    )
    return outbound if send_off(outbound, mailbox) else None
