"""The console: who waits, one's own chats, and one chat beside its customer and tickets."""

from itertools import groupby
from types import SimpleNamespace
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from backend.auth import Who, me, requires
from backend.chat import queue
from backend.chat.models import ChatState
from backend.chat.views.door import blueprint, the_chat
from backend.db import session
from backend.people.models import Person, technicians
from backend.tickets.conversation import conversation, messages_of

LINES = 200  # of a chat that the console shows; the ticket has them all
SOON, LATE = 60, 180  # seconds of waiting after which it is said in orange, in red


def _queue(who: Who, here: int) -> dict[str, Any]:
    """What the column on the left shows; `here` is the chat that is open beside it."""
    rows = queue.running(who)
    open_ones = [row for row in rows if row.state == ChatState.OPEN]
    mine = [row for row in open_ones if row.technician_id == who.person_id]
    others = sorted((row for row in open_ones if row not in mine), key=lambda row: (row.technician, row.technician_id))
    grouped = groupby(others, key=lambda row: (row.technician_id, row.technician))
    return {
        "waiting": [row for row in rows if row.state == ChatState.WAITING],
        "mine": sorted(mine, key=lambda row: row.last_at, reverse=True),
        "others": [SimpleNamespace(id=key[0], name=key[1], chats=list(theirs)) for key, theirs in grouped],
        "here": here,
        "unreached": queue.unreached(),
        "soon": SOON,
        "late_after": LATE,
    }


def _chat(chat_id: int, who: Who) -> dict[str, Any]:
    """What the conversation in the middle shows. Raises NotFound."""
    chat = the_chat(chat_id)
    messages = [m for m in messages_of(chat.ticket_id, who, limit=LINES + 1) if m.sent_at >= chat.waiting_since]
    more = len(messages) > LINES
    items = conversation(chat.ticket_id, who, messages[-LINES:], whole=not more)
    return {
        "chat": chat,
        "items": [item for item in items if item.at >= chat.waiting_since],
        "more": more,
        "is_mine": chat.state == ChatState.OPEN and chat.technician_id == who.person_id,
    }


@blueprint.get("/chats")
@requires("chats.read")
def chats() -> ResponseReturnValue:
    """The console without a chat: whom to answer first."""
    return render_template("chat/console.html", **_queue(me(), 0), chat=None)


@blueprint.get("/chats/<int:chat_id>")
@requires("chats.read")
def chat(chat_id: int) -> ResponseReturnValue:
    """The console with one chat; for htmx only the conversation, which the page includes."""
    who = me()
    page = _chat(chat_id, who)
    if request.headers.get("HX-Request"):
        return render_template("chat/_talk.html", **page, unreached=queue.unreached())
    return render_template("chat/console.html", **{**page, **_queue(who, chat_id)})


@blueprint.get("/chats/queue")
@requires("chats.read")
def waiting_and_own() -> ResponseReturnValue:
    """The column on the left; `here` is the chat that is open."""
    return render_template("chat/_queue.html", **_queue(me(), request.args.get("here", type=int, default=0)))


@blueprint.get("/chats/waiting")
@requires("chats.read")
def number_waiting() -> ResponseReturnValue:
    """How many wait, as it stands in the bar of every page."""
    return render_template("chat/_waiting.html", number=queue.number_waiting())


@blueprint.get("/chats/<int:chat_id>/colleagues")
@requires("chats.write")
def colleagues(chat_id: int) -> ResponseReturnValue:
    """To whom a chat can be handed over."""
    chat = the_chat(chat_id)
    people = session.execute(technicians().with_only_columns(Person.id, Person.name)).all()
    return render_template(
        "chat/_colleagues.html", chat=chat, people=[one for one in people if one.id != chat.technician_id]
    )
