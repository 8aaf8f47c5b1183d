"""Two people change the same property at once: the later one is told by whom and to what, and may do it anyway."""

from flask import request
from sqlalchemy import select

from backend.db import session
from backend.errors import Conflict
from backend.i18n import _
from backend.tickets import words
from backend.tickets.models import Activity, Ticket
from backend.web import form_text


class Overtaken(Conflict):
    """The value from which somebody chose is no longer the ticket's; the page offers to do it anyway."""

    code = "overtaken"


def check_still_so(ticket: Ticket, name: str, now: str) -> None:
    """Raises Overtaken when the form says from which value (`before`) it was chosen, and that is not so any `now`.

    With `anyway` the person knows. `now` is the value as a form would post it.
    """
    form = request.form
    if "before" not in form or "anyway" in form or form_text(form, "before") == now:
        return
    last = session.execute(
        select(Activity.actor_name, Activity.after)
        .where(Activity.ticket_id == ticket.id, Activity.verb == name)
        .order_by(Activity.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        raise Overtaken(_("This was changed meanwhile. Nothing was changed by you."))
    raise Overtaken(
        _(
            "%(name)s has meanwhile set %(property)s to %(value)s.",
            name=last.actor_name,
            property=words.property_name(name),
            value=words.value_name(name, last.after),
        )
    )
