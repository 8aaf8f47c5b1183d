"""Worked time and timers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import joinedload

from backend import clock
from backend.api import cursor, keyed, named
from backend.api.operation import Listed, Put, operation
from backend.api.shapes.values import CustomerRef, PageQuery, PersonRef
from backend.api.shapes.worklog import TimeIn, TimeOut, TimePatch, TimeQuery, TimerOut, TimersQuery, given_of
from backend.auth import me, requires
from backend.db import session
from backend.errors import Invalid, NotFound
from backend.i18n import _
from backend.people.models import EmailAddress
from backend.tickets.models import Ticket
from backend.worklog import actions
from backend.worklog.clocks import clocks
from backend.worklog.models import BillableKind, TimeEntry, entries_visible_to


def _time(entry: TimeEntry) -> TimeOut:
    customer, person, amount = entry.ticket.customer, entry.person, entry.amount
    return TimeOut(
        id=entry.id,
        ticket=entry.ticket.number,
        customer=CustomerRef(key=customer.key, name=customer.name) if customer is not None else None,
        person=PersonRef(key=person.key, name=person.name, email=person.mail),
        date=entry.worked_on,
        start=entry.start.strftime("%H:%M") if entry.start is not None else None,
        minutes=entry.minutes,
        kind=BillableKind(entry.kind),
        rate=float(entry.rate) if entry.rate is not None else None,
        currency=entry.currency,
        amount=float(amount) if amount is not None else None,
        text=entry.text,
        from_timer=entry.timer_id is not None,
        billed_at=entry.billed_at,
        created_at=entry.created_at,
        updated_at=entry.updated_at,
    )


def _entries(*, deleted: bool = False) -> Select[TimeEntry]:
    loaded = (joinedload(TimeEntry.ticket).joinedload(Ticket.customer), joinedload(TimeEntry.person))
    return entries_visible_to(me(), deleted=deleted).options(*loaded)


def _entry(entry_id: int, *, lock: bool = False, deleted: bool = False) -> TimeEntry:
    session.flush()
    if lock:
        actions.ticket_first(entries_visible_to(me(), deleted=True).where(TimeEntry.id == entry_id))
    query = _entries(deleted=deleted).where(TimeEntry.id == entry_id).execution_options(populate_existing=True)
    found = session.scalar(query.with_for_update(of=TimeEntry) if lock else query)
    if found is None:
        raise NotFound(_("This entry is no longer there."))
    return found


@contextmanager
def _dated() -> Iterator[None]:
    """Has what is wrong with the day said of the field as the API calls it."""
    try:
        yield
    except Invalid as error:
        fields = {"date" if name == "worked_on" else name: said for name, said in error.fields.items()}
        raise Invalid(error.message, fields=fields) from error


def _page(wanted: Select[TimeEntry], query: PageQuery, purpose: str) -> Listed:
    wanted = wanted.order_by(TimeEntry.worked_on, TimeEntry.id)
    if query.cursor:
        last_day, last_id = cursor.unseal(purpose, query.cursor)
        day = date.fromisoformat(str(last_day))
        wanted = wanted.where(tuple_(TimeEntry.worked_on, TimeEntry.id) > tuple_(day, last_id))
    rows = list(session.scalars(wanted.limit(query.limit + 1)))
    page, more = rows[: query.limit], ""
    if len(rows) > len(page):
        more = cursor.seal(purpose, page[-1].worked_on.isoformat(), page[-1].id)
    return Listed([_time(entry) for entry in page], more)


@operation("GET", "/time", tag="time", answer=TimeOut, many=True, query=TimeQuery)
@requires("time.read")
def list_time(query: TimeQuery) -> Listed:
    """Worked time of all tickets, the earliest day first."""
    wanted = _entries()
    if query.ticket is not None:
        wanted = wanted.where(Ticket.number == query.ticket)
    if query.person is not None:
        owner = select(EmailAddress.person_id).where(EmailAddress.address == query.person)
        wanted = wanted.where(TimeEntry.person_id.in_(owner))
    if query.customer is not None:
        wanted = wanted.where(Ticket.customer_id == named.customer(query.customer).id)
    if query.from_ is not None:
        wanted = wanted.where(TimeEntry.worked_on >= query.from_)
    if query.to is not None:
        wanted = wanted.where(TimeEntry.worked_on <= query.to)
    return _page(wanted, query, "time")


@operation(
    "GET", "/tickets/{number}/time", tag="time", answer=TimeOut, many=True, query=PageQuery, problems=(404,)
)  # fmt: skip
@requires("time.read")
def list_ticket_time(number: int, query: PageQuery) -> Listed:
    """Worked time of one ticket, the earliest day first."""
    ticket = named.ticket(number)
    return _page(_entries().where(TimeEntry.ticket_id == ticket.id), query, f"time of {ticket.id}")


@operation(
    "POST", "/tickets/{number}/time", tag="time", answer=TimeOut, statuses=(201,), body=TimeIn, keyed=True,
    problems=(404, 409),
)  # fmt: skip
@requires("time.write")
def create_time(number: int, body: TimeIn) -> Put:
    """Notes worked time on a ticket.

    With the header Idempotency-Key the same request sent again notes it once and is answered with the first.
    """
    ticket = named.ticket(number, lock=True)
    done = keyed.earlier()
    if done is not None:
        return Put(_time(_entry(int(done), deleted=True)), created=True, replayed=True)
    person = named.assignee(body.person, "person")
    assert person is not None
    with _dated():
        entry = actions.note_time(
            ticket,
            me(),
            person_id=person.id,
            worked_on=body.date,
            start=body.start,
            minutes=body.minutes,
            kind=body.kind,
            rate=body.rate,
            by_contract="rate" not in body.model_fields_set,
            currency=body.currency or "",
            text=body.text,
        )
    keyed.keep(str(entry.id))
    return Put(_time(_entry(entry.id)), created=True)


@operation("GET", "/time/{entry}", tag="time", answer=TimeOut, problems=(404,))
@requires("time.read")
def get_time(entry: int) -> TimeOut:
    """One time entry."""
    return _time(_entry(entry))


@operation("PATCH", "/time/{entry}", tag="time", answer=TimeOut, body=TimePatch, problems=(404, 409))
@requires("time.write")
def patch_time(entry: int, body: TimePatch) -> TimeOut:
    """Changes a time entry: what is named, the rest stays. What has been billed stays as it is (409)."""
    found, given = _entry(entry, lock=True), given_of(body)
    if "date" in given:
        given["worked_on"] = given.pop("date")
    with _dated():
        actions.change_time(found, me(), **given)
    return _time(_entry(entry))


@operation("DELETE", "/time/{entry}", tag="time", answer=TimeOut, problems=(404, 409))
@requires("time.write")
def delete_time(entry: int) -> TimeOut:
    """Deletes a time entry. Deleted twice it is as once; what has been billed stays (409)."""
    found = _entry(entry, lock=True, deleted=True)
    actions.remove_time(found, me())
    return _time(_entry(entry, deleted=True))


@operation("GET", "/timers", tag="time", answer=TimerOut, many=True, query=TimersQuery)
@requires("time.read")
def list_timers(query: TimersQuery) -> Listed:
    """The timers of one of the provider's people: the running one first, then those that are paused."""
    person = named.assignee(query.person, "person")
    found = clocks(me(), person.id if person is not None else 0, clock.now())
    found = [one for one in found if not one.hidden]
    return Listed(
        [
            TimerOut(
                ticket=one.number,
                subject=one.subject,
                running=one.running,
                seconds=one.seconds,
                unsure_seconds=sum(gap.seconds for gap in one.gaps),
            )
            for one in found
        ]
    )
