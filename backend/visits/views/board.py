"""The board: who is where in a week or on a day, what is in the way, and how much is planned for whom."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select
from werkzeug.datastructures import MultiDict

from backend import clock
from backend.auth import Role, Who, me, requires
from backend.db import session
from backend.i18n import _
from backend.jobs import later
from backend.people.models import Person, Team, TeamMember
from backend.ui.answers import looked_again
from backend.visits import words
from backend.visits.models import BusyBlock, Published, Visit, VisitKind, busy_between, visits_between
from backend.visits.overlaps import overlaps
from backend.visits.views.door import blueprint, zone_of
from backend.visits.views.unplanned import unplanned
from backend.visits.weeks import (
    Piece,
    day_named,
    hours_shown,
    monday_of,
    pieces,
    side_by_side,
    week_name,
    week_named,
)

WORKDAYS = 5
LOOKS = {VisitKind.REMOTE: "ev-2", VisitKind.BLOCK: "ev-3"}
REASONS = 3  # that are named of all that is in the way


@dataclass(frozen=True)
class Shown:
    """Which days and whose, read from the address and written back into it."""

    zone: str
    moment: datetime
    first: date
    whole_week: bool
    team: int

    @classmethod
    def read(cls, asked: "MultiDict[str, str]", who: Who) -> "Shown":
        """What the query `asked` means for `who`; what makes no sense means today."""
        zone, now = zone_of(who), clock.now()
        today = clock.local(now, zone).date()
        day = day_named(asked.get("day", ""))
        team = asked.get("team", 0, type=int)
        first = day or week_named(asked.get("week", "")) or monday_of(today)
        if not date(2000, 1, 3) <= first < date(2200, 1, 1):
            day, first = None, monday_of(today)
        return cls(zone, now, first, day is None, team if 0 < team < 2**31 else 0)

    @property
    def today(self) -> date:
        """The present day in the board's zone."""
        return clock.local(self.moment, self.zone).date()

    @property
    def monday(self) -> date:
        """The Monday of the days shown."""
        return monday_of(self.first)

    @property
    def week(self) -> str:
        """The week as addresses name it."""
        return week_name(self.first)

    @property
    def days(self) -> list[date]:
        """The days of the week, the weekend included, or the one day."""
        return [self.first + timedelta(days=number) for number in range(7 if self.whole_week else 1)]

    @property
    def since(self) -> datetime:
        """The beginning of the first day."""
        return datetime.combine(self.first, time(), ZoneInfo(self.zone))

    @property
    def until(self) -> datetime:
        """The end of the last day."""
        return datetime.combine(self.days[-1] + timedelta(days=1), time(), ZoneInfo(self.zone))

    def address(self, *, day: date | None = None, week: date | None = None, team: int | None = None) -> str:
        """The board's address with one thing changed."""
        if day is None and week is None:
            day, week = (None, self.first) if self.whole_week else (self.first, None)
        query: dict[str, Any] = {"day": day.isoformat()} if day else {"week": week_name(week or self.first)}
        chosen = self.team if team is None else team
        return "/board?" + urlencode({**query, **({"team": chosen} if chosen else {})})

    @property
    def neighbours(self) -> tuple[str, str]:
        """Addresses of the time before and after."""
        step = timedelta(days=7 if self.whole_week else 1)
        if self.whole_week:
            return self.address(week=self.first - step), self.address(week=self.first + step)
        return self.address(day=self.first - step), self.address(day=self.first + step)

    @property
    def now_address(self) -> str:
        """The address of this week or day."""
        return self.address(week=self.today) if self.whole_week else self.address(day=self.today)


@dataclass
class Cell:
    """One technician's day."""

    technician: Any
    day: date
    busy: list[Piece[BusyBlock]] = field(default_factory=list)
    visits: list[Piece[Visit]] = field(default_factory=list)


@dataclass
class Row:
    """One technician's days."""

    technician: Any
    cells: list[Cell]
    minutes: int = 0  # planned on these days


def visit_name(visit: Visit) -> str:
    """What a card is called: the customer, else the ticket, else the sort of visit."""
    if visit.ticket is None:
        return words.kind_name(visit.kind)
    return visit.ticket.customer.name if visit.ticket.customer else visit.ticket.subject


def reason(other: Visit | BusyBlock, zone: str) -> str:
    """Why something is in the way, without saying what a busy time is about."""
    span = words.times(clock.local(other.starts_at, zone), clock.local(other.ends_at, zone))
    if isinstance(other, Visit):
        return _("Overlaps with %(name)s, %(times)s", name=visit_name(other), times=span)
    return _("%(state)s in Outlook, %(times)s", state=words.busy_name(other.status), times=span)


def version(visit: Visit) -> str:
    """Where a visit stands, as the page knows it: who moves what has moved meanwhile is told so."""
    return f"{visit.technician_id}.{visit.starts_at.timestamp():.0f}.{visit.ends_at.timestamp():.0f}"


def _technicians(shown: Shown, planned: set[int]) -> list[Any]:
    """Those who can be sent, and whoever has a visit on these days; of the team, if one is chosen."""
    query = select(Person.id, Person.name).where(
        or_(Person.active & Person.roles.contains([Role.TECHNICIAN]), Person.id.in_(planned))
    )
    if shown.team:
        query = query.where(Person.id.in_(select(TeamMember.person_id).where(TeamMember.team_id == shown.team)))
    return list(session.execute(query.order_by(Person.name, Person.id)))


def _rows(shown: Shown, technicians: list[Any], visits: list[Visit], busy: list[BusyBlock]) -> list[Row]:
    laid: dict[tuple[int, date], list[Piece[Visit]]] = defaultdict(list)
    taken: dict[tuple[int, date], list[Piece[BusyBlock]]] = defaultdict(list)
    minutes: dict[int, int] = defaultdict(int)
    for visit in visits:
        for piece in pieces(visit, visit.starts_at, visit.ends_at, shown.zone, shown.days):
            laid[visit.technician_id, piece.day].append(piece)
            minutes[visit.technician_id] += piece.minutes
    for block in busy:
        for part in pieces(block, block.starts_at, block.ends_at, shown.zone, shown.days):
            taken[block.person_id, part.day].append(part)
    worked = {day for _person, day in laid}
    days = [day for number, day in enumerate(shown.days) if number < WORKDAYS or day in worked or not shown.whole_week]
    return [
        Row(
            one,
            [Cell(one, day, side_by_side(taken[one.id, day]), side_by_side(laid[one.id, day])) for day in days],
            minutes[one.id],
        )
        for one in technicians
    ]


def drawn(shown: Shown, who: Who) -> dict[str, Any]:
    """All that the board shows of these days, as its templates want it."""
    visits = visits_between(who, shown.since, shown.until)
    busy = busy_between(shown.since, shown.until)
    technicians = _technicians(shown, {visit.technician_id for visit in visits})
    here = {one.id for one in technicians}
    visits = [visit for visit in visits if visit.technician_id in here]
    rows = _rows(shown, technicians, visits, busy)
    first, last = hours_shown(piece for row in rows for cell in row.cells for piece in cell.visits)
    reasons = {
        key: [reason(other, shown.zone) for other in others[:REASONS]] for key, others in overlaps(visits, busy).items()
    }
    now = clock.local(shown.moment, shown.zone)
    return {
        "shown": shown,
        "rows": rows,
        "days": [cell.day for cell in rows[0].cells] if rows else shown.days[:WORKDAYS],
        "hours": (first, last),
        "axis": [hour for hour in range(first, last) if (hour - 8) % (4 if shown.whole_week else 1) == 0],
        "reasons": reasons,
        "failed": {visit.id for visit in visits if visit.published == Published.FAILED},
        "looks": LOOKS,
        "name_of": visit_name,
        "version": version,
        "local": lambda moment: clock.local(moment, shown.zone),
        "now": now.hour * 60 + now.minute,
        "teams": list(session.execute(select(Team.id, Team.name).order_by(Team.name))),
    }


@blueprint.get("/board")
@requires("visits.read")
def board() -> ResponseReturnValue:
    """The page; for htmx only the part with the days, which the page includes."""
    who = me()
    shown = Shown.read(request.args, who)
    if request.headers.get("HX-Request"):
        return render_template("visits/_board.html", **drawn(shown, who))
    return render_template("visits/board.html", **drawn(shown, who), **unplanned(who, ""))


@blueprint.post("/board/look")
@requires("visits.read")
def look() -> ResponseReturnValue:
    """Somebody has these days before their eyes: Outlook is asked anew who is free when."""
    shown = Shown.read(request.form, me())
    monday = shown.monday.isoformat()
    later("visits.look_busy_week", once=f"visits.busy:{monday}", since=monday)
    return looked_again()
