"""Tickets for which nothing is planned: the list beside the board, the most urgent first or the oldest."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy import text as sql
from sqlalchemy.orm import aliased

from backend.auth import Who, me, requires
from backend.db import session
from backend.people.models import Customer, Person, Site
from backend.tickets.models import Status, StatusKind, Ticket, visible
from backend.tickets.search import matches
from backend.visits.models import Visit, VisitState
from backend.visits.views.door import blueprint

SHOWN = 60
COUNTED = 100  # more than that is shown as 99+
_contact, _assignee = aliased(Person), aliased(Person)
_RANK = func.array_position(sql("array['critical','high','medium','low']::varchar[]"), Ticket.priority)
_PLANNED = select(Visit.id).where(Visit.ticket_id == Ticket.id, Visit.state == VisitState.PLANNED)
_DECLINED = select(Visit.id).where(Visit.ticket_id == Ticket.id, Visit.state == VisitState.DECLINED)
_WAITING = (~Ticket.closed, Status.kind != StatusKind.RESOLVED, ~_PLANNED.exists())
_ROWS: Any = (
    select(
        Ticket.number,
        Ticket.subject,
        Ticket.priority,
        Ticket.created_at,
        Ticket.assignee_id,
        Customer.name.label("customer"),
        _contact.name.label("contact"),
        Site.name.label("site"),
        Site.city.label("city"),
        _assignee.name.label("assignee"),
        _DECLINED.exists().label("declined"),
    )
    .join(Status, Status.id == Ticket.status_id)
    .outerjoin(Customer, Customer.id == Ticket.customer_id)
    .outerjoin(_contact, _contact.id == Ticket.contact_id)
    .outerjoin(Site, Site.id == _contact.site_id)
    .outerjoin(_assignee, _assignee.id == Ticket.assignee_id)
    .where(*_WAITING)
    .limit(SHOWN)
)
_COUNT: Any = select(Ticket.id).join(Status, Status.id == Ticket.status_id).where(*_WAITING).limit(COUNTED)


def unplanned(who: Who, words: str, sort: str = "") -> dict[str, Any]:
    """What the list shows for `words`; `sort` is oldest, else the most urgent come first."""
    by = (Ticket.created_at, Ticket.id) if sort == "oldest" else (_RANK, Ticket.created_at, Ticket.id)
    conditions = [visible(who), *([matches(who, words)] if words else [])]
    rows = list(session.execute(_ROWS.where(*conditions).order_by(*by)))
    count = len(rows)
    if count == SHOWN:
        few = _COUNT.where(*conditions).subquery()
        count = session.scalar(select(func.count()).select_from(few)) or 0
    return {"tickets": rows, "count": count, "q": words, "sort": "oldest" if sort == "oldest" else ""}


@blueprint.get("/board/unplanned")
@requires("visits.read")
def unplanned_list() -> ResponseReturnValue:
    """The list for the words `q` in the order `sort`."""
    words = request.args.get("q", "").replace("\x00", "").strip()[:200]
    return render_template("visits/_unplanned.html", **unplanned(me(), words, request.args.get("sort", "")))
