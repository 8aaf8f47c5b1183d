"""Saying something on a ticket."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend import clock, config, files, receipts
from backend.auth import Who, me, requires
from backend.chat.actions import answer, speak
from backend.chat.models import Chat, ChatState, running_chat
from backend.db import session
from backend.drafts.actions import files_of, forget
from backend.errors import Conflict, Invalid, NotFound
from backend.i18n import _
from backend.mail.actions import retry
from backend.mail.models import OutboundMail, Purpose
from backend.mentions.actions import mention, staff_by_address
from backend.people.models import Person
from backend.settings.models import setting
from backend.statuses import pending
from backend.textmodules.gaps import refuse_open
from backend.tickets.actions import (
    Enclosure,
    Said,
    call,
    change,
    editable,
    enclosures,
    note,
    post_again,
    reply,
    split_off,
)
from backend.tickets.models import Channel, Kind, Message, Ticket, messages_visible_to, statuses
from backend.tickets.views.door import blueprint, the_ticket
from backend.tickets.views.recipients import parsed
from backend.tickets.warned import close_anyway, left_behind
from backend.ui.answers import changed, looked_again
from backend.web import form_text
from backend.writing.actions import check_foreign, take_part, tell_technician


def status_named(posted: str) -> dict[str, Any]:
    """What a status menu posts, as properties to change: a status's key, for a pending one with "@" until when.

    Nothing for the empty one. Raises Invalid where there is none.
    """
    key, at, until = posted.partition("@")
    if not key:
        return {}
    found = next((status for status in statuses() if status.key == key), None)
    if found is None:
        raise Invalid(_("Please correct the marked fields."), fields={"status": _("There is no such status.")})
    zone = me().timezone or config.current().timezone
    return {"status": found} | ({"pending_until": pending.read(until, clock.now(), zone)} if at else {})


def the_running_chat(number: int, into: str) -> Chat:
    """The chat of the ticket into which somebody writes from its page; one that waits is answered by them with it.

    Raises Conflict when it has ended: nothing goes by mail that was meant for the chat.
    """
    ticket, who = the_ticket(number), me()
    chat = running_chat(ticket.id)
    if chat is None or str(chat.id) != into:
        raise Conflict(_("The chat has ended. Your text is kept; please send it again, then it goes by e-mail."))
    person = session.get(Person, who.person_id or 0)
    if chat.state == ChatState.WAITING and person is not None:
        answer(chat.id, person)
    return chat


@blueprint.post("/tickets/<int:number>/messages")
@requires("tickets.write")
def say(number: int) -> ResponseReturnValue:
    """A reply, a note or a call; the same form sent twice says it once.

    A mailed reply is held for some seconds, in which the toast takes it back.
    """
    form, who = request.form, me()
    into = form_text(form, "into")
    chat = the_running_chat(number, into) if into and form.get("kind") not in (Kind.NOTE, Kind.CALL) else None
    ticket = the_ticket(number, lock=chat is None)  # a chat is locked before its ticket, by every verb
    token = form_text(form, "token")[:64]
    if token and receipts.earlier(f"desk.say.{who.person_id}", token) is not None:
        return looked_again(f"ticket:{ticket.id}")
    text, reason = form_text(form, "text"), form_text(form, "closing_reason")
    refuse_open(text)  # of notes too, in which a gap would otherwise stay
    properties = status_named(form_text(form, "status"))
    children = left_behind(ticket, properties.get("status"))
    asked = properties.pop("status") if children else None
    message, held = _said(ticket, chat, text, properties)
    if properties:
        change(ticket, who, closing_reason=reason, **properties)
    forget(who, f"ticket:{ticket.number}")
    if token:
        receipts.keep(f"desk.say.{who.person_id}", token, str(message.id))
    if asked is not None:
        return close_anyway(ticket, asked, children, said=_("Said, and not closed:"))
    if not held or not message.delivery:
        return looked_again(f"ticket:{ticket.id}")
    undo = f"/messages/{message.id}/unsend"
    return changed(_("Sent."), f"ticket:{ticket.id}", detail=f"#{number}", undo=undo, seconds=held)


def _said(ticket: Ticket, chat: Chat | None, text: str, properties: dict[str, Any]) -> tuple[Message, int]:
    """(what the form says, on the ticket now; for how many seconds it can be taken back). With a reply goes its status,
    which comes back with it.
    """
    form, who = request.form, me()
    said: dict[str, Any] = {
        "text": text,
        "channel": Channel.PANE if form.get("channel") == "pane" else Channel.DESK,
        "enclosures": (*_kept(who, ticket.number), *enclosures(request.files.getlist("files"))),
        "closing_reason": form_text(form, "closing_reason"),
    }
    if form.get("kind") == Kind.NOTE:
        named = staff_by_address(one["address"] for one in parsed(form.getlist("mentions"), "mentions"))
        message = note(ticket, who, Said(**said))
        mention(message, who, named)
        return message, 0
    if form.get("kind") == Kind.CALL:
        message = call(ticket, who, Said(**said))
        tell_technician(ticket, message, who)
        return message, 0
    if chat is not None:
        editable(ticket, who)
        return speak(chat.id, who, Said(**said)), 0
    to, cc = parsed(form.getlist("to"), "to"), parsed(form.getlist("cc"), "cc")
    if form.get("chosen") and not to:  # whoever took out every recipient does not mean the contact
        raise Invalid(_("Please correct the marked fields."), fields={"to": _("Nobody to send this to.")})
    sure = parsed(form.getlist("sure"), "cc")
    check_foreign(ticket, [one["address"] for one in [*to, *cc]], [one["address"] for one in sure])
    if form.get("chosen"):
        take_part(ticket, who, cc)
    held = int(setting("undo_send_seconds"))
    status = properties.pop("status", None)
    return reply(ticket, who, Said(**said, to=to, cc=cc), status=status, hold=held), held


def _kept(who: Who, number: int) -> tuple[Enclosure, ...]:
    """The files of the draft that are still in the composer: those of a reply that was taken back."""
    wanted = set(request.form.getlist("kept"))
    kept = files_of(who, f"ticket:{number}") if wanted else []
    return tuple(Enclosure(one.name, one.content_type, files.read(one.sha256)) for one in kept if str(one.id) in wanted)


@blueprint.post("/messages/<int:message_id>/retry")
@requires("mail.retry")
def try_again(message_id: int) -> ResponseReturnValue:
    """Sends a reply that could not be delivered once more."""
    message = session.scalar(
        messages_visible_to(me()).where(Message.id == min(message_id, 2**62), Message.delivery != "")
    )
    if message is None:
        raise NotFound(_("There is no such mail."))
    outbound = session.scalar(
        select(OutboundMail).where(OutboundMail.message_id == message.id, OutboundMail.purpose == Purpose.REPLY)
    )
    if outbound is None:
        post_again(message)
    else:
        retry(outbound, me())
    return looked_again(f"ticket:{message.ticket_id}")


@blueprint.post("/messages/<int:message_id>/split")
@requires("tickets.write")
def split(message_id: int) -> ResponseReturnValue:
    """Makes a ticket of a mail that speaks of another matter than its ticket."""
    message = session.scalar(messages_visible_to(me()).where(Message.id == min(message_id, 2**62)))
    if message is None:
        raise NotFound(_("This message is no longer there."))
    old = message.ticket_id
    new = split_off(message, me())
    said = _("It is ticket #%(number)s now.", number=new.number)
    return changed(said, f"ticket:{old}", f"ticket:{new.id}", "tickets", detail=new.subject)
