"""The whole answer to a survey: on the ticket, and by a link for whoever has no session."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend import limits
from backend.auth import me, open_to, requires
from backend.db import session
from backend.errors import Gone, NotFound
from backend.i18n import _, said
from backend.limits import FREE
from backend.surveys import links
from backend.surveys.models import SurveyAnswer
from backend.tickets.models import Ticket, tickets_visible_to

blueprint = Blueprint("surveys", __name__, template_folder="templates")


@blueprint.post("/tickets/<int:number>/survey-answer/link")
@requires("surveys.read")
def make_link(number: int) -> ResponseReturnValue:
    """A link to the whole answer, to be given to somebody who does not work here."""
    visible = tickets_visible_to(me()).where(Ticket.number == min(number, 2**31 - 1)).with_only_columns(Ticket.id)
    ticket_id = session.scalar(select(SurveyAnswer.ticket_id).where(SurveyAnswer.ticket_id.in_(visible)))
    if ticket_id is None:
        raise NotFound(_("This ticket has no answer to a survey."))
    address, ends = links.link(ticket_id)
    return render_template("surveys/_link.html", address=address, ends=ends)


@blueprint.get("/survey-answers/<int:ticket_id>/<int:until>/<mark>")
@open_to("the link is signed, for one answer and seven days", door=FREE)
def by_link(ticket_id: int, until: int, mark: str) -> ResponseReturnValue:
    """The whole answer. A link that has ended says so and when."""
    if not links.ours(ticket_id, until, mark):
        limits.spend("strangers", limits.client())
        raise NotFound(_("This link leads nowhere. Please check that it was copied as a whole."))
    ended = links.ended(until)
    if ended is not None:
        raise Gone(_("This link ended %(moment)s, seven days after it was made.", moment=said(ended, day=True)))
    answer = session.get(SurveyAnswer, min(ticket_id, 2**31 - 1))
    if answer is None:
        raise NotFound(_("This answer is no longer there."))
    return render_template("surveys/answer.html", answer=answer)
