"""Visits."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, select, tuple_

from backend.api import cursor, keyed, named
from backend.api.operation import Listed, Put, operation
from backend.api.shapes.values import CustomerRef, PersonRef
from backend.api.shapes.visits import VisitIn, VisitOut, VisitPatch, VisitsQuery
from backend.auth import me, requires
from backend.db import session
from backend.errors import Invalid, NotFound
from backend.i18n import _
from backend.people.models import EmailAddress
from backend.tickets.models import Ticket, tickets_visible_to
from backend.visits import actions
from backend.visits.models import Published, Response, Visit, VisitKind, VisitState, visits_visible_to


def _shape(visit: Visit) -> VisitOut:
    ticket, technician = visit.ticket, visit.technician
    customer = ticket.customer if ticket is not None else None
    return VisitOut(
        id=visit.id,
        ticket=ticket.number if ticket is not None else None,
        customer=CustomerRef(key=customer.key, name=customer.name) if customer is not None else None,
        technician=PersonRef(key=technician.key, name=technician.name, email=technician.mail),
        kind=VisitKind(visit.kind),
        state=VisitState(visit.state),
        start=visit.start.isoformat(timespec="minutes" if not visit.start.second else "seconds"),
        end=visit.end.isoformat(timespec="minutes" if not visit.end.second else "seconds"),
        timezone=visit.timezone,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        place=visit.place,
        note=visit.note,
        customer_note=visit.customer_note,
        calendar=Published(visit.published),
        error=_(visit.error) if visit.error else "",
        customer_response=Response(visit.customer_response) if visit.customer_response else None,
        told_at=visit.told_at,
        created_at=visit.created_at,
        updated_at=visit.updated_at,
    )


def _one(visit_id: int, *, lock: bool = False) -> Visit:
    query = visits_visible_to(me()).where(Visit.id == visit_id).execution_options(populate_existing=True)
    found = session.scalar(query.with_for_update(of=Visit) if lock else query)
    if found is None:
        raise NotFound(_("There is no such visit."))
    return found


def _read(visit_id: int) -> VisitOut:
    session.flush()
    return _shape(_one(visit_id))


def _ticket(number: int | None) -> Ticket | None:
    if number is None:
        return None
    found = session.scalar(tickets_visible_to(me()).where(Ticket.number == number))
    if found is None:
        sentence = _("There is no ticket #%(number)s.", number=number)
        raise Invalid(_("Please correct the marked fields."), fields={"ticket": sentence})
    return found


def _narrowed(wanted: Select[Visit], query: VisitsQuery) -> Select[Visit]:
    if query.ticket is not None:
        wanted = wanted.where(Ticket.number == query.ticket)
    if query.technician is not None:
        owner = select(EmailAddress.person_id).where(EmailAddress.address == query.technician)
        wanted = wanted.where(Visit.technician_id.in_(owner))
    if query.from_ is not None:
        wanted = wanted.where(Visit.ends_at > query.from_)
    if query.to is not None:
        wanted = wanted.where(Visit.starts_at < query.to)
    if query.state is not None:
        wanted = wanted.where(Visit.state == query.state)
    return wanted


@operation("GET", "/visits", tag="visits", answer=VisitOut, many=True, query=VisitsQuery)
@requires("visits.read")
def list_visits(query: VisitsQuery) -> Listed:
    """Visits, the earliest first, cancelled ones too."""
    wanted = _narrowed(visits_visible_to(me()), query).order_by(Visit.starts_at, Visit.id)
    if query.cursor:
        moment, last_id = cursor.unseal("visits", query.cursor)
        position = tuple_(datetime.fromisoformat(str(moment)), last_id)
        wanted = wanted.where(tuple_(Visit.starts_at, Visit.id) > position)
    rows = list(session.scalars(wanted.limit(query.limit + 1)))
    page, more = rows[: query.limit], ""
    if len(rows) > len(page):
        more = cursor.seal("visits", page[-1].starts_at.isoformat(), page[-1].id)
    return Listed([_shape(visit) for visit in page], more)


@operation(
    "POST", "/visits", tag="visits", answer=VisitOut, statuses=(201,), body=VisitIn, keyed=True, problems=(409,)
)  # fmt: skip
@requires("visits.write")
def create_visit(body: VisitIn) -> Put:
    """Plans a visit.

    It is put into the technician's calendar, and the ticket's contact gets an invitation by e-mail (no block does).
    That the technician is taken at that time is no hindrance. With the header Idempotency-Key the same request sent
    again plans no second visit and is answered with the first.
    """
    done = keyed.earlier()
    if done is not None:
        return Put(_read(int(done)), created=True, replayed=True)
    technician = named.assignee(body.technician, "technician")
    assert technician is not None
    visit = actions.schedule(
        me(),
        ticket=_ticket(body.ticket),
        technician=technician,
        start=body.start,
        end=body.end,
        timezone=body.timezone,
        kind=VisitKind(body.kind),
        place=body.place,
        note=body.note,
        customer_note=body.customer_note,
    )
    keyed.keep(str(visit.id))
    return Put(_read(visit.id), created=True)


@operation("GET", "/visits/{visit}", tag="visits", answer=VisitOut, problems=(404,))
@requires("visits.read")
def get_visit(visit: int) -> VisitOut:
    """One visit."""
    return _read(visit)


@operation("PATCH", "/visits/{visit}", tag="visits", answer=VisitOut, body=VisitPatch, problems=(404, 409))
@requires("visits.write")
def change_visit(visit: int, body: VisitPatch) -> VisitOut:
    """Moves or changes a visit: what is named, the rest stays.

    What is already so is left alone: calendar and customer hear of real changes only. A cancelled visit stays so (409).
    """
    found = _one(visit, lock=True)
    given: dict[str, Any] = {
        name: getattr(body, name) for name in VisitPatch.model_fields if name in body.model_fields_set
    }
    if "technician" in given:
        given["technician"] = named.assignee(cast(str, given["technician"]), "technician")
    actions.move(found, me(), **given)
    return _read(visit)


@operation("DELETE", "/visits/{visit}", tag="visits", answer=VisitOut, problems=(404,))
@requires("visits.write")
def cancel_visit(visit: int) -> VisitOut:
    """Calls a visit off.

    It leaves the calendar, the customer is told, and it stays here as cancelled. Called off twice it is as once.
    """
    actions.cancel(_one(visit, lock=True), me())
    return _read(visit)
