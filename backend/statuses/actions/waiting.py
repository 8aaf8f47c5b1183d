"""What time brings: pending tickets come back on their date, unanswered ones are closed."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, or_, select

from backend import clock
from backend.auth import SYSTEM
from backend.db import session
from backend.mail import words as mail_words
from backend.mail.actions import language_of, write_notice
from backend.people.models import Person
from backend.settings.models import setting
from backend.tickets.actions import change, record
from backend.tickets.models import ActivityStatus, Status, StatusKind, Ticket, last_status, status_of_kind

AT_ONCE = 200
# Each closing may write to a customer. A few at a time leave room below the brake for what else the mailbox sends.
CLOSED_AT_ONCE = 5


def come_back() -> int:
    """Pending tickets whose date has come are open again, on top of the list, and wait for us. Says how many."""
    due = (
        select(Ticket)
        .where(Ticket.pending_until <= clock.now())
        .order_by(Ticket.pending_until)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    found = list(session.scalars(due))
    for ticket in found:
        until = ticket.pending_until
        assert until is not None
        record(ticket, SYSTEM, "pending_due", before=_logged(until))
        ticket.pending_until = None
        change(ticket, SYSTEM, status=status_of_kind(StatusKind.OPEN))
        ticket.activity_status = ActivityStatus.WAITING_TECHNICIAN
    return len(found)


def close_unanswered() -> int:
    """Closes tickets that have waited for their customer too long, and tells them. Says how many; some at a time."""
    days = int(setting("close_after_days"))
    if not days:
        return 0
    waits = ActivityStatus.WAITING_CONTACT
    unanswered = or_(
        and_(Status.kind == StatusKind.PENDING, Ticket.activity_status == waits),
        and_(Status.kind == StatusKind.RESOLVED, Ticket.activity_status.in_((waits, ActivityStatus.READ))),
    )
    long_ago = (
        select(Ticket)
        .join(Status, Status.id == Ticket.status_id)
        .where(~Ticket.closed, unanswered, Ticket.pending_until.is_(None))
        .where(Ticket.updated_at <= clock.now() - timedelta(days=days))
        .order_by(Ticket.updated_at)
        .limit(CLOSED_AT_ONCE)
        .with_for_update(skip_locked=True, of=Ticket)
    )
    found = list(session.scalars(long_ago))
    for ticket in found:
        _close(ticket)
    return len(found)


def _close(ticket: Ticket) -> None:
    since = ticket.updated_at
    record(ticket, SYSTEM, "closed_unanswered", before=_logged(since))
    change(ticket, SYSTEM, status=last_status())
    language = language_of(ticket)
    contact = session.get(Person, ticket.contact_id) if ticket.contact_id else None
    day = mail_words.day(since, language, contact.timezone if contact is not None else "")
    sentences = (
        mail_words.said(mail_words.UNANSWERED, language, day=day, number=f"#{ticket.number}"),
        mail_words.said(mail_words.STILL_OPEN, language),
    )
    write_notice(ticket, sentences, language)


def _logged(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
