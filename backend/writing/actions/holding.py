"""Taking a reply back before its mail is written: it returns into its author's composer, whole."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from backend import clock, live
from backend.auth import Who
from backend.db import session
from backend.drafts.actions import keep_files
from backend.drafts.models import Draft
from backend.errors import Refused
from backend.i18n import _
from backend.mail.parse.headers import name_and_address
from backend.tickets.actions import change, index_again, record, still_to_come
from backend.tickets.models import Attachment, Message, Status, StatusKind, Ticket
from backend.writing.actions.own import can_be_taken_back, locked_message


def take_back_reply(message_id: int, actor: Who) -> Ticket:
    """`actor` takes an own reply back that still waits: text, recipients and files become the draft of its ticket.

    The ticket gets back the status and the turn that the reply changed, where nobody has changed them since. What was
    begun in the composer meanwhile stands below. Raises Refused once the mail is written, and for another's.
    """
    message = locked_message(message_id)
    if message is None:
        raise Refused(_("This reply was taken back already."))
    if message.author_id != actor.person_id or actor.person_id is None:
        raise Refused(_("Only who wrote a reply can take it back."))
    if not can_be_taken_back(message):
        raise Refused(_("This reply has been sent already, so it cannot be taken back."))
    ticket = session.get_one(Ticket, message.ticket_id)
    _into_draft(message, ticket, actor)
    _as_before(message, ticket, actor)
    to = ", ".join(str(one["address"]) for one in message.to)
    record(ticket, actor, "reply_taken_back", before=message.text, after=to)
    session.execute(delete(Message).where(Message.id == message.id))
    session.expunge(message)
    ticket.messages_count -= 1
    ticket.updated_at = clock.now()
    session.flush()
    index_again(ticket)
    live.tell(f"ticket:{ticket.id}", "tickets")
    return ticket


def _chips(people: list[dict[str, Any]]) -> list[str]:
    return [name_and_address(str(one.get("name") or ""), str(one["address"])) for one in people]


def _into_draft(message: Message, ticket: Ticket, actor: Who) -> None:
    key = f"ticket:{ticket.number}"
    begun = session.get(Draft, (actor.person_id or 0, key))
    text = f"{message.text}\n\n{begun.text}" if begun is not None and begun.text.strip() else message.text
    fields = {"kind": "reply", "to": _chips(message.to), "cc": _chips(message.cc), "mentions": []}
    files = session.scalars(select(Attachment).where(Attachment.message_id == message.id).order_by(Attachment.id))
    kept = [(one.name, one.content_type, one.size, one.sha256) for one in files]
    keep_files(actor, key, text, fields, kept)


def _as_before(message: Message, ticket: Ticket, actor: Who) -> None:
    held = message.held
    if not held:
        return
    status = session.get(Status, held["status"])
    if status is not None and ticket.status_id == held["to_status"] != held["status"]:
        until = datetime.fromisoformat(held["until"]) if held.get("until") else None
        change(ticket, actor, status=status)
        if status.kind == StatusKind.PENDING and still_to_come(until):
            ticket.pending_until = until  # not laid aside anew: whose turn it was then is in the log already
    newer = select(Message.id).where(Message.ticket_id == ticket.id, Message.id > message.id).limit(1)
    if session.scalar(newer) is None:
        ticket.activity_status = held["turn"]
