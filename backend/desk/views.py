"""The desk's front door, and the line by which open pages hear that something they show has changed."""

import re

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from backend import config, lines
from backend.auth import me, requires
from backend.errors import Invalid, Refused
from backend.i18n import _
from backend.limits import counted
from backend.live import HUB, stream

blueprint = Blueprint("desk", __name__)
MOST_TOPICS = 50
SPARE_THREADS = 12  # where each stream takes a thread, so many are kept for everything else
_TOPIC = re.compile(r"[a-z]{1,20}(:[\w.@+-]{1,254})?")


class Crowded(Refused):
    """This process holds as many streams as it can; another try lands elsewhere or later."""

    status = 503
    code = "crowded"


@blueprint.get("/")
@requires("tickets.read")
def front() -> ResponseReturnValue:
    """Leads to the list of tickets."""
    return redirect("/tickets")


@blueprint.get("/live")
@requires("tickets.read")
@counted("streams")
def live() -> ResponseReturnValue:
    """Server-sent events for the topics in the address.

    They say only that there is something new; rights are checked where it is fetched. For staff: when something happens
    on whose ticket is nothing for a customer to know.
    """
    topics = frozenset(request.args.getlist("topic"))
    if not 0 < len(topics) <= MOST_TOPICS or not all(_TOPIC.fullmatch(topic) for topic in topics):
        raise Invalid(_("This request could not be read. Please reload the page and try again."))
    owner, handing = me().person_id or 0, lines.HANDING.get()
    most = lines.most() if handing else max(2, config.current().web_threads - SPARE_THREADS)
    if HUB.open_streams >= most and not HUB.make_room(owner):
        raise Crowded(_("Too many pages are open at the moment. This one will try again by itself."), Retry_After="5")
    last = request.headers.get("Last-Event-ID", "")
    cursor = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else 0
    if handing and request.method == "GET":
        handing.listener = lines.Listener(topics, cursor, owner, me().session_id)
    words = () if handing else stream(topics, cursor, owner)
    response = Response(words, content_type="text/event-stream; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response
