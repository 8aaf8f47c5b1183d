"""Sub-tickets, linked tickets and the people who take part: what hangs on a ticket hangs on the one that goes on."""

from typing import Any

from sqlalchemy import Integer, delete, insert, literal, or_, select
from sqlalchemy.dialects.postgresql import insert as insert_unless_there

from backend import clock
from backend.auth import Who
from backend.db import session
from backend.merging.models import MovedRow, TicketMerge
from backend.tickets.actions import locked, record
from backend.tickets.models import Ticket
from backend.writing.models import Participant

# Under which name it is written down that a ticket was carried over, and as what it hangs on the other one.
_HANGING = {"sub-tickets": "parent", "incidents": "problem"}
_PEOPLE = "ticket_participants"


def relatives_of(ticket_id: int) -> list[int]:
    """The sub-tickets of a ticket and those that are linked to it, which its merge carries over."""
    hangs = or_(Ticket.parent_id == ticket_id, Ticket.problem_id == ticket_id)
    return list(session.scalars(select(Ticket.id).where(hangs)))


def moved_relatives(merge: TicketMerge) -> list[int]:
    """Those that `merge` has carried over."""
    rows = select(MovedRow.row_id).where(MovedRow.merge_id == merge.id, MovedRow.table_name.in_(_HANGING))
    return list(session.scalars(rows))


def lock_all(*ticket_ids: int) -> None:
    """Locks these tickets as far as they are there, in the one order in which everybody locks several."""
    there = select(Ticket.id).where(Ticket.id.in_(ticket_ids)).order_by(Ticket.id)
    for ticket_id in session.scalars(there).all():
        locked(ticket_id)


def _column(name: str) -> Any:
    return getattr(Ticket, f"{_HANGING[name]}_id")


def take_family_along(merge: TicketMerge, source: Ticket, target: Ticket, actor: Who) -> None:
    """What hangs on `source` hangs on `target` from now on; written down, so that exactly that comes back."""
    for name in _HANGING:
        moved = list(session.scalars(select(Ticket.id).where(_column(name) == source.id, Ticket.id != target.id)))
        _hang(name, moved, source, target, actor)
        session.add_all(MovedRow(merge_id=merge.id, table_name=name, row_id=one) for one in moved)


def bring_family_back(merge: TicketMerge, source: Ticket, survivor: Ticket, actor: Who) -> None:
    """What `merge` has carried over and still hangs on `survivor` goes back; later merges have not moved it then."""
    for name in _HANGING:
        rows = select(MovedRow.row_id).where(MovedRow.merge_id == merge.id, MovedRow.table_name == name)
        back = list(session.scalars(select(Ticket.id).where(_column(name) == survivor.id, Ticket.id.in_(rows))))
        _hang(name, back, survivor, source, actor)
        later_ones = MovedRow.merge_id > merge.id, MovedRow.table_name == name
        session.execute(delete(MovedRow).where(*later_ones, MovedRow.row_id.in_(back)))


def _hang(name: str, ticket_ids: list[int], before: Ticket, after: Ticket, actor: Who) -> None:
    verb = _HANGING[name]
    for ticket in session.scalars(select(Ticket).where(Ticket.id.in_(ticket_ids)).order_by(Ticket.id)).all():
        setattr(ticket, f"{verb}_id", after.id)
        ticket.updated_at = clock.now()
        record(ticket, actor, verb, before=f"#{before.number}", after=f"#{after.number}")
    session.flush()


def draw_in(merge: TicketMerge, source: Ticket, target: Ticket) -> None:
    """Who takes part in `source` gets the later updates of `target` too, unless that is another customer's."""
    if source.customer_id != target.customer_id:
        return
    columns = (Participant.address, Participant.name, Participant.added_at)
    people = select(literal(target.id, Integer), *columns).where(Participant.ticket_id == source.id)
    added = (
        insert_unless_there(Participant)
        .from_select(["ticket_id", "address", "name", "added_at"], people.order_by(Participant.id))
        .on_conflict_do_nothing()
        .returning(Participant.id)
        .cte("added")
    )
    noted = select(literal(merge.id, Integer), literal(_PEOPLE), added.c.id)
    session.execute(insert(MovedRow).from_select(["merge_id", "table_name", "row_id"], noted))


def leave_out_again(merge: TicketMerge) -> None:
    """Whom `merge` drew in gets the updates of the other ticket no longer; on their own they take part still."""
    rows = select(MovedRow.row_id).where(MovedRow.merge_id == merge.id, MovedRow.table_name == _PEOPLE)
    session.execute(delete(Participant).where(Participant.id.in_(rows)))
