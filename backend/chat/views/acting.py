"""What is done with chats from the desk: answering, writing, handing over, ending."""

from typing import Any

from flask import make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend import receipts
from backend.auth import me, requires
from backend.chat import actions
from backend.chat.models import ChatState
from backend.chat.views.door import blueprint, myself, the_chat
from backend.db import session
from backend.drafts.actions import forget
from backend.errors import Invalid, NotFound
from backend.i18n import _
from backend.jobs import later
from backend.people.models import Person, technicians
from backend.textmodules.gaps import refuse_open
from backend.tickets.actions import Said, enclosures, locked_where_it_goes_on, note
from backend.tickets.models import Channel, Kind, Message, messages_visible_to
from backend.ui.answers import go_to, looked_again
from backend.web import form_text


@blueprint.post("/chats/<int:chat_id>/answer")
@requires("chats.write")
def answer(chat_id: int) -> ResponseReturnValue:
    """The person takes a waiting chat, and is led to it. Who is not the first hears who was."""
    chat = the_chat(chat_id)
    actions.answer(chat.id, myself())
    return go_to(f"/chats/{chat.id}")


@blueprint.post("/chats/<int:chat_id>/messages")
@requires("chats.write")
def say(chat_id: int) -> ResponseReturnValue:
    """A line to the customer, or an internal note on the ticket; the same form sent twice says it once."""
    form, who = request.form, me()
    chat = the_chat(chat_id)
    token, source = form_text(form, "token")[:64], f"chat.say.{who.person_id}"
    if token and receipts.earlier(source, token) is not None:
        return looked_again(f"chat:{chat.id}")
    said: dict[str, Any] = {
        "text": form_text(form, "text"),
        "channel": Channel.DESK,
        "enclosures": enclosures(request.files.getlist("files")),
    }
    refuse_open(said["text"])
    if form.get("kind") == Kind.NOTE:
        message = note(locked_where_it_goes_on(chat.ticket_id), who, Said(**said))
    else:
        message = actions.speak(chat.id, who, Said(**said))
    forget(who, f"chat:{chat.id}")
    if token:
        receipts.keep(source, token, str(message.id))
    return looked_again(f"chat:{chat.id}", "chats")


@blueprint.post("/chats/<int:chat_id>/typing")
@requires("chats.write")
def typing(chat_id: int) -> ResponseReturnValue:
    """The person writes: the customer sees it for some seconds."""
    chat = the_chat(chat_id)
    if chat.state == ChatState.OPEN and chat.technician_id == me().person_id:
        later("chat.typing", once=f"chat.typing.{chat.id}", chat_id=chat.id)
    return make_response("", 204)


@blueprint.post("/chats/<int:chat_id>/end")
@requires("chats.write")
def end(chat_id: int) -> ResponseReturnValue:
    """Ends the chat; the ticket stays as it is."""
    chat = the_chat(chat_id)
    actions.end(chat.id, me())
    return looked_again(f"chat:{chat.id}", "chats", f"ticket:{chat.ticket_id}")


@blueprint.post("/chats/<int:chat_id>/hand-over")
@requires("chats.write")
def hand_over(chat_id: int) -> ResponseReturnValue:
    """Gives the chat to a colleague."""
    chat, number = the_chat(chat_id), form_text(request.form, "technician")
    chosen = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0
    colleague = session.scalar(technicians().where(Person.id == chosen))
    if colleague is None:
        raise Invalid(_("Please correct the marked fields."), fields={"technician": _("Choose a technician.")})
    actions.hand_over(chat.id, me(), colleague)
    return looked_again(f"chat:{chat.id}", "chats", f"ticket:{chat.ticket_id}")


@blueprint.post("/chats/messages/<int:message_id>/again")
@requires("chats.write")
def send_again(message_id: int) -> ResponseReturnValue:
    """A line that was perhaps not delivered is sent once more."""
    ticket = session.scalar(
        select(Message.ticket_id).where(
            Message.id.in_(
                messages_visible_to(me()).where(Message.id == min(message_id, 2**62)).with_only_columns(Message.id)
            )
        )
    )
    if ticket is None:
        raise NotFound(_("There is no such line."))
    chat_id = actions.send_again(message_id)
    return looked_again(f"chat:{chat_id}", f"ticket:{ticket}")
