"""Merging tickets, deleting them, and both ways back."""

from sqlalchemy import select

from backend.api import named
from backend.api import tickets as shown
from backend.api.operation import operation
from backend.api.shapes.merging import DeletedOut, DeleteQuery, MergeIn
from backend.api.shapes.tickets import TicketOut
from backend.auth import me, requires
from backend.db import session
from backend.deletion.actions import delete, restore
from backend.deletion.missing import missing
from backend.deletion.models import DeletedTicket, tombstone
from backend.errors import Invalid
from backend.i18n import _
from backend.merging.actions import merge, undo
from backend.tickets.models import Ticket, tickets_visible_to


def _read(number: int) -> TicketOut:
    session.flush()
    found = shown.one(number)
    if found is None:
        raise missing(number, me())
    return found


@operation(
    "POST", "/tickets/{number}/merge", tag="tickets", answer=TicketOut, body=MergeIn, problems=(404, 409)
)  # fmt: skip
@requires("tickets.write")
def merge_ticket(number: int, body: MergeIn) -> TicketOut:
    """Merges a ticket into another one, and answers with the one that goes on.

    Messages, chats and visits move there; the ticket is closed, keeps its number and says `merged_into`. Mail to it
    arrives where it goes on. Merging it there once more changes nothing.
    """
    source = named.ticket(number)
    target = session.scalar(tickets_visible_to(me()).where(Ticket.number == body.into))
    if target is None:
        sentence = _("There is no ticket #%(number)s.", number=body.into)
        raise Invalid(_("Please correct the marked fields."), fields={"into": sentence})
    return _read(merge(source.id, target.id, me(), confirmed=body.confirmed).number)


@operation("POST", "/tickets/{number}/unmerge", tag="tickets", answer=TicketOut, problems=(404, 409))
@requires("tickets.write")
def unmerge_ticket(number: int) -> TicketOut:
    """Takes back that a ticket was merged: what was moved returns, what came afterwards stays.

    A ticket that is not merged stays as it is.
    """
    return _read(undo(named.ticket(number).id, me()).number)


def _left(number: int) -> DeletedOut | None:
    session.flush()
    row = session.scalar(select(DeletedTicket).where(DeletedTicket.number == number))
    if row is None:
        return None
    return DeletedOut(
        number=row.number,
        deleted_with=row.with_number,
        deleted_by=row.deleted_by,
        deleted_at=row.deleted_at,
        restorable=row.emptied_at is None,
    )


@operation(
    "DELETE", "/tickets/{number}", tag="tickets", answer=DeletedOut, query=DeleteQuery, problems=(404, 409)
)  # fmt: skip
@requires("tickets.delete")
def delete_ticket(number: int, query: DeleteQuery) -> DeletedOut:
    """Deletes a ticket with all that stands on it; for 30 days it can be brought back.

    Its number is never used again, and mail of it is not taken in again. Deleting it once more changes nothing.
    One of which anything was billed stays (422), and so does, without `unbilled`, one with work to be billed.
    """
    left = _left(number)
    if left is None:
        delete(named.ticket(number).id, me(), unbilled_too=query.unbilled)
        left = _left(number)
    assert left is not None
    return left


@operation("POST", "/tickets/{number}/restore", tag="tickets", answer=TicketOut, problems=(404, 409))
@requires("tickets.delete")
def restore_ticket(number: int) -> TicketOut:
    """Brings a deleted ticket back, and what was deleted with it. One that is there stays as it is."""
    if tombstone(number, me()) is not None:
        restore(number, me())
    return _read(number)
