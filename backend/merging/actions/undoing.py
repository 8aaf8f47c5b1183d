"""Taking a merge back: only what it has moved goes back; what came afterwards stays."""

from sqlalchemy import select, update

from backend import clock
from backend.auth import Who
from backend.chat.models import Chat, ChatState
from backend.db import session
from backend.errors import Conflict
from backend.i18n import _
from backend.merging.actions.family import bring_family_back, leave_out_again, lock_all, moved_relatives
from backend.merging.actions.moving import below, bring_back, make_whole, show
from backend.merging.models import MovedRow, TicketMerge, standing_merge
from backend.tickets.actions import change, editable, index_again, record, stand_in, still_to_come
from backend.tickets.models import Status, StatusKind, Ticket, status_of_kind


def undo(source_id: int, actor: Who) -> Ticket:
    """`actor` takes back that a ticket was merged into another one; what was merged into it before comes along.

    Of a chain, each merge can be taken back by itself. A ticket that is not merged stays as it is. Raises Conflict
    when others have merged it anew meanwhile.
    """
    seen = standing_merge(source_id)
    if seen is None:
        return session.get_one(Ticket, source_id)
    _hold_chats(seen)
    survivor_id = session.scalar(select(Ticket.merged_into_id).where(Ticket.id == source_id))
    lock_all(source_id, *([survivor_id] if survivor_id is not None else []), *moved_relatives(seen))
    source, row = session.get_one(Ticket, source_id), standing_merge(source_id)
    if row is None:
        return source
    if row.id != seen.id or survivor_id is None or source.merged_into_id != survivor_id:
        raise Conflict(_("Somebody else has just changed the same thing. Please try again."))
    survivor = session.get_one(Ticket, survivor_id)
    for ticket in (source, survivor):
        editable(ticket, actor)
    bring_back(row, source, survivor)
    bring_family_back(row, source, survivor, actor)
    leave_out_again(row)
    row.undone_at = clock.now()
    session.flush()
    _lead(source.id)
    make_whole(source, survivor)
    for ticket in (source, survivor):
        index_again(ticket)
    _restore(row, source, survivor, actor)
    show(row)
    return source


def _hold_chats(row: TicketMerge) -> None:
    moved = select(MovedRow.row_id).where(MovedRow.merge_id == row.id, MovedRow.table_name == "chats")
    running = select(Chat.id).where(Chat.id.in_(moved), Chat.state != ChatState.ENDED)
    session.execute(running.order_by(Chat.id).with_for_update(key_share=True)).all()


def _lead(source_id: int) -> None:
    """The source goes on by itself, and for what was merged into it."""
    for ids, into in (([source_id], None), (below(source_id), source_id)):
        session.execute(
            update(Ticket)
            .where(Ticket.id.in_(ids))
            .values(merged_into_id=into)
            .execution_options(synchronize_session=False)
        )


def _restore(row: TicketMerge, source: Ticket, survivor: Ticket, actor: Who) -> None:
    """Status, turn and order as before the merge; the order only where nobody has chosen another one since."""
    if row.order_id is not None and survivor.id == row.target_id and survivor.order_id == row.order_id:
        change(survivor, actor, order=None)
    status = session.get(Status, row.status_id) if row.status_id is not None else None
    stand_in(source, actor, status or status_of_kind(StatusKind.OPEN))
    source.activity_status = row.activity_status
    if status is not None and status.kind == StatusKind.PENDING and still_to_come(row.pending_until):
        source.pending_until = row.pending_until
    record(source, actor, "unmerged", before=f"#{survivor.number}", merge_id=row.id)
    record(survivor, actor, "unmerged_from", before=f"#{source.number}", merge_id=row.id)
    session.flush()
