"""The list of tickets, and the card that shows one without opening it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ARRAY, DateTime, Integer, bindparam, cast, false, func, literal, select
from sqlalchemy.sql.elements import ColumnElement

from backend.auth import Who, me, requires
from backend.db import session
from backend.deletion.missing import missing
from backend.fields.models import DEFINED, Definition, for_person
from backend.i18n import _
from backend.lists.models import choice_of, views_of
from backend.people.models import Customer, Group, Person, Team
from backend.statuses.models import RootCause
from backend.tickets import words
from backend.tickets.columns import Column, own_value, shown_among, with_own
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
from backend.tickets.sorting import NEWEST, Order, next_press, order_named
from backend.tickets.views.door import blueprint, within
from backend.tickets.views.filters import ATTENTION, GROUP, VIEWS, Filters, conditions, late, view_condition
from backend.tickets.views.narrowing import in_force
from backend.tickets.views.rows import PAGE, page_of

CAP = 100  # counts stop here and are shown as 99+
MOST_COUNTED = 20  # saved views with a number beside them
__all__ = ["CAP", "PAGE", "Shown", "default_view", "heads", "position_of", "shown_list", "view_names"]


def _capped(*where: ColumnElement[bool]) -> Any:
    some = select(literal(1)).select_from(Ticket).where(*where).limit(CAP).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _counting(view: str, seen: ColumnElement[bool]) -> Any:
    """One row of :me, :teams and :late: how many open tickets each view has, and each metric within this view, all
    capped; the saved views and the chosen columns of that person; and the installation's own fields.
    """
    me, teams = bindparam("me", type_=Integer), bindparam("teams", type_=ARRAY(Integer))
    since = bindparam("late", type_=DateTime(timezone=True))
    open_ones, here = (seen, ~Ticket.closed), view_condition(view, me, teams, since)
    asked = [_capped(*open_ones, *view_condition(name, me, teams, since)).label(f"view_{name}") for name in VIEWS]
    asked += [_capped(*open_ones, *here, condition).label(name) for name, condition in ATTENTION.items()]
    own = (views_of(me).label("saved"), choice_of(me).label("choice"), DEFINED.label("fields"))
    return select(*asked, *own)


@cache
def _staff_counting(view: str) -> Any:
    """It takes longer to write than to answer, so it is kept, for :seer too (NULL sees all)."""
    me = bindparam("seer", type_=Integer)
    # Looked up once for all the counts.
    others = select(others_parents(Ticket, me).label("ids")).cte("others")
    return _counting(view, siblings_hidden(Ticket, me, cast(select(others.c.ids).scalar_subquery(), ARRAY(Integer))))


def _counts(filters: Filters, who: Who, since: datetime) -> Any:
    asked = _staff_counting(filters.view) if who.is_staff else _counting(filters.view, visible(who))
    given = {"me": who.person_id, "teams": list(who.teams), "late": since, "seer": seer(who)}
    return session.execute(asked, given).one()


def position_of(row: Any) -> str:
    """Where `row` stands in a list with the newest first, as an address can carry it."""
    return NEWEST.position(row)


def default_view(who: Who) -> str:
    """The view a person begins with: the teams', where there are any."""
    return "teams" if who.teams else "all"


@dataclass(frozen=True)
class Shown:
    """What the list of an address shows: its filters, order and columns, and the menu beside it."""

    filters: Filters
    order: Order
    columns: tuple[str, ...]
    all_columns: tuple[Column, ...]
    saved: list[dict[str, Any]]
    counts: Any

    @property
    def own_fields(self) -> list[Definition]:
        """The installation's own fields."""
        return [column.field for column in self.all_columns if column.field is not None]

    @property
    def current(self) -> dict[str, Any] | None:
        """The saved view that the list was opened from."""
        return next((one for one in self.saved if str(one["id"]) == self.filters.saved), None)


def shown_list(who: Who) -> Shown:
    """The list that the address of this request asks for: with a saved view's columns, or the person's own."""
    filters = Filters.read(request.args, default_view(who))
    counts = _counts(filters, who, late())
    saved, choice = counts.saved or [], counts.choice or {"columns": [], "sort": ""}
    opened = next((one for one in saved if str(one["id"]) == filters.saved), None)
    order = order_named(filters.sort, choice["sort"])
    # The order goes along with each link, so that a ticket's neighbours are those of the list.
    plain = order == NEWEST == order_named(choice["sort"])
    filters = replace(filters, sort="" if plain else order.text, saved=filters.saved if opened else "")
    all_columns = with_own(for_person(counts.fields, who), who)
    columns = shown_among(all_columns, (opened or choice)["columns"] or choice["columns"])
    return Shown(filters, order, columns, all_columns, saved, counts)


def _counted(saved: list[dict[str, Any]], who: Who) -> dict[int, int]:
    """How many tickets the first of the saved views have; searches are not counted."""
    asked = {}
    for one in saved[:MOST_COUNTED]:
        filters = Filters.of_query(one["query"])
        if not filters.q:
            asked[one["id"]] = _capped(*conditions(filters, who))
    if not asked:
        return {}
    row = session.execute(select(*(count.label(f"n{number}") for number, count in asked.items()))).one()
    return dict(zip(asked, row, strict=True))


def heads(columns: Iterable[Column], filters: Filters, order: Order) -> list[Any]:
    """The heads of the columns: name, look, and where a press leads that sorts by them."""
    return [
        SimpleNamespace(
            key=column.key,
            label=column.head,
            look=column.look,
            href=filters.address(sort=next_press(column.sort, order)) if column.sort else "",
            sorted=("descending" if order.falls else "ascending") if column.sort == order.key else "",
        )
        for column in columns
    ]


@blueprint.get("/tickets")
@requires("tickets.read")
def tickets() -> ResponseReturnValue:
    """The list: a page, or for htmx the part of it that changes."""
    who = me()
    shown = shown_list(who)
    where = conditions(shown.filters, who)
    after, before = request.args.get("after", ""), request.args.get("before", "")
    named = _named(shown.filters)
    rows, older, newer = page_of(where, shown.order, shown.columns, after, before)
    return render_template(
        "tickets/_list.html" if request.headers.get("HX-Request") else "tickets/list.html",
        filters=shown.filters,
        columns=shown.columns,
        heads=heads([one for one in shown.all_columns if one.key in shown.columns], shown.filters, shown.order),
        all_columns=shown.all_columns,
        own_fields={one.key: one.field for one in shown.all_columns if one.field is not None},
        own_value=own_value,
        sort=shown.order.text,
        saved=shown.saved,
        current=shown.current,
        saved_counts=_counted(shown.saved, who) if shown.saved else {},
        rows=rows,
        older=older,
        newer=newer,
        counts=shown.counts,
        statuses={
            status.id: SimpleNamespace(key=status.key, look=look, name=words.status_name(status.key, status.name))
            for status in statuses()
            for look in [words.status_look(status.kind, status.name, status.key, status.tone)]
        },
        turns={turn: words.turn_name(turn) for turn in ActivityStatus},
        priorities={level: words.priority_name(level) for level in Priority},
        view_names=view_names(),
        categories=words.categories(),
        chosen=named,
        further=in_force(shown.filters, shown.own_fields, named["root_cause"]),
        cap=CAP,
    )


def view_names() -> dict[str, str]:
    """The views in their order, by name."""
    return {
        "mine": _("Mine"),
        "teams": _("My teams"),
        "unassigned": _("Unassigned"),
        "us": _("Waits for us"),
        "overdue": _("Overdue"),
        "waiting": _("Waiting"),
        "all": _("All open"),
    }


def _named(filters: Filters) -> dict[str, str]:
    """The names of what the filters say by number; asked only when there are any."""
    if not (filters.customer or filters.assignee or filters.team or filters.root_cause):
        return {"customer": "", "assignee": "", "team": "", "root_cause": ""}
    owners = Group if filters.team.startswith(GROUP) else Team
    row = session.execute(
        select(
            select(Customer.name).where(Customer.key == filters.customer).scalar_subquery().label("customer"),
            select(Person.name)
            .where(Person.id == int(filters.assignee) if filters.assignee else false())
            .scalar_subquery()
            .label("assignee"),
            select(owners.name)
            .where(owners.id == int(filters.team.removeprefix(GROUP)) if filters.team else false())
            .scalar_subquery()
            .label("team"),
            select(RootCause.name)
            .where(RootCause.id == int(filters.root_cause) if filters.root_cause else false())
            .scalar_subquery()
            .label("root_cause"),
        )
    ).one()
    return {"customer": row.customer or filters.customer} | {
        name: getattr(row, name) or "" for name in ("assignee", "team", "root_cause")
    }


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
            Status.tone.label("status_tone"),
            newest,
        )
        .join(Status, Status.id == Ticket.status_id)
        .outerjoin(newest, newest.c.ticket_id == Ticket.id)
        .where(visible(me()), Ticket.number == within(number))
    ).one_or_none()
    if row is None:
        raise missing(number, me())
    return render_template("tickets/_preview.html", ticket=row)
