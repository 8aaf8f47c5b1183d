"""Tickets, what people said on them (Message) and what happened to them (Activity)."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Sequence
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.contracts.models import Contract
from backend.db import Base
from backend.orders.models import Order
from backend.people.models import Customer, Group, Person, Team
from backend.tickets.models.kinds import ActivityStatus, Impact, Priority, TicketType

SEARCH_CONFIGS = {"de": "german", "en": "english", "es": "spanish", "fr": "french", "it": "italian"}


class Status(Base):
    """A status of the installation; names of the built-in ones are translated, the last is always closed."""

    __tablename__ = "statuses"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")  # empty: a built-in one, named by its key
    kind: Mapped[str]
    position: Mapped[int]
    # Whether a ticket in this status has to have a root cause, may, or cannot be given one: see statuses/models.
    root_cause: Mapped[str] = mapped_column(default="free", server_default="free")
    tone: Mapped[str] = mapped_column(default="", server_default="")  # StatusTone of an own one; empty: by its kind


TICKET_NUMBERS = Sequence("ticket_numbers", start=10001, metadata=Base.metadata)


# How urgent as a number, low to critical, written as `tickets/sorting.py` orders by it.
_RANK = "strpos('lmhc', left(priority, 1))"


class Ticket(Base):
    """One matter of a customer."""

    __tablename__ = "tickets"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True, server_default=TICKET_NUMBERS.next_value())
    subject: Mapped[str]
    status_id: Mapped[int] = mapped_column(ForeignKey("statuses.id"))
    # Kept beside the status: lists of open tickets are indexed by it. Partial indexes want it written `~Ticket.closed`.
    closed: Mapped[bool] = mapped_column(default=False)
    activity_status: Mapped[str] = mapped_column(default=ActivityStatus.UNREAD)
    priority: Mapped[str] = mapped_column(default=Priority.MEDIUM)
    impact: Mapped[str] = mapped_column(default=Impact.PERSON)
    type: Mapped[str] = mapped_column(default=TicketType.INCIDENT)
    category: Mapped[str] = mapped_column(default="")
    product_family: Mapped[str] = mapped_column(default="")
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("team_groups.id", ondelete="SET NULL"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id", ondelete="SET NULL"), index=True)
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contracts.id", ondelete="SET NULL"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"))  # of a sub-ticket
    problem_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"))
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    source: Mapped[str] = mapped_column(default="desk", server_default="desk")  # by which door it was opened
    root_cause_id: Mapped[int | None] = mapped_column(ForeignKey("root_causes.id"))
    pending_until: Mapped[datetime | None]  # of a pending ticket: when it comes back by itself
    closed_at: Mapped[datetime | None]
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"))  # closed long ago
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sql("'{}'"))
    messages_count: Mapped[int] = mapped_column(default=0)
    # The ticket that goes on for this one: never one that is merged itself, so that one step always leads there.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    status: Mapped[Status] = relationship(lazy="raise")
    customer: Mapped[Customer | None] = relationship(lazy="raise")
    contact: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[contact_id])
    assignee: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[assignee_id])
    team: Mapped[Team | None] = relationship(lazy="raise")
    group: Mapped[Group | None] = relationship(lazy="raise")
    order: Mapped[Order | None] = relationship(lazy="raise")
    contract: Mapped[Contract | None] = relationship(lazy="raise")
    __table_args__ = (
        Index("ix_tickets_open", "updated_at", "id", postgresql_where=sql("not closed")),
        Index(None, "updated_at", "id"),
        Index(None, "status_id", "updated_at", "id"),
        Index(None, "assignee_id", "closed", "updated_at", "id"),
        Index(None, "team_id", "closed", "updated_at", "id"),
        Index(None, "customer_id", "closed", "updated_at", "id"),
        Index(None, "contact_id", "updated_at", "id"),
        Index(None, "priority", "updated_at", "id"),
        Index(None, "type", "updated_at", "id"),
        Index(None, "group_id", "updated_at", "id", postgresql_where=sql("group_id is not null")),
        Index("ix_tickets_parent", "parent_id", "assignee_id", postgresql_where=sql("parent_id is not null")),
        Index("ix_tickets_own_subtickets", "assignee_id", "parent_id", postgresql_where=sql("parent_id is not null")),
        Index(None, "problem_id", postgresql_where=sql("problem_id is not null")),
        Index("ix_tickets_open_created", "created_at", "id", postgresql_where=sql("not closed")),
        Index(None, "created_at", "id"),
        Index("ix_tickets_rank", sql(_RANK), "updated_at", "id"),
        Index("ix_tickets_open_rank", sql(_RANK), "updated_at", "id", postgresql_where=sql("not closed")),
        Index("ix_tickets_attention", "activity_status", "updated_at", "id", postgresql_where=sql("not closed")),
        Index("ix_tickets_pending", "pending_until", postgresql_where=sql("pending_until is not null")),
        Index("ix_tickets_caused", "root_cause_id", postgresql_where=sql("root_cause_id is not null")),
        Index("ix_tickets_family", "product_family", "updated_at", "id", postgresql_where=sql("product_family <> ''")),
        Index(
            "ix_tickets_fields",
            "fields",
            postgresql_using="gin",
            postgresql_ops={"fields": "jsonb_path_ops"},
            postgresql_where=sql("fields <> '{}'"),
        ),
        Index("ix_tickets_following", "follows_id", postgresql_where=sql("follows_id is not null")),
        Index("ix_tickets_merged", "merged_into_id", postgresql_where=sql("merged_into_id is not null")),
    )


class Message(Base):
    """Something a person said on a ticket."""

    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    kind: Mapped[str]
    channel: Mapped[str]
    by_staff: Mapped[bool]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    author_name: Mapped[str]
    author_mail: Mapped[str] = mapped_column(default="")
    to: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    cc: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    subject: Mapped[str] = mapped_column(default="")
    text: Mapped[str]  # what they wrote
    quoted: Mapped[str] = mapped_column(default="")  # the folded rest
    html: Mapped[str] = mapped_column(default="")  # sanitised, what they wrote; empty: show the text
    internet_message_id: Mapped[str | None]
    # Of what the desk sends: waiting, drafted, sent, failed; a line of a chat, by either side, may be doubtful.
    delivery: Mapped[str] = mapped_column(default="")
    # What could not be read of a mail, as sentences of the catalogues; its original is kept.
    problems: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    by_mail_because: Mapped[str] = mapped_column(default="", server_default="")  # of a line that Teams did not bring
    sent_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]  # its words are kept in the log alone
    mailed_as: Mapped[str] = mapped_column(default="", server_default="")  # MailedAs; empty: what `kind` says
    held: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # what taking it back sets back
    attachments: Mapped[list["Attachment"]] = relationship(lazy="raise", order_by="Attachment.id")
    ticket: Mapped[Ticket] = relationship(lazy="raise")
    __table_args__ = (
        Index(None, "ticket_id", "id"),
        Index(None, "internet_message_id", postgresql_where=sql("internet_message_id is not null")),
    )


class Attachment(Base):
    """A file that came with a message; the content is kept once under its SHA-256."""

    __tablename__ = "attachments"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    inline: Mapped[bool] = mapped_column(default=False)
    content_id: Mapped[str] = mapped_column(default="")


class Activity(Base):
    """Something that happened; written once and never changed."""

    __tablename__ = "activities"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    verb: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    actor_name: Mapped[str]
    before: Mapped[str] = mapped_column(default="")
    after: Mapped[str] = mapped_column(default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
    __table_args__ = (
        Index(None, "ticket_id", "id"),
        Index("ix_activities_taken_back", "id", postgresql_where=sql("verb = 'message_deleted'")),
        Index("ix_activities_installation", "verb", "id", postgresql_where=sql("ticket_id is null")),
        Index("ix_activities_about", sql("(data ->> 'about')"), "id", postgresql_where=sql("verb = 'changed'")),
    )


class TicketSearch(Base):
    """The words of a ticket in parts of at most 200 KB; what customers may see apart from what they may not."""

    __tablename__ = "ticket_search"
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int]
    public: Mapped[str] = mapped_column(TSVECTOR)
    internal: Mapped[str] = mapped_column(TSVECTOR)
    __table_args__ = (
        Index(None, "public", postgresql_using="gin"),
        Index(None, "internal", postgresql_using="gin"),
    )
