"""The signs of life of open pages, and who else is there."""

import re

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend import clock
from backend.auth import Who, me, requires
from backend.db import session
from backend.errors import Invalid, NotFound
from backend.i18n import _
from backend.presence.actions import beat, leave
from backend.presence.models import PLACES, Watcher, others_in, watched
from backend.tickets.models import Kind, Ticket, visible
from backend.web import form_text

blueprint = Blueprint("presence", __name__, template_folder="templates")
_PAGE = re.compile(r"[\w-]{8,40}", re.ASCII)


def _ticket_id(number: int, who: Who) -> int:
    found = session.scalar(select(Ticket.id).where(visible(who), Ticket.number == min(number, 2**31 - 1)))
    if found is None:
        raise NotFound(_("There is no ticket #%(number)s.", number=number))
    return found


def _page(text: str) -> str:
    if not _PAGE.fullmatch(text):
        raise Invalid(_("This request could not be read. Please reload the page and try again."))
    return text


def _milliseconds_left(watchers: list[Watcher]) -> int | None:
    """How long what is said of `watchers` holds, if nobody is heard of any more; None where there are none."""
    if not watchers:
        return None
    return max(0, round((min(one.until for one in watchers) - clock.now()).total_seconds() * 1000))


@blueprint.post("/tickets/<int:number>/presence")
@requires("tickets.read")
def here(number: int) -> ResponseReturnValue:
    """A page says that it is open on the ticket, and is told who else is there."""
    who, form = me(), request.form
    composing = form_text(form, "composing")
    pages = beat(
        _ticket_id(number, who),
        who.person_id or 0,
        _page(form_text(form, "page")),
        composing if composing in (Kind.REPLY, Kind.NOTE) else "",
    )
    others = others_in(pages, who.person_id)
    return render_template("presence/_others.html", others=others, places=PLACES, left=_milliseconds_left(others))


@blueprint.delete("/tickets/<int:number>/presence")
@requires("tickets.read")
def gone(number: int) -> ResponseReturnValue:
    """A page leaves the ticket; without a word it is gone half a minute later."""
    who = me()
    leave(_ticket_id(number, who), who.person_id or 0, _page(request.args.get("page", "")))
    return "", 204


@blueprint.get("/presences")
@requires("tickets.read")
def everywhere() -> ResponseReturnValue:
    """Everybody who is on a ticket, for a list of tickets."""
    found = watched(me(), clock.now())
    everybody = [one for watchers in found.values() for one in watchers]
    return render_template(
        "presence/_everywhere.html", watched=found, places=PLACES, left=_milliseconds_left(everybody)
    )
