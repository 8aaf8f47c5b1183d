"""Mailboxes, and a log of every mail that came in or went out through them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class ImportMode(StrEnum):
    """What happens to mail in a mailbox."""

    TICKET = "ticket"  # every mail becomes a ticket or a message (the desk's shared mailboxes)
    HAND = "hand"  # only what somebody takes in from the pane (a technician's own)


class Outcome(StrEnum):
    """What an incoming mail became."""

    TICKET = "ticket"
    MESSAGE = "message"
    MACHINE = "machine"
    IGNORED = "ignored"
    FAILED = "failed"
    DELETED = "deleted"  # with its ticket: it is not taken in again


class Delivery(StrEnum):
    """How far an outgoing mail is."""

    WAITING = "waiting"
    DRAFTED = "drafted"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"  # the gate for automatic mail keeps it; it goes when somebody says so


# Of a message whose mail was sent and came back: its row of `OutboundMail` stays sent.
BOUNCED = "bounced"


class Purpose(StrEnum):
    """Why the desk sends a mail."""

    REPLY = "reply"
    ACKNOWLEDGEMENT = "acknowledgement"
    NOTIFICATION = "notification"
    COLLEAGUE = "colleague"  # told of what concerns them
    INVITATION = "invitation"  # to a visit, and word that it is called off


class Mailbox(Base):
    """A mailbox the desk reads or sends from."""

    __tablename__ = "mailboxes"
    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    import_mode: Mapped[str] = mapped_column(default=ImportMode.HAND)
    delta_link: Mapped[str] = mapped_column(default="")
    subscription_id: Mapped[str] = mapped_column(default="")
    subscription_expires_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")  # why it cannot be read: a sentence of mail/trouble, in English
    failing_since: Mapped[datetime | None]
    subscribed_at: Mapped[datetime | None]
    subscription_error: Mapped[str] = mapped_column(default="")
    reconciled_at: Mapped[datetime | None]
    reconciled_found: Mapped[int] = mapped_column(default=0)  # mails that nobody had told of, in the last reading
    checked_at: Mapped[datetime | None]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # of the last check, see mail/trouble


class InboundMail(Base):
    """The receipt of one incoming mail: taken in once, with its original and what became of it."""

    __tablename__ = "inbound_mails"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailboxes.id"))
    internet_message_id: Mapped[str]
    content_hash: Mapped[str]
    graph_id: Mapped[str] = mapped_column(default="")
    # By what Exchange calls it, where that is another: it makes one for a mail that came without.
    exchange_message_id: Mapped[str] = mapped_column(default="")
    from_address: Mapped[str] = mapped_column(default="")
    from_name: Mapped[str] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(default="")
    outcome: Mapped[str]
    kind: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))
    received_at: Mapped[datetime]
    taken_in_at: Mapped[datetime]
    original: Mapped[str]
    __table_args__ = (
        UniqueConstraint("mailbox_id", "internet_message_id", "content_hash"),
        Index(None, "internet_message_id"),
        Index("ix_inbound_mails_exchange", "exchange_message_id", postgresql_where=sql("exchange_message_id <> ''")),
        Index(None, "taken_in_at", "id"),
        Index(None, "mailbox_id", "taken_in_at"),
        Index("ix_inbound_mails_failed", "mailbox_id", "id", postgresql_where=sql("outcome = 'failed'")),
    )


class OutboundMail(Base):
    """One mail of the desk, from wish to sent copy."""

    __tablename__ = "outbound_mails"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailboxes.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str]
    to: Mapped[list[dict[str, Any]]]
    cc: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    calendar: Mapped[str] = mapped_column(default="")  # an iCalendar object (RFC 5545); its METHOD stands beside it
    calendar_method: Mapped[str] = mapped_column(default="")
    in_reply_to: Mapped[str] = mapped_column(default="")
    references: Mapped[list[str]] = mapped_column(default=list)
    internet_message_id: Mapped[str] = mapped_column(default="")
    exchange_message_id: Mapped[str] = mapped_column(default="")
    draft_id: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=Delivery.WAITING)
    error: Mapped[str] = mapped_column(default="")
    # Of automatic mail: whom it is for, without the tag after "+". What the brakes count by.
    counted_as: Mapped[str] = mapped_column(default="")
    # Reports that it did not arrive: {"to", "status", "diagnostic", "permanent", "text", "mail_id" of the report}.
    bounces: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_outbound_mails_automatic", "counted_as", "created_at", postgresql_where=sql("counted_as <> ''")),
        Index("ix_outbound_mails_braked", "mailbox_id", "created_at", postgresql_where=sql("counted_as <> ''")),
        Index(None, "internet_message_id"),
        Index(None, "exchange_message_id"),
        Index(None, "state", "id", postgresql_where=sql("state <> 'sent'")),
        Index(None, "mailbox_id", "sent_at"),
    )
