"""Chats with customers in Teams: who waits, answering, writing, ending."""

from typing import Any

from sqlalchemy import Row, select

from backend import config
from backend.api import cursor, keyed
from backend.api.operation import Listed, Put, operation
from backend.api.said import enclosed
from backend.api.shapes.chats import ChatAnswerIn, ChatEndIn, ChatMessageIn, ChatOut, ChatsQuery
from backend.api.shapes.messages import MessageOut
from backend.api.shapes.values import CustomerRef, PersonRef
from backend.api.views.messages import message_shape
from backend.auth import me, requires
from backend.chat import actions, queue
from backend.chat.models import Chat, Reach
from backend.db import session
from backend.errors import Invalid, NotFound
from backend.i18n import _
from backend.people.models import Customer, EmailAddress, Person
from backend.tickets.actions import Said
from backend.tickets.models import Channel, Message, messages_visible_to

_KEYS = (
    queue.CONTACT.key.label("contact_key"),
    queue.CONTACT.mail.label("contact_mail"),
    queue.TECHNICIAN.key.label("technician_key"),
    queue.TECHNICIAN.mail.label("technician_mail"),
    Customer.key.label("customer_key"),
)


def _shape(row: Row[Any]) -> ChatOut:
    return ChatOut(
        id=row.id,
        ticket=row.number,
        state=row.state,
        customer=CustomerRef(key=row.customer_key, name=row.company) if row.customer_key else None,
        contact=PersonRef(key=row.contact_key, name=row.contact, email=row.contact_mail),
        technician=(
            PersonRef(key=row.technician_key, name=row.technician, email=row.technician_mail)
            if row.technician_id
            else None
        ),
        waiting_since=row.waiting_since,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        last_text=row.last_text or "",
        last_at=row.last_at,
        reachable=row.reach == Reach.OPEN,
        url=f"{config.current().url}/chats/{row.id}",
    )


def _read(chat_id: int) -> ChatOut:
    session.flush()
    row = session.execute(queue.rows_visible_to(me()).add_columns(*_KEYS).where(Chat.id == chat_id)).one_or_none()
    if row is None:
        raise NotFound(_("There is no such chat."))
    return _shape(row)


def _technician(address: str) -> Person:
    """The member of staff with that address who may answer chats. Raises Invalid naming the field."""
    owner = select(EmailAddress.person_id).where(EmailAddress.address == address)
    found = session.scalar(select(Person).where(Person.id.in_(owner), Person.active))
    if found is None or not found.is_staff or not found.who().may("chats.write"):
        raise Invalid(
            _("Please correct the marked fields."),
            fields={"technician": _("None of us has the address %(address)s.", address=address)},
        )
    return found


@operation("GET", "/chats", tag="chats", answer=ChatOut, many=True, query=ChatsQuery)
@requires("chats.read")
def list_chats(query: ChatsQuery) -> Listed:
    """Chats, the newest first; with `state` only those that wait, are open, or have ended."""
    wanted = queue.rows_visible_to(me()).add_columns(*_KEYS).order_by(Chat.id.desc())
    if query.state is not None:
        wanted = wanted.where(Chat.state == query.state)
    if query.cursor:
        wanted = wanted.where(Chat.id < cursor.unseal("chats", query.cursor)[0])
    rows = session.execute(wanted.limit(query.limit + 1)).all()
    page = rows[: query.limit]
    return Listed([_shape(row) for row in page], cursor.seal("chats", page[-1].id) if len(rows) > len(page) else "")


@operation("GET", "/chats/{chat_id}", tag="chats", answer=ChatOut, problems=(404,))
@requires("chats.read")
def get_chat(chat_id: int) -> ChatOut:
    """One chat."""
    return _read(chat_id)


@operation("POST", "/chats/{chat_id}/answer", tag="chats", answer=ChatOut, body=ChatAnswerIn, problems=(404, 409))
@requires("chats.write")
def answer_chat(chat_id: int, body: ChatAnswerIn) -> ChatOut:
    """Answers a waiting chat for a technician.

    Whoever is first has it: everybody else gets 409 with the name of who that is. Answering one's own chat again
    changes nothing.
    """
    _read(chat_id)
    actions.answer(chat_id, _technician(body.technician), aside=True)
    return _read(chat_id)


@operation(
    "POST", "/chats/{chat_id}/messages", tag="chats", answer=MessageOut, statuses=(201,), body=ChatMessageIn,
    files=True, keyed=True, problems=(404, 409),
)  # fmt: skip
@requires("chats.write")
def say_in_chat(chat_id: int, body: ChatMessageIn) -> Put:
    """Says something to the customer in the name of the technician who has the chat.

    409 when it waits, has ended, or somebody else has it, whose name is given. With the header Idempotency-Key the
    same request sent again says nothing twice.
    """
    _read(chat_id)
    done = keyed.earlier()
    if done is not None:
        return Put(message_shape(int(done)), created=True, replayed=True)
    said = Said(text=body.text, channel=Channel.API, enclosures=enclosed(body.attachments))
    message_id = actions.speak(chat_id, _technician(body.technician).who(), said).id
    keyed.keep(str(message_id))
    return Put(message_shape(message_id), created=True)


@operation("POST", "/messages/{message_id}/send-again", tag="chats", answer=MessageOut, problems=(404, 409))
@requires("chats.write")
def send_line_again(message_id: int) -> MessageOut:
    """Sends a line of a chat once more of which nobody knows whether it arrived (`delivery` is `doubtful`).

    It may then stand there twice, which is why nothing does so by itself. 409 when the line is not doubtful (any more).
    """
    visible = messages_visible_to(me()).where(Message.id == min(message_id, 2**62)).with_only_columns(Message.id)
    if session.scalar(visible) is None:
        raise NotFound(_("There is no such line."))
    actions.send_again(message_id)
    return message_shape(message_id)


@operation("POST", "/chats/{chat_id}/end", tag="chats", answer=ChatOut, body=ChatEndIn, problems=(404,))
@requires("chats.write")
def end_chat(chat_id: int, body: ChatEndIn) -> ChatOut:
    """Ends a chat; the ticket stays as it is. Ending it again changes nothing."""
    _read(chat_id)
    actions.end(chat_id, _technician(body.technician).who() if body.technician else me())
    return _read(chat_id)
