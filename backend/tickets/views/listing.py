"""The list of tickets, and the card that shows one without opening it."""

from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ARRAY, Integer, bindparam, cast, false, func, literal, select, tuple_
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from backend.auth import Who, me, requires
from backend.db import session
from backend.deletion.missing import missing
from backend.i18n import _
from backend.people.models import Customer, Person
from backend.tickets import words
from backend.tickets.models import (
    ActivityStatus,
    Message,
    Priority,
    Status,
    Ticket,
    messages_visible_to,
    seer,
    statuses,
    visible,
)
from backend.tickets.sight import others_parents, siblings_hidden
from backend.tickets.views.door import blueprint, within
from backend.tickets.views.filters import ATTENTION, VIEWS, Filters, conditions, view_condition

PAGE = 50
CAP = 100  # counts stop here and are shown as 99+
_Assignee = aliased(Person)
_ROW: Any = select(
    Ticket.id,
    Ticket.number,
    Ticket.subject,
    Ticket.priority,
    Ticket.activity_status,
    Ticket.updated_at,
    Ticket.status_id,
    Ticket.closed,
    Ticket.customer_id,
    Ticket.assignee_id,
)


def _capped(*where: ColumnElement[bool]) -> Any:
    some = select(literal(1)).select_from(Ticket).where(*where).limit(CAP).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _counting(view: str, seen: ColumnElement[bool]) -> Any:
    """One row of :me and :teams: how many open tickets each view has, and each metric within this view, all capped."""
    me, teams = bindparam("me", type_=Integer), bindparam("teams", type_=ARRAY(Integer))
    open_ones, here = (seen, ~Ticket.closed), view_condition(view, me, teams)
    asked = [_capped(*open_ones, *view_condition(name, me, teams)).label(f"view_{name}") for name in VIEWS]
    asked += [_capped(*open_ones, *here, condition).label(name) for name, condition in ATTENTION.items()]
    return select(*asked)


@cache
def _staff_counting(view: str) -> Any:
    """It takes longer to write than to answer, so it is kept, for :seer too (NULL sees all)."""
    me = bindparam("seer", type_=Integer)
    # Looked up once for all the counts.
    others = select(others_parents(Ticket, me).label("ids")).cte("others")
    return _counting(view, siblings_hidden(Ticket, me, cast(select(others.c.ids).scalar_subquery(), ARRAY(Integer))))


def _counts(filters: Filters, who: Who) -> Any:
    asked = _staff_counting(filters.view) if who.is_staff else _counting(filters.view, visible(who))
    return session.execute(asked, {"me": who.person_id, "teams": list(who.teams), "seer": seer(who)}).one()


def _position(text: str) -> tuple[datetime, int] | None:
    moment, _dot, number = text.partition(".")
    try:
        return datetime.fromtimestamp(int(moment) / 1_000_000, UTC), int(number[:9])
    except (ValueError, OverflowError, OSError):
        return None


def position_of(row: Any) -> str:
    """Where `row` stands in the list, as an address can carry it."""
    return f"{round(row.updated_at.timestamp() * 1_000_000)}.{row.id}"


def _rows(where: list[ColumnElement[bool]], after: str, before: str) -> tuple[list[Any], str, str]:
    """One page of rows as columns, with where to go on and where to go back (empty: nowhere)."""
    key, cut = tuple_(Ticket.updated_at, Ticket.id), _position(after or before)
    backwards = bool(before and not after and cut)
    page = _ROW.where(*where)
    if cut:
        page = page.where(key > cut if backwards else key < cut)
    order = (Ticket.updated_at.asc(), Ticket.id.asc()) if backwards else (Ticket.updated_at.desc(), Ticket.id.desc())
    some = page.order_by(*order).limit(PAGE + 1).subquery()
    rows = list(
        session.execute(
            select(
                some,
                Customer.name.label("customer"),
                _Assignee.name.label("assignee"),
            )
            .outerjoin(Customer, Customer.id == some.c.customer_id)
            .outerjoin(_Assignee, _Assignee.id == some.c.assignee_id)
            .order_by(some.c.updated_at.desc(), some.c.id.desc())
        )
    )
    more = len(rows) > PAGE
    if backwards:
        rows = rows[1:] if more else rows
        return rows, position_of(rows[-1]) if rows else "", position_of(rows[0]) if more else ""
    rows = rows[:PAGE]
    return rows, position_of(rows[-1]) if more else "", position_of(rows[0]) if cut and rows else ""


def default_view(who: Who) -> str:
    """The view a person begins with: the teams', where there are any."""
    return "teams" if who.teams else "all"


@blueprint.get("/tickets")
@requires("tickets.read")
def tickets() -> ResponseReturnValue:
    """The list: a page, or for htmx the part of it that changes."""
    who = me()
    filters = Filters.read(request.args, default_view(who))
    rows, older, newer = _rows(conditions(filters, who), request.args.get("after", ""), request.args.get("before", ""))
    return render_template(
        "tickets/_list.html" if request.headers.get("HX-Request") else "tickets/list.html",
        filters=filters,
        rows=rows,
        older=older,
        newer=newer,
        counts=_counts(filters, who),
        statuses={
            status.id: SimpleNamespace(key=status.key, look=look, name=words.status_name(status.key, status.name))
            for status in statuses()
            for look in [words.status_look(status.kind, status.name, status.key)]
        },
        turns={turn: words.turn_name(turn) for turn in ActivityStatus},
        priorities={level: words.priority_name(level) for level in Priority},
        view_names=view_names(),
        chosen=_named(filters),
        cap=CAP,
    )


def view_names() -> dict[str, str]:
    """The views in their order, by name."""
    return {
        "mine": _("Mine"),
        "teams": _("My teams"),
        "unassigned": _("Unassigned"),
        "waiting": _("Waiting"),
        "all": _("All open"),
    }


def _named(filters: Filters) -> dict[str, str]:
    """The names of the customer and the technician in the filters; asked only when there are any."""
    if not filters.customer and not filters.assignee:
        return {"customer": "", "assignee": ""}
    row = session.execute(
        select(
            select(Customer.name).where(Customer.key == filters.customer).scalar_subquery().label("customer"),
            select(Person.name)
            .where(Person.id == int(filters.assignee) if filters.assignee else false())
            .scalar_subquery()
            .label("assignee"),
        )
    ).one()
    return {"customer": row.customer or filters.customer, "assignee": row.assignee or ""}


@blueprint.get("/tickets/<int:number>/preview")
@requires("tickets.read")
def preview(number: int) -> ResponseReturnValue:
    """Priority, status and the newest message of one ticket, as a card."""
    newest = (
        messages_visible_to(me())
        .with_only_columns(
            Message.ticket_id, Message.author_id, Message.author_name, Message.text, Message.sent_at, Message.kind
        )
        .where(Ticket.number == within(number))
        .order_by(Message.id.desc())
        .limit(1)
        .subquery()
    )
    row = session.execute(
        select(
            Ticket.number,
            Ticket.subject,
            Ticket.priority,
            Status.key.label("status_key"),
            Status.name.label("status_name"),
            Status.kind.label("status_kind"),
            newest,
        )
        .join(Status, Status.id == Ticket.status_id)
        .outerjoin(newest, newest.c.ticket_id == Ticket.id)
        .where(visible(me()), Ticket.number == within(number))
    ).one_or_none()
    if row is None:
        raise missing(number, me())
    return render_template("tickets/_preview.html", ticket=row)
