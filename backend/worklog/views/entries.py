"""Time entries by hand and from the timer, from the ticket's page, the pane and the list of one's time."""

import uuid
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from backend import clock, receipts
from backend.auth import Who, me, requires
from backend.contracts.models import Contract, contracts_visible_to, offered, under
from backend.db import session
from backend.errors import Conflict, Invalid, NotFound
from backend.i18n import _
from backend.tickets.actions import change
from backend.tickets.found import the_ticket
from backend.tickets.models import StatusKind, Ticket, status_of_kind
from backend.tickets.warned import asks_reason, close_anyway, left_behind
from backend.ui.answers import changed, looked_again
from backend.web import form_text
from backend.worklog import actions
from backend.worklog.clocks import Clock, clocks
from backend.worklog.form import read_time, typed_number
from backend.worklog.models import BillableKind, TimeEntry, entries_visible_to, may_change
from backend.worklog.views.door import blueprint, the_entry, today
from backend.worklog.words import KINDS, duration


def topics(entry: TimeEntry) -> tuple[str, ...]:
    """What the page that asked is to fetch again."""
    return (f"ticket:{entry.ticket_id}", "worklog", f"worklog:{entry.person_id}", actions.topic(entry.person_id))


def _timer_on(who: Who, ticket: Ticket) -> Clock | None:
    """The person's timer on that ticket, if one is open."""
    found = clocks(who, who.person_id or 0, clock.now())
    return next((one for one in found if one.ticket_id == ticket.id), None)


def _form(ticket: Ticket | None, entry: TimeEntry | None, **more: Any) -> str:
    """The form of a time entry, with what the ticket's contract has to say to it; where there is none, a choice.

    Without a ticket: one that its reader no longer sees, of which nothing is said.
    """
    contract, who = under(ticket.contract_id) if ticket else None, me()
    return render_template(
        "worklog/_entry_form.html",
        ticket=ticket,
        entry=entry,
        kinds=[kind for kind in KINDS if ticket is not None or kind != BillableKind.CONTRACT],
        contract=contract,
        contracts=[] if contract or ticket is None else offered(who, ticket.customer_id, today(who)),
        currency=entry.currency if entry is not None else actions.currency_under(contract),
        **more,
    )


def _put_under(ticket: Ticket, who: Who) -> None:
    """Puts the ticket under the contract that the form chose for it, where it has none yet."""
    chosen = _number("contract")
    if not chosen or ticket.contract_id or form_text(request.form, "kind") != BillableKind.CONTRACT:
        return
    contract = session.scalar(contracts_visible_to(who).where(Contract.id == chosen))
    if contract is not None:
        change(ticket, who, contract=contract)


def _refuse_other_currency(written: dict[str, Any], currency: str) -> None:
    """Raises Invalid when a rate was typed in a form that showed another currency than the one it would be saved in."""
    shown = form_text(request.form, "currency")[:3]
    if written["rate"] is not None and shown and shown != currency:
        says = _(
            "This is counted in %(currency)s, not in %(shown)s. Leave the rate out here; it can be changed in the entry"
            " afterwards.",
            currency=currency,
            shown=shown,
        )
        raise Invalid(says, fields={"rate": says})


@blueprint.get("/tickets/<int:number>/time/new")
@requires("time.write")
def new_time(number: int) -> ResponseReturnValue:
    """The form of an entry, filled from the timer where one is open on the ticket; `close`: that closes the ticket."""
    ticket, who = the_ticket(number), me()
    closes = "close" in request.args and not ticket.closed
    asks, timer = closes and asks_reason(ticket), _timer_on(who, ticket)
    return _form(ticket, None, clock=timer, day=today(who), closes=closes, asks=asks, token=uuid.uuid4().hex)


def _own_clock(timer_id: int) -> Clock:
    who = me()
    return actions.clock_now(who, actions.own_timer(who.person_id or 0, timer_id), clock.now())


@blueprint.get("/timer/<int:timer_id>/time/new")
@requires("time.write")
def new_time_of_timer(timer_id: int) -> ResponseReturnValue:
    """The form of an entry from a timer whose ticket its person no longer sees, and which is not named here."""
    found, who = _own_clock(timer_id), me()
    if not found.hidden:
        return new_time(found.number)
    return _form(None, None, clock=found, day=today(who), closes=False, asks=False, token="")


@blueprint.post("/timer/<int:timer_id>/time")
@requires("time.write")
def add_time_of_timer(timer_id: int) -> ResponseReturnValue:
    """What the timer has counted becomes an entry on its ticket, which its person no longer sees. The timer ends."""
    who = me()
    actions.alone(who)
    written = read_time(request.form)
    if written["rate"] is not None:  # in the currency shown; which one the ticket has is not said
        written["currency"] = actions.currency_under(None)
        _refuse_other_currency(written, written["currency"])
    entry = actions.save_hidden(who, timer_id, counted=_number("counted"), **written)
    return changed(_("Time saved"), *topics(entry), detail=duration(entry.minutes))


@blueprint.get("/time/<int:entry_id>/edit")
@requires("time.write")
def edit_time(entry_id: int) -> ResponseReturnValue:
    """The form of an entry that is there."""
    entry = session.scalar(entries_visible_to(me()).where(TimeEntry.id == min(entry_id, 2**31 - 1)))
    if entry is None or not may_change(me(), entry):
        raise NotFound(_("This entry is no longer there, or has been billed."))
    ticket = session.get_one(Ticket, entry.ticket_id)
    return _form(ticket, entry, clock=None, day=entry.worked_on, closes=False, asks=False, token="")


def _number(name: str) -> int:
    text = form_text(request.form, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _save(ticket: Ticket, who: Who, written: dict[str, Any]) -> TimeEntry:
    timer_id = _number("timer")
    if not timer_id:
        return actions.note_time(ticket, who, **written)
    stops = not form_text(request.form, "go_on")
    return actions.save_timer(ticket, who, timer_id, counted=_number("counted"), stops=stops, **written)


@blueprint.post("/tickets/<int:number>/time")
@requires("time.write")
def add_time(number: int) -> ResponseReturnValue:
    """A new entry as the form says, from the timer where it names one; `close`: the ticket is closed with it, unless
    sub-tickets of it are open, which is asked first.

    The same form sent twice notes it once.
    """
    who, token = me(), form_text(request.form, "token")[:64]
    actions.alone(who)
    ticket = the_ticket(number, lock=True)
    source = f"worklog.time.{who.person_id}"
    if token and receipts.earlier(source, token) is not None:
        return looked_again(f"ticket:{ticket.id}")
    written = read_time(request.form)
    _put_under(ticket, who)
    _refuse_other_currency(written, actions.currency_under(under(ticket.contract_id)))
    entry = _save(ticket, who, written)
    status = status_of_kind(StatusKind.CLOSED) if form_text(request.form, "close") and not ticket.closed else None
    children = left_behind(ticket, status)
    closes = status is not None and not children
    if closes:
        change(ticket, who, status=status, closing_reason=form_text(request.form, "closing_reason"))
    if token:
        receipts.keep(source, token, str(entry.id))
    if status is not None and children:
        return close_anyway(ticket, status, children, *topics(entry), said=_("Time saved, ticket not closed:"))
    return changed(
        _("Time saved, ticket closed") if closes else _("Time saved"),
        *topics(entry),
        detail=f"{duration(entry.minutes)}, #{ticket.number}",
        undo="" if closes else f"/time/{entry.id}/{'take-back' if entry.timer_id else 'delete'}",
    )


def _as_typed(entry: TimeEntry) -> dict[str, str]:
    """The entry as its form would post it."""
    return {
        "worked_on": entry.worked_on.isoformat(),
        "start": entry.start.strftime("%H:%M") if entry.start else "",
        "minutes": str(entry.minutes),
        "kind": entry.kind,
        "rate": typed_number(entry.rate),
        "text": entry.text,
    }


@blueprint.post("/time/<int:entry_id>")
@requires("time.write")
def change_time(entry_id: int) -> ResponseReturnValue:
    """The entry as the form says now; `version` says which one the form showed."""
    entry, written = the_entry(entry_id), read_time(request.form)
    if entry.deleted_at is not None:
        raise Conflict(_("Somebody has deleted this entry meanwhile."))
    _refuse_other_currency(written, entry.currency)
    before, undone = _as_typed(entry), bool(form_text(request.form, "as_was"))
    _put_under(session.get_one(Ticket, entry.ticket_id), me())
    if not actions.change_time(entry, me(), version=_number("version"), by_contract=not undone, **written):
        return looked_again(*topics(entry))
    return changed(
        _("Time saved"),
        *topics(entry),
        detail=duration(entry.minutes),
        undo=f"/time/{entry.id}",
        undo_fields={**before, "version": str(entry.version), "as_was": "1"},
    )


@blueprint.post("/time/<int:entry_id>/delete")
@requires("time.write")
def delete_time(entry_id: int) -> ResponseReturnValue:
    """The entry goes; it can be brought back."""
    entry = the_entry(entry_id)
    actions.remove_time(entry, me())
    detail = duration(entry.minutes)
    return changed(_("Time deleted"), *topics(entry), detail=detail, undo=f"/time/{entry.id}/restore")


@blueprint.post("/time/<int:entry_id>/restore")
@requires("time.write")
def restore_time(entry_id: int) -> ResponseReturnValue:
    """The entry is there again."""
    entry = the_entry(entry_id)
    actions.restore_time(entry, me())
    return changed(_("Time is there again"), *topics(entry), detail=duration(entry.minutes))


@blueprint.post("/time/<int:entry_id>/take-back")
@requires("time.write")
def take_back(entry_id: int) -> Response:
    """What became an entry is on the timer again."""
    actions.alone(me())  # before the ticket, as everybody does
    entry = the_entry(entry_id)
    told, minutes = topics(entry), entry.minutes
    actions.take_back(entry, me())
    return changed(_("The time is on the timer again"), *told, detail=duration(minutes))
