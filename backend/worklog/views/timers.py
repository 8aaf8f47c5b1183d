"""The timer's bar, and what can be done there."""

from datetime import datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue

from backend import clock
from backend.auth import me, requires
from backend.db import session
from backend.errors import Invalid, NotFound
from backend.i18n import _, n_
from backend.settings.models import setting
from backend.tickets.found import the_ticket
from backend.tickets.models import Ticket
from backend.ui.answers import changed, looked_again
from backend.web import form_text
from backend.worklog import actions
from backend.worklog.clocks import clocks
from backend.worklog.views.door import blueprint
from backend.worklog.words import stopwatch


@blueprint.get("/timer")
@requires("time.write")
def timer() -> ResponseReturnValue:
    """The bar as it stands: the timer that runs or was used last, the way back to the one before, and what is asked."""
    who, now = me(), clock.now()
    found = clocks(who, who.person_id or 0, now)
    asking = next(((one, gap) for one in found for gap in one.gaps), None)
    return render_template(
        "worklog/_timer.html",
        shown=found[0] if found else None,
        back=next((one for one in found[1:] if not one.hidden), None),
        asking=asking,
        topic=actions.topic(who.person_id),
        now=now,
        idle_seconds=setting("timer_idle_minutes") * 60,
        door="pane" if request.args.get("door") == "pane" else "desk",
    )


@blueprint.post("/tickets/<int:number>/timer/start")
@requires("time.write")
def start(number: int) -> ResponseReturnValue:
    """Counts on this ticket; `opening`: its page was opened, which starts the timer only where that is wanted.

    A page that stood open while its ticket was merged counts on the one that goes on.
    """
    who, ticket = me(), the_ticket(number)
    if ticket.merged_into_id is not None:
        ticket = the_ticket(session.get_one(Ticket, ticket.merged_into_id).number)
    actions.start(who, ticket, opening=bool(form_text(request.form, "opening")))
    return looked_again(actions.topic(who.person_id))


@blueprint.post("/timer/active")
@requires("time.write")
def active() -> ResponseReturnValue:
    """The person is at work; pages say so once a minute at most."""
    actions.be_active(me())
    return "", 204


@blueprint.post("/timer/gap")
@requires("time.write")
def gap() -> ResponseReturnValue:
    """Whether time without any activity, which began at `from`, counts: `answer` is keep or remove."""
    who, answer = me(), form_text(request.form, "answer")
    try:
        began = datetime.fromisoformat(form_text(request.form, "from"))
    except ValueError as error:
        raise Invalid(_("This request could not be read. Please reload the page and try again.")) from error
    if answer not in ("keep", "remove") or began.tzinfo is None:
        raise Invalid(_("This request could not be read. Please reload the page and try again."))
    actions.answer_gap(who, began, keep=answer == "keep")
    return looked_again(actions.topic(who.person_id))


@blueprint.post("/timer/discard-short")
@requires("time.write")
def discard_short() -> ResponseReturnValue:
    """The paused timers of less than a minute go: of tickets that were only looked at."""
    who = me()
    count = actions.discard_short(who)
    said = n_("%(num)s timer discarded", "%(num)s timers discarded", count)
    return changed(said, actions.topic(who.person_id))


@blueprint.post("/timer/<int:timer_id>/<what>")
@requires("time.write")
def change_timer(timer_id: int, what: str) -> ResponseReturnValue:
    """Pauses or resumes a timer, discards it, or takes that back."""
    who = me()
    where = actions.topic(who.person_id)
    if what == "pause":
        actions.pause(who, timer_id)
    elif what == "resume":
        actions.resume(who, timer_id)
    elif what == "reopen":
        actions.reopen(who, timer_id)
    elif what == "discard":
        seconds = actions.discard(who, timer_id)
        undo = f"/timer/{timer_id}/reopen" if seconds else ""
        return changed(_("Timer discarded"), where, detail=stopwatch(seconds), undo=undo)
    else:
        raise NotFound(_("There is nothing here. It may have been moved, or the address is incomplete."))
    return looked_again(where)
