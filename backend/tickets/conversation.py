"""What was said on a ticket and what happened between, in order; read as columns."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, func, select
from sqlalchemy.orm import aliased

from backend.auth import Who
from backend.db import session
from backend.mail.log import HELD
from backend.mail.log import VERBS as MAIL
from backend.mail.models import Delivery, OutboundMail, Purpose
from backend.mail.thread import same_subject
from backend.mentions.models import told_of
from backend.tickets import words
from backend.tickets.models import Activity, Attachment, Kind, Message, Ticket, readable, told_to

NEWEST = 30  # messages a page brings along; older ones are fetched when asked for
SHOWN = 5  # messages that have a line of their own
EVENTS = 200
CHANGES = (
    "status",
    "priority",
    "impact",
    "type",
    "category",
    "product_family",
    "subject",
    "customer",
    "contact",
    "assignee",
    "team",
    "group",
    "parent",
    "problem",
    "order",
    "contract",
    "root_cause",
    "pending_until",
)
MERGES = ("merged", "merged_from", "unmerged", "unmerged_from")
TOLD = (*MAIL, *MERGES, "split_off", "split_from", "follows", "followed_by", "pending_due", "closed_unanswered")
CHAT = ("chat_began", "chat_answered", "chat_handed_over", "chat_moved", "chat_ended")


_merged = aliased(Ticket)
_MESSAGE: Any = (
    select(
        Message.id,
        Message.kind,
        Message.channel,
        Message.by_staff,
        Message.author_id,
        Message.author_name,
        Message.author_mail,
        Message.to,
        Message.cc,
        Message.subject,
        Ticket.subject.label("matter"),
        func.array(
            select(_merged.subject).where(_merged.merged_into_id == Ticket.id).correlate(Ticket).scalar_subquery()
        ).label("matters"),
        Ticket.number.label("ticket_number"),
        Ticket.contact_id.label("asked_by"),
        Message.text,
        Message.quoted,
        Message.html,
        Message.delivery,
        Message.by_mail_because,
        Message.problems,
        Message.internet_message_id,
        Message.sent_at,
        Message.edited_at,
        Message.deleted_at,
        Message.mailed_as,
        OutboundMail.error,
        OutboundMail.bounces,
        OutboundMail.id.label("outbound_id"),
        told_of(Message.id).label("told"),
    )
    .join(Ticket, Ticket.id == Message.ticket_id)
    .outerjoin(OutboundMail, (OutboundMail.message_id == Message.id) & (OutboundMail.purpose == Purpose.REPLY))
    .where(Message.ticket_id == bindparam("ticket"))
    .order_by(Message.id.desc())
    .limit(bindparam("most"))
)
_FILES = (
    select(Attachment.id, Attachment.message_id, Attachment.name, Attachment.content_type, Attachment.size)
    .where(Attachment.message_id == any_(bindparam("messages", type_=ARRAY(BigInteger))), ~Attachment.inline)
    .order_by(Attachment.id)
)
_EVENTS = (
    select(Activity.verb, Activity.actor_name, Activity.before, Activity.after, Activity.data, Activity.at)
    .where(Activity.ticket_id == bindparam("ticket"), Activity.verb.in_((*CHANGES, *CHAT, *TOLD)))
    .order_by(Activity.id.desc())
    .limit(EVENTS)
)


@dataclass(frozen=True)
class Item:
    """One entry of the conversation: a message, or an event between two."""

    at: Any
    message: Any = None
    files: tuple[Any, ...] = ()
    event: str = ""  # what somebody did, as the end of a sentence
    actor: str = ""
    to: str = ""  # to whom it was handed
    glyph: str = "chat-16"
    held: int = 0  # the mail that was held back and still is
    subject: str = ""  # of a mail that speaks of another matter than its ticket
    changed: tuple[str, str, str] | None = None


def messages_of(ticket_id: int, who: Who, *, before: int = 0, limit: int = NEWEST) -> list[Any]:
    """The newest messages of a ticket that `who` may read, oldest first, with how their mail fared."""
    query = _MESSAGE if who.is_staff else _MESSAGE.where(readable(who))
    if before:
        query = query.where(Message.id < before)
    return list(session.execute(query, {"ticket": ticket_id, "most": limit}))[::-1]


def files_of(message_ids: list[int]) -> dict[int, list[Any]]:
    """The files of those messages that are not pictures inside their text."""
    found: dict[int, list[Any]] = {}
    if message_ids:
        for row in session.execute(_FILES, {"messages": message_ids}):
            found.setdefault(row.message_id, []).append(row)
    return found


def said_at(message_id: int) -> Any:
    """When that message was sent; None when there is none."""
    return session.scalar(select(Message.sent_at).where(Message.id == message_id))


def _events(ticket_id: int, who: Who, since: Any, until: Any) -> list[Any]:
    query = _EVENTS.where(told_to(who)) if who.is_staff else _EVENTS
    if since is not None:
        query = query.where(Activity.at >= since)
    if until is not None:
        query = query.where(Activity.at < until)
    return list(session.execute(query, {"ticket": ticket_id}))[::-1]


def _still_held(mail_ids: list[int]) -> frozenset[int]:
    """Those of these mails that were held back and have not been released since."""
    if not mail_ids:
        return frozenset()
    held = select(OutboundMail.id).where(OutboundMail.id.in_(mail_ids), OutboundMail.state == Delivery.HELD)
    return frozenset(session.scalars(held))


def conversation(ticket_id: int, who: Who, messages: list[Any], *, whole: bool, until: Any = None) -> list[Item]:
    """Messages and the changes that `who` may see, in the order they happened, before `until`.

    `whole`: there are no older messages than these.
    """
    files = files_of([message.id for message in messages])
    items = [
        Item(at=m.sent_at, message=m, files=tuple(files.get(m.id, ())), subject=_other_matter(m)) for m in messages
    ]
    since = None if whole or not messages else messages[0].sent_at
    events = _events(ticket_id, who, since, until)
    held = _still_held([event.data["mail_id"] for event in events if event.verb == HELD])
    for event in events:
        if event.verb in CHAT:
            items.append(Item(at=event.at, actor=event.actor_name, event=words.happened(event.verb), to=event.after))
            continue
        if event.verb in TOLD:
            happened = words.happened(event.verb, event.data, event.before, event.after)
            mail_id = event.data.get("mail_id") if event.verb == HELD else 0
            mail, glyph = mail_id if mail_id in held else 0, _glyph(event.verb)
            items.append(Item(at=event.at, actor=event.actor_name, event=happened, glyph=glyph, held=mail))
            continue
        changed = (
            words.property_name(event.verb),
            words.value_name(event.verb, event.before),
            words.value_name(event.verb, event.after),
        )
        items.append(Item(at=event.at, actor=event.actor_name, changed=changed))
    return sorted(items, key=lambda item: item.at)


def _glyph(verb: str) -> str:
    return "merge-16" if verb in MERGES else "mail-16"


def _other_matter(message: Any) -> str:
    """The subject of a customer's mail where it is not its ticket's: people take an old mail to begin something new."""
    if message.by_staff or not message.subject.strip():
        return ""
    if any(same_subject(message.subject, matter) for matter in (message.matter, *message.matters)):
        return ""
    return str(message.subject)


def folded(items: list[Item]) -> tuple[list[Item], list[Item]]:
    """(what stands behind one line, what is shown): the newest messages and all that happened since."""
    said = [number for number, item in enumerate(items) if item.message is not None]
    if len(said) <= SHOWN + 1:
        return [], items
    return items[: said[-SHOWN]], items[said[-SHOWN] :]


def opened(messages: list[Any]) -> frozenset[int]:
    """Ids of the messages that stand open: the newest, and the notes just before it."""
    found = {message.id for message in messages[-1:]}
    for message in reversed(messages[:-1]):
        if message.kind != Kind.NOTE:
            break
        found.add(message.id)
    return frozenset(found)
