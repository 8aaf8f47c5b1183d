"""A timer becomes a time entry: in whole minutes; the rest stays with the timer."""

from typing import Any

from backend import clock, live
from backend.auth import Who
from backend.db import session
from backend.errors import Conflict, Refused
from backend.i18n import _
from backend.tickets.actions import record
from backend.tickets.models import Ticket
from backend.worklog.actions.entries import note_time, refuse_billed, tell
from backend.worklog.actions.timers import alone, clock_now, own_timer, seen, stop, topic
from backend.worklog.models import TimeEntry, Timer
from backend.worklog.words import hours, stopwatch


def save_timer(
    ticket: Ticket, who: Who, timer_id: int, *, counted: int, stops: bool, minutes: int, **properties: Any
) -> TimeEntry:
    """What the timer has counted as an entry of `minutes`; `counted`: seconds it showed when `who` said so.

    Whole minutes are taken from it, seconds beyond stay; were the minutes corrected by hand, all `counted` are taken.
    What it has counted since stays on it too. `stops`: it ends unless a minute or more would be lost.
    Raises Conflict when it no longer has that much.
    """
    person_id, now = alone(who), clock.now()
    timer = own_timer(person_id, timer_id)
    seen(person_id, now)
    shown = clock_now(who, timer, now)
    if counted > shown.seconds or timer.ticket_id != ticket.id:
        raise Conflict(
            _("The timer has changed meanwhile; it shows %(time)s now. Please look at the minutes again.",
              time=stopwatch(shown.seconds))
        )  # fmt: skip
    taken = minutes * 60 if minutes == counted // 60 else counted
    entry = note_time(ticket, who, minutes=minutes, timer_id=timer.id, measured_seconds=taken, **properties)
    timer.saved_seconds += taken
    if stops and shown.running:
        stop(person_id, now)
    if (stops or not shown.running) and shown.seconds - taken < 60:
        timer.ended_at, timer.outcome = now, "saved"
    live.tell(topic(person_id))
    return entry


def save_hidden(who: Who, timer_id: int, *, counted: int, **properties: Any) -> TimeEntry:
    """The same for a timer on whatever ticket it counts, whether or not `who` still sees that one; the timer ends.

    Raises Conflict when it has ended, or no longer has that much.
    """
    timer = own_timer(alone(who), timer_id)
    ticket = session.get_one(Ticket, timer.ticket_id, with_for_update=True)
    return save_timer(ticket, who, timer_id, counted=counted, stops=True, **properties)


def take_back(entry: TimeEntry, who: Who) -> None:
    """Undoes `save_timer`: the entry goes, and its time is on the timer again, which is paused if it had ended.

    Raises Conflict when the entry has been billed or changed since.
    """
    refuse_billed(entry)
    if entry.timer_id is None or entry.version != 1:
        raise Conflict(_("This entry has been changed since. Please delete it instead."))
    timer, ticket = session.get_one(Timer, entry.timer_id), session.get_one(Ticket, entry.ticket_id)
    if alone(who) != timer.person_id:
        raise Refused(_("This is somebody else's time. They can change it themselves, and administrators can."))
    session.refresh(timer)
    timer.saved_seconds = max(0, timer.saved_seconds - entry.measured_seconds)
    if timer.outcome == "saved":
        timer.ended_at, timer.outcome = None, ""
    record(ticket, who, "time_taken_back", before=hours(entry.minutes), entry_id=entry.id)
    tell(entry)
    session.delete(entry)
    session.flush()
    live.tell(topic(timer.person_id))
