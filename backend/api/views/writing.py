"""Changing and deleting what was said, and mails of a ticket that answer nobody."""

from backend.api import keyed, named
from backend.api.operation import Put, operation
from backend.api.said import enclosed, people
from backend.api.shapes.messages import MessageOut
from backend.api.shapes.writing import FollowUpIn, ForwardIn, MessagePatch
from backend.api.views.messages import message_shape
from backend.auth import me, requires
from backend.db import session
from backend.errors import NotFound
from backend.i18n import _
from backend.tickets.models import Channel, Message, messages_visible_to
from backend.writing import actions


def _there(message: int) -> None:
    if session.scalar(messages_visible_to(me()).where(Message.id == message)) is None:
        raise NotFound(_("This message is no longer there."))


@operation("PATCH", "/messages/{message}", tag="messages", answer=MessageOut, body=MessagePatch, problems=(404, 409))
@requires("tickets.write")
def change_message(message: int, body: MessagePatch) -> MessageOut:
    """Changes an own note or call, or an own reply that waits to be sent.

    What it said before stays in the ticket's activity. What a customer has got already is refused with 422.
    """
    _there(message)
    actions.change_own(message, me(), body.text)
    return message_shape(message)


@operation("DELETE", "/messages/{message}", tag="messages", answer=MessageOut, problems=(404,))
@requires("tickets.write")
def delete_message(message: int) -> MessageOut:
    """Deletes an own note or call; administrators delete anybody's.

    It stays in its place without its text, which the ticket's activity keeps. Deleted twice it is as once.
    """
    _there(message)
    actions.delete_own(message, me())
    return message_shape(message)


@operation(
    "POST", "/tickets/{number}/forward", tag="messages", answer=MessageOut, statuses=(201,), body=ForwardIn,
    files=True, keyed=True, problems=(404, 409),
)  # fmt: skip
@requires("tickets.write")
def forward_ticket(number: int, body: ForwardIn) -> Put:
    """Passes a ticket's matter on by mail, to a colleague or to somebody outside.

    It is kept as a note, and so is the answer to it: no customer sees either. With the header Idempotency-Key the same
    request sent again mails nothing twice and is answered with the first.
    """
    ticket = named.ticket(number, lock=True)
    done = keyed.earlier()
    if done is None:
        messages = actions.quotable(ticket) if body.quote or body.pass_on_files else []
        made = actions.forward(
            ticket,
            me(),
            body.text,
            people(body.to),
            quoted=messages if body.quote else [],
            files=actions.files_to_pass_on(messages) if body.pass_on_files else [],
            enclosures=enclosed(body.attachments),
            channel=Channel.API,
            tell=body.tell_customer,
        )
        done_id = made.id
        keyed.keep(str(done_id))
    else:
        done_id = int(done)
    return Put(message_shape(done_id), created=True, replayed=done is not None)


@operation(
    "POST", "/tickets/{number}/follow-up", tag="messages", answer=MessageOut, statuses=(201,), body=FollowUpIn,
    files=True, keyed=True, problems=(404, 409),
)  # fmt: skip
@requires("tickets.write")
def follow_up_ticket(number: int, body: FollowUpIn) -> Put:
    """Sends one person a mail of its own on a ticket, under its own subject; the answer comes to the ticket.

    With the header Idempotency-Key the same request sent again mails nothing twice and is answered with the first.
    """
    ticket = named.ticket(number, lock=True)
    done = keyed.earlier()
    if done is None:
        made = actions.follow_up(
            ticket,
            me(),
            body.text,
            people([body.to]),
            body.subject,
            enclosures=enclosed(body.attachments),
            channel=Channel.API,
        )
        done_id = made.id
        keyed.keep(str(done_id))
    else:
        done_id = int(done)
    return Put(message_shape(done_id), created=True, replayed=done is not None)
