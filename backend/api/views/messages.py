"""What was said on tickets, and what happened to them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, or_, select, union
from sqlalchemy.orm import aliased

from backend import config, files
from backend.api import cursor, keyed, named
from backend.api.operation import PREFIX, Listed, Put, operation
from backend.api.said import said
from backend.api.shapes.messages import ActivityOut, AttachmentOut, MessageIn, MessageOut, MessagesQuery
from backend.api.shapes.values import Address, PageQuery, PersonRef
from backend.auth import me, requires
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.mail.models import InboundMail, OutboundMail
from backend.mentions.actions import mention, staff_by_address
from backend.people.models import Person
from backend.tickets import actions
from backend.tickets.models import (
    Activity,
    Attachment,
    Kind,
    Message,
    Ticket,
    messages_visible_to,
    tickets_visible_to,
    told_to,
)
from backend.web import file_response
from backend.writing.actions import tell_technician

_AUTHOR = aliased(Person)
_VERBS = {Kind.REPLY: actions.reply, Kind.NOTE: actions.note, Kind.CALL: actions.call}


def _wanted() -> Select[Any]:
    """The messages that whoever asks may read, oldest first, with what `_shapes` needs of each."""
    return (
        messages_visible_to(me())
        .outerjoin(_AUTHOR, _AUTHOR.id == Message.author_id)
        .with_only_columns(
            Message.id,
            Ticket.number.label("ticket"),
            Message.kind,
            Message.channel,
            _AUTHOR.key.label("author_key"),
            Message.author_name,
            Message.author_mail,
            Message.to,
            Message.cc,
            Message.subject,
            Message.text,
            Message.quoted,
            Message.html,
            Message.sent_at,
            Message.edited_at,
            Message.deleted_at,
            Message.mailed_as,
            Message.internet_message_id,
            Message.delivery,
            Message.by_mail_because,
        )
        .order_by(Message.id)
    )


def _attachments(message_ids: Sequence[int]) -> dict[int, list[AttachmentOut]]:
    found: dict[int, list[AttachmentOut]] = {message_id: [] for message_id in message_ids}
    rows = session.execute(
        select(
            Attachment.id,
            Attachment.message_id,
            Attachment.name,
            Attachment.content_type,
            Attachment.size,
            Attachment.inline,
        )
        .where(Attachment.message_id.in_(message_ids))
        .order_by(Attachment.id)
    )
    for row in rows:
        found[row.message_id].append(
            AttachmentOut(
                name=row.name,
                content_type=row.content_type,
                size=row.size,
                inline=row.inline,
                url=f"{config.current().url}{PREFIX}/attachments/{row.id}",
            )
        )
    return found


def addresses(people: list[dict[str, Any]]) -> list[Address]:
    """Stored recipients as JSON shows them."""
    return [Address(name=each.get("name") or "", address=each.get("address") or "") for each in people]


def _shapes(rows: Sequence[Row[Any]]) -> list[MessageOut]:
    attachments = _attachments([row.id for row in rows]) if rows else {}
    return [
        MessageOut(
            id=row.id,
            ticket=row.ticket,
            kind=row.kind,
            channel=row.channel,
            author=PersonRef(key=row.author_key, name=row.author_name, email=row.author_mail or None),
            from_=Address(name=row.author_name, address=row.author_mail),
            to=addresses(row.to),
            cc=addresses(row.cc),
            subject=row.subject,
            text=row.text,
            quoted=row.quoted,
            html=row.html,
            sent_at=row.sent_at,
            edited_at=row.edited_at,
            deleted_at=row.deleted_at,
            mailed_as=row.mailed_as or None,
            attachments=[] if row.deleted_at else attachments[row.id],
            internet_message_id=row.internet_message_id,
            delivery=row.delivery or None,
            by_mail_because=row.by_mail_because or None,
        )
        for row in rows
    ]


def _page(wanted: Select[Any], query: PageQuery, purpose: str) -> Listed:
    if query.cursor:
        wanted = wanted.where(Message.id > cursor.unseal(purpose, query.cursor)[0])
    rows = session.execute(wanted.limit(query.limit + 1)).all()
    page = rows[: query.limit]
    more = cursor.seal(purpose, page[-1].id) if len(rows) > len(page) else ""
    return Listed(_shapes(page), more)


@operation(
    "GET", "/tickets/{number}/messages", tag="messages", answer=MessageOut, many=True, query=PageQuery, problems=(404,)
)
@requires("tickets.read")
def list_messages(number: int, query: PageQuery) -> Listed:
    """What was said on a ticket, oldest first."""
    ticket = named.ticket(number)
    return _page(_wanted().where(Message.ticket_id == ticket.id), query, f"messages of {ticket.id}")


@operation(
    "POST", "/tickets/{number}/messages", tag="messages", answer=MessageOut, statuses=(201,), body=MessageIn,
    files=True, keyed=True, problems=(404, 409),
)  # fmt: skip
@requires("tickets.write")
def create_message(number: int, body: MessageIn) -> Put:
    """Says something on a ticket: a reply that is mailed to the customer, an internal note, or a call.

    With the header Idempotency-Key the same request sent again says nothing twice and is answered with the first.
    """
    done = keyed.earlier()
    ticket = named.ticket(number, lock=done is None)
    if done is None:
        people = staff_by_address(body.mentions)
        message = _VERBS[body.kind](ticket, me(), said(body), status=named.status(body.status))
        if people:
            mention(message, me(), people)
        if body.kind == Kind.CALL:
            tell_technician(ticket, message, me())
        message_id = message.id
        keyed.keep(str(message_id))
    else:
        message_id = int(done)
    return Put(message_shape(message_id), created=True, replayed=done is not None)


def message_shape(message_id: int) -> MessageOut:
    """One message of which it is known that whoever asks may read it."""
    session.flush()
    return _shapes(session.execute(_wanted().where(Message.id == message_id)).all())[0]


@operation("GET", "/messages", tag="messages", answer=MessageOut, many=True, query=MessagesQuery)
@requires("tickets.read")
def find_messages(query: MessagesQuery) -> Listed:
    """The messages that a mail became or that it was sent for."""
    ids = either_way(query.internet_message_id)
    came = select(Message.id).where(Message.internet_message_id.in_(ids))
    listed = select(InboundMail.message_id).where(
        or_(InboundMail.internet_message_id.in_(ids), InboundMail.exchange_message_id.in_(ids)),
        InboundMail.message_id.is_not(None),
    )
    sent = select(OutboundMail.message_id).where(
        or_(OutboundMail.internet_message_id.in_(ids), OutboundMail.exchange_message_id.in_(ids)),
        OutboundMail.message_id.is_not(None),
    )
    # Each part by its index; an OR would read the table.
    found = Message.id.in_(union(came.correlate(None), listed, sent))
    return _page(_wanted().where(found), query, "messages by mail")


def either_way(internet_message_id: str) -> list[str]:
    """A Message-ID as given and with angle brackets, as they are stored."""
    return [internet_message_id, f"<{internet_message_id.strip('<>')}>"]


@operation(
    "GET", "/tickets/{number}/activity", tag="tickets", answer=ActivityOut, many=True, query=PageQuery, problems=(404,)
)
@requires("tickets.read")
def list_activity(number: int, query: PageQuery) -> Listed:
    """What happened to a ticket, oldest first: who did what when, and what it was before and after.

    What happened to tickets that are merged into it is among it, with their number.
    """
    ticket = named.ticket(number)
    purpose = f"activity of {ticket.id}"
    wanted = (
        select(Activity, _AUTHOR.key.label("actor_key"), _AUTHOR.mail.label("actor_mail"), Ticket.number)
        .join(Ticket, Ticket.id == Activity.ticket_id)
        .outerjoin(_AUTHOR, _AUTHOR.id == Activity.actor_id)
        .where(
            Activity.ticket_id.in_(
                tickets_visible_to(me())
                .where(or_(Ticket.id == ticket.id, Ticket.merged_into_id == ticket.id))
                .with_only_columns(Ticket.id)
                .correlate(None)
            ),
            told_to(me()),
        )
        .order_by(Activity.id)
    )
    if query.cursor:
        wanted = wanted.where(Activity.id > cursor.unseal(purpose, query.cursor)[0])
    rows = session.execute(wanted.limit(query.limit + 1)).all()
    page = rows[: query.limit]
    items = [
        ActivityOut(
            id=activity.id,
            ticket=number,
            verb=activity.verb,
            actor=PersonRef(key=key, name=activity.actor_name, email=mail),
            before=activity.before,
            after=activity.after,
            data=activity.data,
            at=activity.at,
        )
        for activity, key, mail, number in page
    ]
    return Listed(items, cursor.seal(purpose, items[-1].id) if len(rows) > len(page) else "")


@operation("GET", "/attachments/{attachment_id}", tag="messages", answer=None, problems=(404,))
@requires("tickets.read")
def get_attachment(attachment_id: int) -> object:
    """The content of a message's file."""
    row = session.execute(
        messages_visible_to(me())
        .join(Attachment, Attachment.message_id == Message.id)
        .with_only_columns(Attachment.name, Attachment.content_type, Attachment.sha256)
        .where(Attachment.id == attachment_id, Message.deleted_at.is_(None))
    ).one_or_none()
    if row is None:
        raise NotFound(_("This file is not there."))
    return file_response(files.read(row.sha256), name=row.name, content_type=row.content_type)
