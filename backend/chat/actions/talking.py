"""Lines of a chat: what the customer says, and what the technician answers by whichever door."""

from datetime import timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from backend import clock, config, live
from backend.auth import Who
from backend.chat import cards, commands
from backend.chat.actions import outbox
from backend.chat.actions.answering import end, locked_chat
from backend.chat.actions.telling import (
    COPY,
    FILE,
    GREETING,
    LINE,
    customer_of,
    desk_of,
    language_for,
    refresh,
    ring,
    say,
    show_card,
)
from backend.chat.links import link
from backend.chat.models import Chat, ChatState, Place, Reach, TeamsActivity, TeamsConversation, TeamsPost
from backend.chat.queue import held_by
from backend.db import session
from backend.errors import Conflict, Refused
from backend.i18n import _, in_language
from backend.jobs import later
from backend.people.models import Person
from backend.textmodules.gaps import refuse_open
from backend.tickets.actions import (
    Said,
    answer_in_chat,
    give_to_mail,
    locked,
    locked_where_it_goes_on,
    open_ticket,
    receive,
    record,
)
from backend.tickets.models import Attachment, Channel, Message, Ticket

RECENT = timedelta(hours=12)  # so long a new line after the end of a chat belongs to the same matter
RINGS_AN_HOUR = 3  # of one conversation, for chats that the customer left before anybody took them
_SUBJECT = 80


def customer_said(
    conversation: TeamsConversation, person: Person, text: str, activity: TeamsActivity | None = None
) -> Message | None:
    """A contact wrote to the bot: a line of the running chat, or the first one of a new chat that rings.

    None when it was the word that ends the chat. `activity` is where it came from; its files are fetched by a job.
    """
    session.refresh(conversation, with_for_update={"key_share": True})
    chat = session.scalar(
        select(Chat)
        .where(Chat.conversation_id == conversation.id, Chat.state != ChatState.ENDED)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if chat is not None and commands.ends(text):
        end(chat.id, person.who())
        return None
    began = chat is None
    chat = chat or _begin(conversation, person, text)
    ticket = locked(chat.ticket_id)
    message = receive(ticket, person.who(), Said(text=text, channel=Channel.TEAMS))
    if activity is not None:
        _came_from(activity, message)
    if began:
        show_card(conversation, chat, GREETING)
        if _may_ring(chat):
            ring(chat)
    elif chat.state == ChatState.OPEN and text:
        bring_copy(chat, message)
    live.tell("chats", f"chat:{chat.id}")
    return message


def _may_ring(chat: Chat) -> bool:
    """Whether a chat that begins rings: who begins and leaves again and again does not ring everybody each time. The
    console shows it all the same.
    """
    left = select(func.count()).where(
        Chat.conversation_id == chat.conversation_id,
        Chat.waiting_since > clock.now() - timedelta(hours=1),
        Chat.answered_at.is_(None),
        Chat.ended_by_id == Chat.contact_id,
    )
    return (session.scalar(left) or 0) < RINGS_AN_HOUR


def _came_from(activity: TeamsActivity, message: Message) -> None:
    """Remembers which line became this message, and has its files fetched."""
    activity.message_id = message.id
    for number, _file in enumerate(commands.files(activity.payload)):
        later("chat.fetch_file", activity_id=activity.id, number=number)


def _begin(conversation: TeamsConversation, person: Person, text: str) -> Chat:
    ticket, now = _same_matter(conversation, person), clock.now()
    if ticket is not None:
        ticket = locked_where_it_goes_on(ticket.id)
    if ticket is None:
        first = next((one.strip() for one in text.splitlines() if one.strip()), "")
        subject = first if len(first) <= _SUBJECT else first[: _SUBJECT - 1] + "…"
        ticket = open_ticket(person.who(), subject or _("Chat"), contact=person, source="teams")
        now = ticket.created_at  # by which it is known later that this chat has opened it
    chat = Chat(ticket_id=ticket.id, conversation_id=conversation.id, contact_id=person.id, waiting_since=now)
    session.add(chat)
    session.flush()
    record(ticket, person.who(), "chat_began", chat_id=chat.id)
    live.tell("waiting")
    return chat


def _same_matter(conversation: TeamsConversation, person: Person) -> Ticket | None:
    """The ticket of this person's last chat here, when it ended lately and the ticket is still open.

    It is theirs, or one of theirs was merged into it.
    """
    merged = aliased(Ticket)
    theirs = select(merged.id).where(merged.merged_into_id == Ticket.id, merged.contact_id == person.id)
    return session.scalar(
        select(Ticket)
        .join(Chat, Chat.ticket_id == Ticket.id)
        .where(
            Chat.conversation_id == conversation.id,
            Chat.contact_id == person.id,
            Chat.ended_at > clock.now() - RECENT,
            ~Ticket.closed,
            or_(Ticket.contact_id == person.id, theirs.exists()),
        )
        .order_by(Chat.id.desc())
        .limit(1)
    )


def bring_copy(chat: Chat, message: Message) -> TeamsPost | None:
    """The customer's line in the technician's chat with the bot, with its files as far as they are here. None where the
    bot has no such chat: it is read on the desk.
    """
    desk = desk_of(chat)
    if desk is None:
        return None
    several = len(held_by(chat.technician_id or 0)) > 1
    said = [copied(message.text, message.author_name, several)] if message.text else []
    files = session.execute(
        select(Attachment.id, Attachment.name).where(Attachment.message_id == message.id).order_by(Attachment.id)
    )
    with in_language(language_for(desk)):
        said += [file_words(message.author_name, row.name, row.id) for row in files]
    return outbox.post(desk, cards.line("\n".join(said)), purpose=COPY, chat=chat, message=message)


def file_words(author: str, name: str, attachment_id: int) -> str:
    """How a technician reads of a customer's file, in the language of the moment."""
    return cards.file_for_technician(author, name, f"{config.current().url}/attachments/{attachment_id}")


def copied(text: str, name: str, several: bool) -> str:
    """A customer's line as the technician reads it."""
    return f"{name}: {text}" if several else text


def speaking(chat: Chat, who: Who) -> None:
    """Only who has the chat speaks in it. Raises Conflict saying who that is, or that it waits or has ended."""
    if chat.state == ChatState.ENDED:
        raise Conflict(_("This chat has ended. A reply on the ticket goes by e-mail."))
    if chat.state == ChatState.WAITING:
        raise Conflict(_("Nobody has answered this chat yet. Please answer it first."))
    if chat.technician_id != who.person_id:
        name = session.scalar(select(Person.name).where(Person.id == chat.technician_id))
        raise Conflict(_("%(name)s is in this chat. Please write a note, or have it handed over to you.", name=name))


def speak(chat_id: int, who: Who, said: Said, *, files_follow: bool = False) -> Message:
    """A line of the technician who has the chat, by whichever door; it goes to the customer in Teams.

    `files_follow`: it may be without words, since its files are still fetched. Raises Conflict when it is somebody
    else's, waits, or has ended; Invalid when there is nothing to say, or a gap of a text module is left in it.
    """
    if said.channel != Channel.TEAMS:  # whoever types in Teams has no text modules
        refuse_open(said.text)
    chat = locked_chat(chat_id)
    speaking(chat, who)
    message = answer_in_chat(locked(chat.ticket_id), who, said, files_follow=files_follow)
    held = held_by(chat.technician_id or 0)
    if said.channel != Channel.API:
        # What another system says in a technician's name does not turn the line that they are typing.
        chat.held_at = clock.now()
    if message.text or not files_follow:
        bring(chat, message)
    if held and held[0].id != chat.id and said.channel != Channel.API:
        refresh(chat, held[0])
    live.tell("chats", f"chat:{chat.id}")
    return message


def bring(chat: Chat, message: Message, *, words: bool = True) -> TeamsPost | None:
    """Takes a technician's line to the customer: to Teams, or to the mail where Teams lets the bot say nothing.

    `words`: False when they are there already and a file has come after them.
    """
    conversation = customer_of(chat)
    if conversation.state != Reach.OPEN:
        give_to_mail(message, session.get_one(Person, chat.contact_id), conversation.state)
        return None
    files, purpose = _files(message), LINE if words else FILE
    activity = cards.with_files(cards.line(message.text if words else ""), files if words else files[-1:])
    return outbox.post(conversation, activity, purpose=purpose, chat=chat, message=message)


def _files(message: Message) -> list[tuple[str, str, str]]:
    rows = session.scalars(select(Attachment).where(Attachment.message_id == message.id).order_by(Attachment.id))
    return [(row.name, row.content_type, link(row.id)) for row in rows]


def technician_said(
    conversation: TeamsConversation, person: Person, text: str, activity: TeamsActivity | None = None
) -> Message | None:
    """A technician wrote to the bot: a line for the customer they talk with. None when nobody got it, which is said."""
    mine = held_by(person.id)
    if not mine:
        say(conversation, cards.nobody_held)
        return None
    if commands.ends(text):
        end(mine[0].id, person.who())
        return None
    return _spoken(conversation, mine[0], person, text, activity)


def technician_said_in_thread(
    thread: TeamsConversation, person: Person, text: str, activity: TeamsActivity | None = None
) -> Message | None:
    """A technician mentioned the bot below a ringing card: a line for its chat, if that is theirs."""
    chat = session.scalar(
        select(Chat)
        .join(TeamsPost, TeamsPost.chat_id == Chat.id)
        .where(TeamsPost.place == thread.conversation_id)
        .order_by(TeamsPost.id.desc())
        .limit(1)
    )
    if chat is None:
        say(thread, cards.nobody_held)
        return None
    if chat.state != ChatState.OPEN or chat.technician_id != person.id:
        name = session.scalar(select(Person.name).where(Person.id == chat.technician_id)) or ""
        ended = chat.state == ChatState.ENDED
        say(thread, cards.nobody_held if ended else lambda: cards.not_yours(name))
        return None
    return _spoken(thread, chat, person, text, activity)


def _spoken(
    conversation: TeamsConversation, chat: Chat, person: Person, text: str, activity: TeamsActivity | None
) -> Message | None:
    files = activity is not None and bool(commands.files(activity.payload))
    try:
        with in_language(language_for(conversation)):
            message = speak(chat.id, person.who(), Said(text=text, channel=Channel.TEAMS), files_follow=files)
    except Refused as refused:
        sentence = refused.message
        say(conversation, lambda: sentence)
        return None
    if activity is not None:
        _came_from(activity, message)
    if conversation.kind == Place.PERSONAL and len(held_by(person.id)) > 1:
        customer = session.get_one(Person, chat.contact_id).name
        say(conversation, lambda: cards.went_to(customer), chat)
    return message
