"""What changing a ticket's status brings with it: root causes, the date on which it comes back, when it was closed."""

from datetime import UTC, datetime
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, and_, case, func, select

from backend import clock
from backend.auth import SYSTEM, Who
from backend.db import session
from backend.errors import Conflict, Invalid
from backend.i18n import _
from backend.settings.models import setting
from backend.statuses.models import CauseRule, offered_causes
from backend.tickets import words
from backend.tickets.actions.closing import checked_reason
from backend.tickets.actions.record import record
from backend.tickets.models import Activity, ActivityStatus, Status, StatusKind, Ticket, status_of_kind, statuses

_LAID = select(Activity.data["turn"].astext).where(Activity.verb == "pending_until").order_by(Activity.id.desc())
_OUR_TURN = (ActivityStatus.UNREAD, ActivityStatus.WAITING_TECHNICIAN)


def _wrong(field: str, sentence: str) -> NoReturn:
    raise Invalid(_("Please correct the marked fields."), fields={field: sentence})


def standing(chosen: Status | None) -> Status:
    """That status, or the first open one, as it is now: until this transaction ends nobody removes it or has it mean
    something else. Raises Conflict when it was removed this moment.
    """
    wanted = Status.kind == StatusKind.OPEN if chosen is None else Status.id == chosen.id
    first = select(Status).where(wanted).order_by(Status.position).limit(1)
    locked = first.with_for_update(read=True, key_share=True).execution_options(populate_existing=True)
    status = session.scalar(locked)
    if status is None:
        raise Conflict(_("This status has just been removed. Please choose another one."))
    return status


def set_status(ticket: Ticket, actor: Who, status: Status, closing_reason: str = "", *, asks: bool = True) -> None:
    """Gives the ticket that status. A date on which it would come back is gone once it is not pending any more.

    `closing_reason`: why it is closed although items of its checklists are open; `asks`: whether they matter.
    Raises Conflict when the status was removed this moment, Refused where the ticket may not be closed.
    """
    if ticket.status_id == status.id:
        return
    status = standing(status)
    before = session.get_one(Status, ticket.status_id)
    closed = status.kind == StatusKind.CLOSED
    reason = checked_reason(ticket, closing_reason) if asks and closed and not ticket.closed else ""
    if closed != ticket.closed:
        ticket.closed_at = clock.now() if closed else None
    ticket.status_id, ticket.closed = status.id, closed
    if status.kind != StatusKind.PENDING and ticket.pending_until is not None:
        ticket.pending_until = None
        _waits_again(ticket)
    record(ticket, actor, "status", before=before.name or before.key, after=status.name or status.key)
    if reason:
        record(ticket, actor, "closed_with_open_items", after=reason)


def stand_in(ticket: Ticket, actor: Who, status: Status) -> None:
    """The ticket stands in that status because of what happened to it (it was merged, or that was undone), not because
    somebody chose it: no rule about root causes or checklists is asked. Raises Conflict as `set_status`.
    """
    set_status(ticket, actor, status, asks=False)
    ticket.updated_at = clock.now()
    session.flush()


def check_cause(ticket: Ticket, actor: Who, properties: dict[str, Any], *, opening: bool = False) -> None:
    """Whether the root cause fits the status, as both would be after these changes.

    It binds people and programs of ours: what a customer's answer or the desk itself does to a status goes through.
    Where no root cause is offered none is demanded. One that the ticket has stays where the status forbids choosing.
    Raises Invalid naming status or root_cause.
    """
    if not actor.is_staff or actor == SYSTEM:
        return
    status = properties.get("status") or session.get_one(Status, ticket.status_id)
    chosen = properties.get("root_cause")
    cause_id = ticket.root_cause_id
    if "root_cause" in properties:
        cause_id = chosen.id if chosen is not None else None
    new_cause, new_status = cause_id != ticket.root_cause_id, opening or status.id != ticket.status_id
    name = words.status_name(status.key, status.name)
    if new_cause and cause_id is not None and status.root_cause == CauseRule.FORBIDDEN:
        _wrong("root_cause", _("While a ticket is “%(status)s” it cannot be given a root cause.", status=name))
    missing = status.root_cause == CauseRule.REQUIRED and cause_id is None and (new_cause or new_status)
    if not missing and not (new_cause and cause_id is not None):
        return
    offered = offered_causes(str(properties.get("type", ticket.type)), ticket.source)
    if missing and offered:
        demanded = _("“%(status)s” needs a root cause. Please choose one among the properties first.", status=name)
        _wrong("status" if new_status else "root_cause", demanded)
    if cause_id is not None and cause_id not in {one.id for one in offered}:
        _wrong("root_cause", _("This root cause is not offered for this ticket."))


def set_pending_until(ticket: Ticket, actor: Who, until: datetime | None) -> None:
    """The pending ticket comes back at `until`; None: it does not by itself.

    Raises Invalid for one that is not pending, and for what is past.
    """
    if until == ticket.pending_until:
        return
    if until is not None:
        if session.get_one(Status, ticket.status_id).kind != StatusKind.PENDING:
            _wrong("pending_until", _("Only a pending ticket comes back on a date. Please choose such a status first."))
        if until <= clock.now():
            _wrong("pending_until", _("Please choose a time that is still to come."))
    before, ticket.pending_until = ticket.pending_until, until
    turn = ticket.activity_status
    if until is None:
        _waits_again(ticket)
    elif turn in _OUR_TURN:
        ticket.activity_status = ActivityStatus.READ  # nothing is asked of us until then, or until somebody writes
    else:
        turn = _turn_before(ticket) if before is not None else turn
    record(ticket, actor, "pending_until", before=_logged(before), after=_logged(until), turn=turn)


def _turn_before(ticket: Ticket) -> str:
    """Whose turn it was when the ticket was laid aside until a date."""
    laid = _LAID.where(Activity.ticket_id == ticket.id).limit(1)
    return session.scalar(laid) or ticket.activity_status


def _waits_again(ticket: Ticket) -> None:
    """The ticket is not laid aside any more: if nothing has happened meanwhile, it is the turn of whose it was."""
    if ticket.activity_status == ActivityStatus.READ:
        turn = _turn_before(ticket)
        ticket.activity_status = ActivityStatus.READ if turn == ActivityStatus.UNREAD else turn


def turn_again() -> ColumnElement[str]:
    """Whose turn tickets are of that are no longer laid aside until a date, for one `update` of many: as a change of
    each would leave it, and ours where nothing tells.
    """
    laid = _LAID.where(Activity.ticket_id == Ticket.id).limit(1).correlate(Ticket).scalar_subquery()
    turn = case((laid == ActivityStatus.UNREAD, ActivityStatus.READ), else_=laid)
    aside = and_(Ticket.pending_until.is_not(None), Ticket.activity_status == ActivityStatus.READ)
    return case((aside, func.coalesce(turn, ActivityStatus.WAITING_TECHNICIAN)), else_=Ticket.activity_status)


def still_to_come(until: datetime | None) -> bool:
    """Whether a ticket that was pending until then can be so again."""
    return until is not None and until > clock.now()


def _logged(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment is not None else ""


def status_after_answer(ticket: Ticket) -> Status | None:
    """The status that the setting gives a ticket to which its customer has answered; None: it stays."""
    chosen = str(setting("inbound_status"))
    if chosen == "leave":
        return None
    if chosen == "reopen":
        there = session.get_one(Status, ticket.status_id)
        return None if there.kind == StatusKind.OPEN else status_of_kind(StatusKind.OPEN)
    return next((one for one in statuses() if f"status:{one.key}" == chosen), None)
