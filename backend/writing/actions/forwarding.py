"""Passing a ticket's matter on by mail: to a colleague or to somebody outside, with what was said and chosen files."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from backend import clock
from backend.auth import Who
from backend.db import session
from backend.errors import Invalid
from backend.i18n import _
from backend.jobs import later
from backend.mail import words as mail_words
from backend.people.models import Person
from backend.textmodules.gaps import refuse_open
from backend.tickets.actions import Enclosure, Said, editable, reply
from backend.tickets.actions.talking import add_message
from backend.tickets.models import ActivityStatus, Attachment, Channel, Kind, MailedAs, Message, Ticket
from backend.visits.models import VisitKind, VisitState
from backend.visits.rows import visits_of_ticket
from backend.writing import words

_LONGEST = 100_000  # characters of what is quoted


def forward(
    ticket: Ticket,
    actor: Who,
    text: str,
    to: list[dict[str, Any]],
    *,
    quoted: Sequence[Message] = (),
    files: Sequence[Attachment] = (),
    enclosures: tuple[Enclosure, ...] = (),
    channel: Channel = Channel.DESK,
    tell: str = "",
) -> Message:
    """`actor` mails the matter to `to`, with the messages `quoted` below and `files` of them; no customer sees it.

    `tell`: what the ticket's contact is told of it, by an ordinary reply. Raises Invalid without a recipient, or when
    there is nothing to send, or a gap of a text module left in it; Refused when nobody can be told, NotAllowed for
    whoever may not change the ticket.
    """
    editable(ticket, actor)
    if not to:
        raise Invalid(_("Please correct the marked fields."), fields={"forward_to": _("Nobody to send this to.")})
    if not text.strip() and not quoted and not files and not enclosures:
        raise Invalid(_("Please write something first."), fields={"text": _("There is no text yet.")})
    refuse_open(text)
    said = Said(
        text=text,
        quoted=_quote(quoted, mail_words.known(actor.language)),
        to=to,
        channel=channel,
        mailed_as=MailedAs.FORWARD,
        enclosures=enclosures,
    )
    turn = ticket.activity_status
    message = add_message(ticket, actor, Kind.NOTE, said, by_staff=True)
    _adopt(message, files)
    message.delivery = "waiting"
    ticket.activity_status = ActivityStatus.READ if turn == ActivityStatus.UNREAD else turn
    later("mail.reply", message_id=message.id)
    if tell.strip():
        reply(ticket, actor, Said(text=tell, channel=channel))
    return message


def _adopt(message: Message, files: Sequence[Attachment]) -> None:
    """The same files once more, kept once."""
    for one in files:
        session.add(
            Attachment(
                message_id=message.id,
                name=one.name,
                content_type=one.content_type,
                size=one.size,
                sha256=one.sha256,
                inline=False,
                content_id="",
            )
        )
    session.flush()


def _quote(messages: Sequence[Message], language: str) -> str:
    """What was said, the newest first, as mail programs quote it."""
    parts = []
    for message in sorted(messages, key=lambda one: one.id, reverse=True):
        when = mail_words.moment(message.sent_at, language, "")
        line = mail_words.said(mail_words.WROTE, language, when=when, who=message.author_name)
        parts.append("\n".join([line, *(f"> {one}".rstrip() for one in message.text.splitlines())]))
    whole = "\n\n".join(parts)
    return whole if len(whole) <= _LONGEST else whole[: _LONGEST - 1] + "…"


def quotable(ticket: Ticket) -> list[Message]:
    """The messages that may be passed on: no notes, nothing deleted; oldest first."""
    query = select(Message).where(
        Message.ticket_id == ticket.id, Message.kind != Kind.NOTE, Message.deleted_at.is_(None)
    )
    return list(session.scalars(query.order_by(Message.id)))


def files_to_pass_on(messages: Sequence[Message]) -> list[Attachment]:
    """The files of those messages, without pictures inside their text."""
    ids = [message.id for message in messages]
    query = select(Attachment).where(Attachment.message_id.in_(ids), ~Attachment.inline)
    return list(session.scalars(query.order_by(Attachment.id)))


def acknowledgement(ticket: Ticket, actor: Who) -> str:
    """What the contact could be told, in their language, with the next appointment; empty when nobody can be told."""
    contact = session.get(Person, ticket.contact_id) if ticket.contact_id else None
    if contact is None or not contact.mail:
        return ""
    language = mail_words.known(contact.language)
    sentences = [mail_words.said(words.HANDED_ON, language, number=f"#{ticket.number}")]
    coming, _gone = visits_of_ticket(actor, ticket.id, clock.now())
    visit = next((one for one in coming if one.state == VisitState.PLANNED and one.kind != VisitKind.BLOCK), None)
    if visit is not None:
        when = mail_words.moment(visit.starts_at, language, visit.timezone)
        sentences.append(mail_words.said(words.NEXT_VISIT, language, when=when))
    return "\n\n".join(sentences)
