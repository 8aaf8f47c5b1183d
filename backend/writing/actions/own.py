"""Changing and deleting what one has written oneself. Notes and calls are free; what a customer has got stays."""

from sqlalchemy import select

from backend.auth import Who
from backend.db import session
from backend.errors import Conflict, Invalid, NotFound, Refused
from backend.i18n import _
from backend.mail.models import OutboundMail
from backend.tickets.actions import bring_back, edit, locked, take_back
from backend.tickets.models import Channel, Kind, Message

MOST = 64 * 1024  # characters, as many as a message shows


def change_own(message_id: int, actor: Who, text: str, *, seen: str | None = None) -> tuple[Message, str]:
    """`actor` changes the text of an own message: (the message, its text before).

    `seen`: the text over which it was written. Raises Conflict when that is not the message's any more, Refused for
    another's message and for one that has gone out, Invalid without a word.
    """
    message, text = _locked(message_id), text.replace("\x00", "").strip()
    if not is_own(message, actor):
        raise Refused(_("Only who wrote a message can change it."))
    _still_here(message)
    if not text:
        raise Invalid(_("Please write something first."), fields={"text": _("There is no text yet.")})
    if len(text) > MOST:
        raise Invalid(
            _("Please correct the marked fields."), fields={"text": _("At most %(count)s characters.", count=MOST)}
        )
    before = message.text
    if text != before and seen is not None and _one_way(seen) != _one_way(before):
        raise Conflict(_("This message was changed meanwhile. Your text is kept here; please look at it again."))
    edit(message, actor, text)
    return message, before


def delete_own(message_id: int, actor: Who) -> Message:
    """`actor` deletes an own message, an administrator anybody's of the desk; the log keeps its words.

    Raises Refused as `change_own` does.
    """
    message = _locked(message_id)
    _theirs(message, actor)
    if message.deleted_at is None:
        _still_here(message)
        if message.kind == Kind.REPLY:
            raise Refused(_("This reply has not been sent yet. Please take it back instead."))
        take_back(message, actor)
    return message


def restore_own(message_id: int, actor: Who) -> Message:
    """`actor` brings back what they had deleted. Raises Refused."""
    message = _locked(message_id)
    _theirs(message, actor)
    _kept_here(message)
    bring_back(message, actor)
    return message


def locked_message(message_id: int) -> Message | None:
    """The message, which nobody else changes before this transaction ends; None when there is none.

    Its ticket first, as everybody does.
    """
    ticket_id = session.scalar(select(Message.ticket_id).where(Message.id == message_id))
    if ticket_id is None:
        return None
    locked(ticket_id)
    query = select(Message).where(Message.id == message_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _locked(message_id: int) -> Message:
    message = locked_message(message_id)
    if message is None:
        raise NotFound(_("This message is no longer there."))
    return message


def is_own(message: Message, actor: Who) -> bool:
    """Whether `actor` wrote the message; a program of the API is known by its name."""
    if actor.person_id is not None:
        return message.author_id == actor.person_id
    return message.author_id is None and message.channel == Channel.API and message.author_name == actor.name


def _one_way(text: str) -> str:
    """As a form gives it back."""
    return text.replace("\r\n", "\n").strip()


def _theirs(message: Message, actor: Who) -> None:
    if not is_own(message, actor) and not actor.may("settings.write"):
        raise Refused(_("Only who wrote a message can delete it, or an administrator."))


def _kept_here(message: Message) -> None:
    """Refuses what others have outside the desk, where nothing can be taken from them."""
    if not message.by_staff or message.channel == Channel.MAIL:
        raise Refused(_("What came by e-mail stays as it came."))
    if message.mailed_as:
        raise Refused(_("This e-mail has been sent already, so it can no longer be changed here."))
    if message.kind == Kind.REPLY and not can_be_taken_back(message):
        raise Refused(
            _("The customer has this message already, so it can no longer be changed here. Please write another one.")
        )


def _still_here(message: Message) -> None:
    if message.deleted_at is not None:
        raise Refused(_("This message was deleted."))
    _kept_here(message)


def can_be_taken_back(message: Message) -> bool:
    """Whether the message is a reply whose mail has not been written yet."""
    if message.kind != Kind.REPLY or not message.by_staff or message.delivery != "waiting" or not message.to:
        return False
    if message.channel == Channel.TEAMS or message.by_mail_because or message.mailed_as:
        return False
    return session.scalar(select(OutboundMail.id).where(OutboundMail.message_id == message.id).limit(1)) is None
