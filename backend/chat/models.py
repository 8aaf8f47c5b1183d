"""Talk in Teams: with whom the bot can speak, what came, chats with customers, and what is to be said."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Select, UniqueConstraint, func, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from backend.auth import Who
from backend.db import Base, session
from backend.tickets.models import Ticket, visible

_TO_DO = "state in ('waiting', 'sending')"


class Place(StrEnum):
    """What a conversation in Teams is."""

    PERSONAL = "personal"
    CHANNEL = "channel"
    THREAD = "thread"


class Reach(StrEnum):
    """Whether the bot may speak in a conversation."""

    OPEN = "open"
    BLOCKED = "blocked"
    GONE = "gone"


# Why a line went by mail, beside that its conversation is out of reach (`Reach`).
REFUSED = "refused"  # Teams does not take it
DOWN = "down"  # Teams could not be asked for long


class ChatState(StrEnum):
    """How far a chat is."""

    WAITING = "waiting"
    OPEN = "open"
    ENDED = "ended"


class PostState(StrEnum):
    """How far something is that the bot is to say; `doubtful`: nobody knows whether it arrived."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DOUBTFUL = "doubtful"


class Operation(StrEnum):
    """What is done with a post's activity."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class TeamsConversation(Base):
    """A conversation the bot is in, with what it takes to speak there by itself (a conversation reference)."""

    __tablename__ = "teams_conversations"
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(default=Place.PERSONAL)
    service_url: Mapped[str]
    tenant_id: Mapped[str] = mapped_column(default="")
    user_id: Mapped[str] = mapped_column(default="")  # 29:…, of a personal chat; another one for each bot
    object_id: Mapped[str] = mapped_column(default="")  # the account's, in tenant_id
    name: Mapped[str] = mapped_column(default="")  # the person's or the channel's, as Teams says it
    team_id: Mapped[str] = mapped_column(default="")  # of a channel
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    locale: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=Reach.OPEN)
    held_until: Mapped[datetime | None]  # in real time: nothing is said there before, except by the job with this turn
    turn: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (Index(None, "tenant_id", "object_id"),)


class TeamsActivity(Base):
    """The receipt of something Teams told the bot, and what became of it."""

    __tablename__ = "teams_activities"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[str]
    activity_id: Mapped[str]
    key: Mapped[str]  # tells an edit from the message that it edits
    fingerprint: Mapped[str]  # the same for what Teams sends again under another id
    type: Mapped[str]
    payload: Mapped[dict[str, Any]]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    outcome: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime] = mapped_column(index=True)
    __table_args__ = (
        UniqueConstraint("conversation_id", "key"),
        UniqueConstraint("conversation_id", "fingerprint"),
        Index(None, "conversation_id", "activity_id"),
    )


class Chat(Base):
    """A customer's talk with the desk, on one ticket; its lines are that ticket's messages."""

    __tablename__ = "chats"
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("teams_conversations.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(default=ChatState.WAITING)
    waiting_since: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    matter_known: Mapped[bool] = mapped_column(default=False)  # the customer has said which ticket it is about
    held_at: Mapped[datetime | None]  # when the technician last spoke in it: the chat their next line belongs to
    __table_args__ = (
        # One talk at a time in a conversation: two lines that arrive together begin one chat.
        Index("uq_chats_running", "conversation_id", unique=True, postgresql_where=sql("state <> 'ended'")),
        Index(None, "state", "waiting_since"),
        Index("ix_chats_held", "technician_id", "held_at", postgresql_where=sql("state = 'open'")),
    )


class TeamsPost(Base):
    """Something the bot is to say (or to change, or to take back) in a conversation, and how that went."""

    __tablename__ = "teams_posts"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("teams_conversations.id", ondelete="CASCADE"))
    purpose: Mapped[str]
    operation: Mapped[str] = mapped_column(default=Operation.CREATE)
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("teams_posts.id", ondelete="CASCADE"))
    activity: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default=PostState.WAITING)
    error: Mapped[str] = mapped_column(default="")
    activity_id: Mapped[str] = mapped_column(default="")  # as Teams knows what was said
    taken_at: Mapped[datetime | None]  # when saying it began
    tries: Mapped[int] = mapped_column(default=0, server_default="0")  # which Teams surely did not do
    place: Mapped[str] = mapped_column(default="")  # the conversation's id it stands in: a thread when it began one
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_teams_posts_waiting", "conversation_id", "id", postgresql_where=sql(_TO_DO)),
        Index(None, "place", "activity_id"),
        Index(None, "state", "id", postgresql_where=sql("state in ('failed', 'doubtful')")),
    )


class TeamsRequest(Base):
    """That Teams was asked for something: by these all workers together keep to what it allows."""

    __tablename__ = "teams_requests"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    place: Mapped[str]  # the conversation of Teams' it is counted for; threads count for their channel
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), index=True)
    __table_args__ = (Index(None, "place", "at"),)


class TeamsCode(Base):
    """A code that was mailed to whoever wants to be known: right once, for ten minutes and five tries."""

    __tablename__ = "teams_codes"
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("teams_conversations.id", ondelete="CASCADE"))
    address: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))  # None: nobody known
    hash: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "conversation_id", "id"), Index(None, "address", "created_at"))


def conversation_of(conversation_id: str) -> TeamsConversation | None:
    """The conversation with that id of Teams'."""
    return session.scalar(select(TeamsConversation).where(TeamsConversation.conversation_id == conversation_id))


def personal_conversation(person_id: int) -> TeamsConversation | None:
    """The personal chat in which the bot reaches that person; None when there is none it may write to."""
    return session.scalar(
        select(TeamsConversation)
        .where(
            TeamsConversation.person_id == person_id,
            TeamsConversation.kind == Place.PERSONAL,
            TeamsConversation.state == Reach.OPEN,
        )
        .order_by(TeamsConversation.updated_at.desc())
        .limit(1)
    )


def chats_visible_to(who: Who) -> Select[Chat]:
    """The chats `who` may see: those on tickets they may see."""
    return select(Chat).join(Ticket, Ticket.id == Chat.ticket_id).where(visible(who))


def running_chat(ticket_id: int) -> Chat | None:
    """The chat that is waiting or open on a ticket."""
    return session.scalar(
        select(Chat).where(Chat.ticket_id == ticket_id, Chat.state != ChatState.ENDED).order_by(Chat.id.desc()).limit(1)
    )
