"""What a mail says, as the ticket shows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from backend import clock
from backend.db import session
from backend.mail import sanitise, visible
from backend.mail.parse import Address, Mail
from backend.tickets.actions import Enclosure, Said
from backend.tickets.models import Attachment, Channel, Message

_LONGEST_HTML = 512 * 1024
_MOST_PEOPLE = 100


@dataclass(frozen=True)
class Content:
    """A mail's content: as it is said on a ticket, and its HTML, still a stranger's."""

    said: Said
    html: str | None
    problems: tuple[str, ...] = ()  # what could not be read


def read(mail: Mail, channel: Channel) -> Content:
    """What `mail` says, the quoted rest and the signature folded away. A mail without a word shows its subject."""
    parts = visible.split(mail.text, mail.html, subject=mail.subject)
    said = Said(
        text=parts.text if parts.text.strip() or mail.attachments else mail.subject or "…",
        quoted="\n\n".join(filter(None, (parts.signature, parts.quoted))),
        channel=channel,
        subject=mail.subject,
        to=_people(mail.to),
        cc=_people(mail.cc),
        internet_message_id=mail.internet_message_id,
        sent_at=_sent_at(mail),
        author_mail=mail.from_.address if mail.from_ else "",
        enclosures=tuple(
            Enclosure(one.name, one.content_type, one.data, inline=one.inline, content_id=one.content_id or "")
            for one in mail.attachments
        ),
    )
    return Content(said, parts.html, mail.problems)


def shown(message: Message, content: Content) -> str:
    """The HTML of `content`, harmless, with the message's own pictures in their places; empty when there is none."""
    if not content.html:
        return ""
    pictures = session.execute(
        select(Attachment.id, Attachment.content_id).where(
            Attachment.message_id == message.id, Attachment.content_id != ""
        )
    )
    clean = sanitise.clean(content.html, cid={one.content_id: f"/attachments/{one.id}" for one in pictures})
    return clean.html if len(clean.html) <= _LONGEST_HTML else ""


def _people(addresses: tuple[Address, ...]) -> list[dict[str, Any]]:
    return [{"name": one.name, "address": one.address} for one in addresses[:_MOST_PEOPLE] if one.address]


def _sent_at(mail: Mail) -> datetime:
    """When the sender says it was sent, as far as that can be: the future has not been."""
    now = clock.now()
    return mail.date if mail.date is not None and now - timedelta(days=3650) < mail.date < now else now
