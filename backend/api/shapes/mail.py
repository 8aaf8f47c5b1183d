"""The logs of mail that came in and went out."""

from datetime import datetime
from typing import Literal

from backend.api.shapes.values import Address, LongLine, Mail, PageQuery, Shape
from backend.mail.models import Delivery, Outcome, Purpose


class InboundOut(Shape):
    """One mail that came in, and what became of it."""

    id: int
    mailbox: str
    internet_message_id: str
    from_: Address
    subject: str
    outcome: Outcome
    kind: str
    """normal, auto-reply, bounce, list, loop…"""
    reason: str
    ticket: int | None
    message: int | None
    received_at: datetime
    original: str
    """Address of the mail as it was received, for the same token."""


class InboundQuery(PageQuery):
    """Which mails."""

    internet_message_id: LongLine | None = None
    """With or without its angle brackets."""
    mailbox: Mail | None = None
    outcome: Outcome | None = None


class OutboundOut(Shape):
    """One mail of the desk, from wish to sent copy."""

    id: int
    mailbox: str
    ticket: int | None
    message: int | None
    purpose: Purpose
    to: list[Address]
    cc: list[Address]
    subject: str
    internet_message_id: str | None
    state: Literal["waiting", "drafted", "sent", "failed", "held"]
    """held: automatic, and kept back by the gate; it goes by `retry`."""
    error: str
    created_at: datetime
    sent_at: datetime | None


class OutboundQuery(PageQuery):
    """Which mails."""

    state: Delivery | None = None
