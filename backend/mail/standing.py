"""How the desk's mailboxes stand, as rows tell it: for the page on mailboxes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, select

from backend import clock
from backend.db import session
from backend.jobs import asked_for
from backend.mail.models import Delivery, ImportMode, InboundMail, Mailbox, OutboundMail, Outcome
from backend.mail.trouble import Finding, Look
from backend.pace import Pace

_SHOWN = 5  # mails that could not be read, by name
_LATE = timedelta(minutes=10)  # without a look, though one is due each minute
_MENDS = ("fetch", "check", "renew", "read_whole", "check_after")


@dataclass(frozen=True)
class Standing:
    """One mailbox and all there is to say about it."""

    box: Mailbox
    pace: Pace | None
    findings: tuple[Finding, ...]
    received_at: datetime | None
    sent_at: datetime | None
    waiting: int
    waiting_since: datetime | None
    not_sent: int
    unread: int
    unread_mails: tuple[InboundMail, ...]
    under_way: frozenset[str]  # jobs that were asked for: fetch, check, renew, read_whole

    @property
    def rests(self) -> bool:
        """Whether Microsoft wants no requests for it now."""
        return self.pace is not None and self.pace.rests()

    @property
    def late(self) -> bool:
        """Whether nobody has looked into it for so long that something is wrong."""
        seen = self.box.fetched_at
        return not self.rests and (seen is None or seen < clock.now() - _LATE)

    @property
    def look(self) -> Look:
        """The worst there is to say."""
        looks = {one.look for one in self.findings}
        if self.box.error or Look.BAD in looks:
            return Look.BAD
        worries = self.rests, self.late, self.box.subscription_error, self.not_sent, self.unread, Look.WARN in looks
        if any(worries):
            return Look.WARN
        return Look.OK if self.box.checked_at is not None else Look.OPEN


def all_of_them() -> list[Standing]:
    """Every mailbox whose mail becomes tickets, those in trouble first."""
    rows = session.execute(_query()).all()
    keys = {f"mail.{mend}:{row.Mailbox.id}": (row.Mailbox.id, mend) for row in rows for mend in _MENDS}
    asked = [keys[key] for key in asked_for(keys)]
    found = [
        Standing(
            box=row.Mailbox,
            pace=row.Pace,
            findings=tuple(Finding(Look(one["look"]), str(one["says"])) for one in row.Mailbox.findings),
            received_at=row.received_at,
            sent_at=row.sent_at,
            waiting=row.waiting,
            waiting_since=row.waiting_since,
            not_sent=row.not_sent,
            unread=row.unread,
            unread_mails=tuple(_unread_mails(row.Mailbox.id)) if row.unread else (),
            under_way=frozenset(mend.removesuffix("_after") for box_id, mend in asked if box_id == row.Mailbox.id),
        )
        for row in rows
    ]
    order = {Look.BAD: 0, Look.WARN: 1, Look.OPEN: 2, Look.OK: 3}
    return sorted(found, key=lambda one: (order[one.look], one.box.address))


def _query() -> Any:
    received = select(InboundMail.taken_in_at).where(InboundMail.mailbox_id == Mailbox.id)
    sent = select(OutboundMail.sent_at).where(OutboundMail.mailbox_id == Mailbox.id, OutboundMail.sent_at.is_not(None))
    on_the_way = OutboundMail.state.in_((Delivery.WAITING, Delivery.DRAFTED))
    return (
        select(
            Mailbox,
            Pace,
            _last(received.order_by(InboundMail.taken_in_at.desc())).label("received_at"),
            _last(sent.order_by(OutboundMail.sent_at.desc())).label("sent_at"),
            _of_outbound(func.count(), on_the_way).label("waiting"),
            _of_outbound(func.min(OutboundMail.created_at), on_the_way).label("waiting_since"),
            _of_outbound(func.count(), OutboundMail.state == Delivery.FAILED).label("not_sent"),
            select(func.count())
            .select_from(InboundMail)
            .where(InboundMail.mailbox_id == Mailbox.id, InboundMail.outcome == Outcome.FAILED)
            .scalar_subquery()
            .label("unread"),
        )
        .outerjoin(Pace, Pace.address == Mailbox.address)
        .where(Mailbox.import_mode == ImportMode.TICKET)
    )


def _last(query: Any) -> ScalarSelect[Any]:
    found: ScalarSelect[Any] = query.limit(1).correlate(Mailbox).scalar_subquery()
    return found


def _of_outbound(what: ColumnElement[Any], states: ColumnElement[bool]) -> ScalarSelect[Any]:
    of_the_box = OutboundMail.mailbox_id == Mailbox.id
    # What has been sent is most of all and has no part in it; said so, that the index of the rest is used.
    return (
        select(what)
        .select_from(OutboundMail)
        .where(of_the_box, OutboundMail.state != Delivery.SENT, states)
        .correlate(Mailbox)
        .scalar_subquery()
    )


def _unread_mails(mailbox_id: int) -> Sequence[InboundMail]:
    return session.scalars(
        select(InboundMail)
        .where(InboundMail.mailbox_id == mailbox_id, InboundMail.outcome == Outcome.FAILED)
        .order_by(InboundMail.id.desc())
        .limit(_SHOWN)
    ).all()
