"""The page of one's time: entries by day with their sums, by person, customer and days."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from backend import clock
from backend.auth import Who, me, requires
from backend.db import session
from backend.i18n import _
from backend.people.models import Customer, Person, customers_visible_to, technicians
from backend.worklog.clocks import clocks
from backend.worklog.models import BillableKind
from backend.worklog.rows import LISTED, Wanted, listed, sums
from backend.worklog.views.door import blueprint, today

LONGEST = timedelta(days=366)
EVERYBODY = "all"


@dataclass
class Day:
    """One day of the list."""

    day: date
    minutes: int = 0
    rows: list[Any] = field(default_factory=list)


def _day(text: str, otherwise: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return found if 2000 <= found.year < 2100 else otherwise


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def wanted_of(given: Mapping[str, str], who: Who) -> Wanted:
    """What the address asks for; without anything this week's entries of the person."""
    here = today(who)
    first = _day(given.get("from", ""), here - timedelta(days=here.weekday()))
    last = max(first, min(_day(given.get("to", ""), max(first, here)), first + LONGEST))
    person = given.get("person", "")
    person_id = None if person == EVERYBODY else _id(person) or who.person_id
    customer_id = _id(given.get("customer", ""))
    return Wanted(first, last, person_id, customer_id)


def _days(rows: list[Any], minutes: dict[tuple[date, str], int]) -> list[Day]:
    days: dict[date, Day] = {}
    for (day, _kind), count in minutes.items():
        days.setdefault(day, Day(day)).minutes += count
    for row in rows:
        days.setdefault(row.TimeEntry.worked_on, Day(row.TimeEntry.worked_on)).rows.append(row)
    return [days[day] for day in sorted(days, reverse=True)]


def _people(who: Who) -> list[tuple[str, str]]:
    """Whose time can be looked at: everybody's, and that of those who work on tickets."""
    people = session.execute(technicians().with_only_columns(Person.id, Person.name))
    offered = [(str(row.id), row.name) for row in people]
    if who.person_id is not None and str(who.person_id) not in dict(offered):
        offered.insert(0, (str(who.person_id), who.name))
    return [(EVERYBODY, _("Everybody")), *offered]


def _customer_name(who: Who, customer_id: int | None) -> str:
    if customer_id is None:
        return ""
    query = customers_visible_to(who).with_only_columns(Customer.name).where(Customer.id == customer_id)
    return session.scalar(query) or ""


def _timers(who: Who) -> dict[str, Any]:
    """The person's timers, and how many of them are hardly worth saving."""
    found = clocks(who, who.person_id or 0, clock.now()) if who.may("time.write") else []
    return {"timers": found, "short": sum(one.seconds < 60 and not one.running and not one.gaps for one in found)}


@blueprint.get("/timers")
@requires("time.write")
def timers() -> ResponseReturnValue:
    """The timers that are not saved yet."""
    return render_template("worklog/_timers.html", **_timers(me()))


@blueprint.get("/time")
@requires("time.read")
def time_page() -> ResponseReturnValue:
    """Entries by day; for htmx only the list."""
    who = me()
    wanted = wanted_of(request.args, who)
    rows, minutes = listed(who, wanted), sums(who, wanted)
    kinds = {kind.value: sum(count for (_day, one), count in minutes.items() if one == kind) for kind in BillableKind}
    page = {
        "wanted": wanted,
        "days": _days(rows, minutes),
        "kinds": {kind: count for kind, count in kinds.items() if count},
        "minutes": sum(minutes.values()),
        "cut": len(rows) == LISTED,
        "everybody": wanted.person_id is None,
        "own": wanted.person_id is not None and wanted.person_id == who.person_id,
    }
    if request.headers.get("HX-Request"):
        return render_template("worklog/_list.html", **page)
    customer = _customer_name(who, wanted.customer_id)
    return render_template("worklog/time.html", **page, people=_people(who), customer=customer, **_timers(who))
