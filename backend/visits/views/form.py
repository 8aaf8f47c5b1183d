"""The form of a visit, the same on the board, on the ticket and in the pane, and what it offers and warns of."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict

from backend import clock
from backend.auth import Role, Who, me, requires
from backend.db import session
from backend.errors import Invalid, NotFound
from backend.i18n import _
from backend.people.models import Customer, Person, Site, technicians
from backend.tickets.models import Ticket, tickets_visible_to
from backend.visits import times
from backend.visits.models import BusyBlock, Visit, VisitKind, clashes
from backend.visits.overlaps import BUSY
from backend.visits.views.board import reason
from backend.visits.views.door import blueprint, the_visit, zone_of
from backend.web import form_text

DOORS = ("board", "ticket", "pane")
ZONES = """Europe/Berlin Europe/Vienna Europe/Zurich Europe/London Europe/Dublin Europe/Lisbon Europe/Madrid
Europe/Paris Europe/Brussels Europe/Amsterdam Europe/Rome Europe/Copenhagen Europe/Stockholm Europe/Oslo Europe/Helsinki
Europe/Warsaw Europe/Prague Europe/Budapest Europe/Bucharest Europe/Athens Europe/Istanbul America/New_York
America/Chicago America/Los_Angeles Asia/Dubai Asia/Singapore Asia/Tokyo""".split()
LENGTH = timedelta(hours=1)
OPENS, LAST_START = time(8), time(16)
OFFERED = 12


@dataclass(frozen=True)
class Typed:
    """When, as the form's fields say it; None where a field is empty or makes no sense."""

    start: datetime | None
    end: datetime | None
    timezone: str

    @classmethod
    def read(cls, form: "MultiDict[str, str]", zone: str) -> "Typed":
        """From the fields date, start, end, end_date and timezone; `zone` where none is given."""
        day, last = _day(form_text(form, "date")), _day(form_text(form, "end_date"))
        start, end = _time(form_text(form, "start")), _time(form_text(form, "end"))
        return cls(
            datetime.combine(day, start) if day and start is not None else None,
            datetime.combine(last or day, end) if (last or day) and end is not None else None,  # type: ignore[arg-type]
            form_text(form, "timezone") or zone,
        )

    def whole(self) -> tuple[datetime, datetime]:
        """Start and end. Raises Invalid naming the fields that are missing."""
        wrong = {}
        if self.start is None:
            wrong["start"] = _("Choose the day and when the visit begins.")
        if self.end is None:
            wrong["end"] = _("Choose when the visit ends.")
        if self.start is None or self.end is None:
            raise Invalid(_("Please correct the marked fields."), fields=wrong)
        return self.start, self.end


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return None


def site_of(ticket: Ticket) -> str:
    """Where the ticket's contact sits, on one line; empty when nobody has written it down."""
    found = session.execute(
        select(Site.name, Site.street, Site.postcode, Site.city)
        .join(Person, Person.site_id == Site.id)
        .where(Person.id == (ticket.contact_id or 0))
    ).one_or_none()
    if found is None:
        return ""
    town = " ".join(part for part in (found.postcode, found.city) if part)
    return ", ".join(dict.fromkeys(part for part in (found.name, found.street, town) if part))


def numbered(text: str) -> Ticket | None:
    """The ticket with the number written in a form, if the person may see it; None where none is written.

    Raises Invalid at the field `ticket`.
    """
    digits = text.strip().lstrip("#")
    if not digits:
        return None
    found = None
    if digits.isascii() and digits.isdigit() and len(digits) < 10:
        found = session.scalar(
            tickets_visible_to(me())
            .where(Ticket.number == int(digits))
            .options(joinedload(Ticket.customer), joinedload(Ticket.contact))
        )
    if found is None:
        raise Invalid(_("Please correct the marked fields."), fields={"ticket": _("It is not there any more.")})
    return found


def technician_named(text: str) -> Person:
    """The technician whose id was posted. Raises Invalid at the field `technician`."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    found = session.scalar(technicians().where(Person.id == number))
    if found is None:
        raise Invalid(_("Please correct the marked fields."), fields={"technician": _("Choose who goes there.")})
    return found


def _next_start(now: datetime) -> datetime:
    """The next half hour of a working day, as a wall time."""
    start = now.replace(tzinfo=None, second=0, microsecond=0) + timedelta(minutes=30 - now.minute % 30)
    if start.time() > LAST_START:
        start = datetime.combine(start.date() + timedelta(days=1), OPENS)
    while start.weekday() > 4:
        start = datetime.combine(start.date() + timedelta(days=1), OPENS)
    return max(start, datetime.combine(start.date(), OPENS))


def _offered(chosen: int) -> list[tuple[int, str]]:
    """(id, name) of those who can be sent: technicians first, then others of the desk."""
    rows = session.execute(technicians().with_only_columns(Person.id, Person.name, Person.roles)).all()
    ordered = sorted(rows, key=lambda row: Role.TECHNICIAN not in row.roles)
    return [(row.id, row.name) for row in ordered if Role.TECHNICIAN in row.roles or row.id == chosen]


def _rendered(who: Who, **facts: Any) -> str:
    door = request.args.get("door", "")
    return render_template(
        "visits/_form.html",
        door=door if door in DOORS else "ticket",
        zones=ZONES,
        own_zone=zone_of(who),
        kinds=[kind.value for kind in VisitKind],
        **facts,
    )


@blueprint.get("/visits/new")
@requires("visits.write")
def new_visit() -> ResponseReturnValue:
    """The empty form; `ticket` (number), `customer` (id), `technician` (id) in the address fill it."""
    who = me()
    ticket, zone = numbered(request.args.get("ticket", "")), zone_of(who)
    start = _next_start(clock.local(clock.now(), zone))
    chosen = request.args.get("technician", 0, type=int) or (ticket.assignee_id if ticket else None) or 0
    return _rendered(
        who,
        visit=None,
        ticket=ticket,
        customer=request.args.get("customer", 0, type=int),
        offered=_offered(chosen),
        chosen=chosen,
        start=start,
        end=start + LENGTH,
        timezone=zone,
        place=site_of(ticket) if ticket else "",
    )


@blueprint.get("/visits/<int:number>/form")
@requires("visits.write")
def edit_visit(number: int) -> ResponseReturnValue:
    """The same form with the visit in it."""
    visit = the_visit(number)
    return _rendered(
        me(),
        visit=visit,
        ticket=visit.ticket,
        customer=0,
        offered=_offered(visit.technician_id),
        chosen=visit.technician_id,
        start=visit.start,
        end=visit.end,
        timezone=visit.timezone,
        place=visit.place,
    )


@blueprint.get("/visits/clashes")
@requires("visits.read")
def find_clashes() -> ResponseReturnValue:
    """What is in the way of what stands in the form; nothing as long as it is not whole."""
    who, typed = me(), Typed.read(request.args, zone_of(me()))
    technician = request.args.get("technician", 0, type=int)
    if typed.start is None or typed.end is None or not 0 < technician < 2**31:
        return ""
    try:
        starts_at, ends_at = times.span(typed.start, typed.end, typed.timezone)
    except Invalid:
        return ""
    asked = Visit(technician_id=technician, starts_at=starts_at, ends_at=ends_at)
    asked.id = min(max(request.args.get("visit", 0, type=int), 0), 2**31 - 1)
    visits, busy = clashes(asked)
    found: list[Visit | BusyBlock] = [*visits, *(block for block in busy if block.status in BUSY)]
    return render_template("visits/_clashes.html", found=[reason(one, zone_of(who)) for one in found])


@blueprint.get("/visits/tickets")
@requires("visits.write")
def find_tickets() -> ResponseReturnValue:
    """Options of the search for the ticket of a visit: open ones whose number, title or customer holds `q`."""
    typed = request.args.get("q", "").replace("\x00", "").strip().lstrip("#").lower()[:100]
    customer = request.args.get("customer", 0, type=int)
    pattern = "%" + typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    query = (
        tickets_visible_to(me())
        .outerjoin(Customer, Customer.id == Ticket.customer_id)
        .with_only_columns(Ticket.number, Ticket.subject, Customer.name.label("customer"))
        .where(~Ticket.closed)
    )
    if customer:
        query = query.where(Ticket.customer_id == min(max(customer, 0), 2**31 - 1))
    if typed.isdecimal() and len(typed) < 10:
        query = query.where(Ticket.number == int(typed))
    elif typed:
        query = query.where(or_(func.lower(Ticket.subject).like(pattern), func.lower(Customer.name).like(pattern)))
    rows = session.execute(query.order_by(Ticket.updated_at.desc(), Ticket.id.desc()).limit(OFFERED))
    return render_template("visits/_tickets.html", found=rows.all(), customer=customer)


def required(ticket: Ticket | None) -> Ticket:
    """The ticket, where one is needed. Raises NotFound."""
    if ticket is None:
        raise NotFound(_("There is nothing here. It may have been moved, or the address is incomplete."))
    return ticket
